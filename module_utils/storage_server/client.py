"""The store behind an endpoint: the protocol of store.py, on the SDK.

Nothing else imports the SDK. Its own pool repeats failed requests five times and then hides the server's message, so
the adapter brings one that does not repeat and does not wait for long. Waiting is the business of who asks.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import ParseError

import minio
import urllib3
from minio.commonconfig import Tags
from minio.credentials.providers import StaticProvider
from minio.crypto import decrypt
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioAdminException, S3Error, ServerError
from minio.objectlockconfig import ObjectLockConfig

from .bucket_settings import NOTHING, lifecycle_xml, policy_document, read, versioning_xml
from .connection import Connection
from .errors import AccessDeniedError, CredentialsError, MissingError, ReadOnlyError, StoreError, UnreachableError
from .iam import IamRequests
from .sealing import seal
from .store import Answer, Store

NODE_HEADER = "X-Storage-Node"
CONNECT_TIMEOUT = 3.0
# Longer than the two times ten seconds for which a node waits for peers that hang.
READ_TIMEOUT = 25.0


class MinioStore(IamRequests):
    """The store behind an endpoint."""

    def __init__(self, connection: Connection, *, read_only: bool) -> None:
        self.read_only = read_only
        self._connection = connection
        self._pool = _pool(connection)
        self._s3 = self._client(connection.access_key, connection.secret_key)
        self._admin = minio.MinioAdmin(
            endpoint=connection.address,
            credentials=StaticProvider(connection.access_key, connection.secret_key),
            region=connection.region,
            secure=connection.secure,
            http_client=self._pool,
        )

    def at(self, node: str) -> Store:
        return MinioStore(replace(self._connection, node=node), read_only=self.read_only)

    def accepts(self, access_key: str, secret_key: str) -> bool:
        try:
            with self._doing("try other credentials"):
                self._client(access_key, secret_key).list_buckets()
        except CredentialsError:
            return False
        except AccessDeniedError as error:
            # Known, only not allowed to list. A gateway that lets nobody in is no answer to the question.
            if not error.request_id:
                raise
        return True

    def probe(self, path: str) -> Answer:
        with self._doing(f"ask for {path}"):
            response = self._pool.request("GET", f"{self._connection.url}{path}", redirect=False)
            return Answer(response.status, {name.lower(): value for name, value in response.headers.items()})

    def info(self) -> dict[str, Any]:
        with self._doing("read the state of the servers"):
            answer: dict[str, Any] = json.loads(self._admin.info())
            return answer

    def buckets(self) -> list[str]:
        with self._doing("list the buckets"):
            return sorted(bucket.name for bucket in self._s3.list_buckets())

    def make_bucket(self, bucket: str, *, object_lock: bool = False) -> None:
        with self._writing(f"create bucket {bucket}"):
            self._s3.make_bucket(bucket, object_lock=object_lock)

    def remove_bucket(self, bucket: str) -> None:
        with self._writing(f"remove bucket {bucket}"):
            self._s3.remove_bucket(bucket)

    def bucket_settings(self) -> dict[str, dict[str, Any]]:
        archive = self._call("export the settings of the buckets", "GET", "export-bucket-metadata")
        files: dict[str, dict[str, bytes]] = {}
        with self._doing("read the settings of the buckets"), zipfile.ZipFile(io.BytesIO(archive)) as parts:
            for path in parts.namelist():
                bucket, _, name = path.partition("/")
                files.setdefault(bucket, {})[name] = parts.read(path)
            return {bucket: read(settings) for bucket, settings in files.items()}

    def set_bucket(self, bucket: str, what: str, settings: Mapping[str, Any]) -> None:
        value = settings[what]
        with self._writing(f"set the {what} of bucket {bucket}"):
            if what == "quota":
                self._admin.bucket_quota_set(bucket, value)
            elif what == "versioning":
                self._put(bucket, what, versioning_xml(settings))
            elif what == "lifecycle" and value != NOTHING["lifecycle"]:
                self._put(bucket, what, lifecycle_xml(value))
            elif what == "policy" and value:
                self._s3.set_bucket_policy(bucket, json.dumps(policy_document(value)))
            elif what == "tags" and value:
                self._s3.set_bucket_tags(bucket, bucket_tags(value))
            elif what == "retention":
                self._s3.set_object_lock_config(bucket, lock_config(value))
            else:
                {
                    "lifecycle": self._s3.delete_bucket_lifecycle,
                    "policy": self._s3.delete_bucket_policy,
                    "tags": self._s3.delete_bucket_tags,
                }[what](bucket)

    def _put(self, bucket: str, what: str, body: bytes) -> None:
        """The SDK's own classes for these lose what they do not know."""
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        self._s3._execute("PUT", bucket, body=body, headers={"Content-MD5": digest}, query_params={what: ""})

    def contents(self, bucket: str, limit: int) -> list[str]:
        with self._doing(f"look into bucket {bucket}"):
            versions = self._s3.list_objects(bucket, recursive=True, include_version=True)
            found = [_describe(version) for version in islice(versions, limit)]
            # The SDK has no public call for these.
            uploads = self._s3._list_multipart_uploads(bucket, max_uploads=limit).uploads
            return (found + [f"unfinished upload {upload.object_name}" for upload in uploads])[:limit]

    def empty(self, bucket: str) -> tuple[int, list[str]]:
        with self._writing(f"empty bucket {bucket}"):
            for upload in self._s3._list_multipart_uploads(bucket).uploads:
                self._s3._abort_multipart_upload(bucket, upload.object_name, upload.upload_id or "")
            versions = self._s3.list_objects(bucket, recursive=True, include_version=True)
            asked = [DeleteObject(version.object_name, version.version_id) for version in versions]
            kept = [error.name or "" for error in self._s3.remove_objects(bucket, asked)]
            return len(asked) - len(kept), sorted(set(kept))

    def put(self, bucket: str, name: str, data: bytes) -> str | None:
        with self._writing(f"write {bucket}/{name}"):
            return self._s3.put_object(bucket, name, io.BytesIO(data), len(data)).version_id

    def get(self, bucket: str, name: str) -> bytes:
        with self._doing(f"read {bucket}/{name}"):
            response = self._s3.get_object(bucket, name)
            try:
                return bytes(response.data)
            finally:
                response.release_conn()

    def remove(self, bucket: str, name: str, version: str | None) -> None:
        with self._writing(f"remove {bucket}/{name}"):
            self._s3.remove_object(bucket, name, version_id=version)

    def _client(self, access_key: str, secret_key: str) -> minio.Minio:
        return minio.Minio(
            self._connection.address,
            access_key=access_key,
            secret_key=secret_key,
            secure=self._connection.secure,
            region=self._connection.region,
            http_client=self._pool,
        )

    def _call(self, what: str, method: str, path: str, body: bytes | None = None, **query: str) -> bytes:
        """A request of the admin API. The SDK has public methods for some of them only."""
        with self._doing(what) if method == "GET" else self._writing(what):
            command: Any = SimpleNamespace(value=path)
            answer = self._admin._url_open(method=method, command=command, query_params={**query}, body=body)
            return bytes(answer.data)

    def _seal(self, body: Mapping[str, Any]) -> bytes:
        return seal(json.dumps(body).encode(), self._connection.secret_key, listened_to=not self._connection.private)

    def _unseal(self, what: str, path: str, **query: str) -> Any:
        with self._doing(what):
            command: Any = SimpleNamespace(value=path)
            answer = self._admin._url_open(method="GET", command=command, query_params={**query}, preload_content=False)
            return json.loads(decrypt(answer, self._connection.secret_key))

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        if self.read_only:
            raise ReadOnlyError(f"Refused to {what}: this is check mode")
        with self._doing(what):
            yield

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        failed = f"Failed to {what} at {self._connection.place}"
        try:
            yield
        except S3Error as error:
            status, code = error.response.status, error.code or ""
            raise _refusal(failed, status, code, error.message or "", error.request_id or "") from error
        except MinioAdminException as error:
            raise _refusal(failed, int(error._code), *_admin_error(error._body)) from error
        except InvalidResponseError as error:
            raise _refusal(failed, error._code, "", "the answer is not one that a store gives", "") from error
        except ServerError as error:
            raise _refusal(failed, error.status_code, "", "the server gives no reason", "") from error
        except (ValueError, ParseError) as error:
            # Something else listens there, and answers 200.
            raise StoreError(f"{failed}: the answer is not one that a store gives ({error})") from error
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{failed}: no answer ({str(error).split(': ', 1)[-1]})") from error


class NodePool(urllib3.PoolManager):
    """Names the node below the layer that signs: a gateway may drop or change the header."""

    def __init__(self, node: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._node = node

    def urlopen(self, method: str, url: str, redirect: bool = True, **kw: Any) -> urllib3.BaseHTTPResponse:  # type: ignore[override]
        headers = {**(kw.pop("headers", None) or {}), NODE_HEADER: self._node}
        return super().urlopen(method, url, redirect, headers=headers, **kw)


def _pool(connection: Connection) -> urllib3.PoolManager:
    settings: dict[str, Any] = {
        "retries": False,
        # As many as write side by side.
        "maxsize": 8,
        "timeout": urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        "cert_reqs": "CERT_REQUIRED" if connection.verify else "CERT_NONE",
        "ca_certs": connection.ca_path,
    }
    return NodePool(connection.node, **settings) if connection.node else urllib3.PoolManager(**settings)


def bucket_tags(pairs: frozenset[tuple[str, str]]) -> Tags:
    tags = Tags.new_bucket_tags()
    tags.update(pairs)
    return tags


def lock_config(retention: str) -> ObjectLockConfig:
    """Default retention of a bucket that has locks, or none."""
    if not retention:
        return ObjectLockConfig(None, None, None)
    mode, number, unit = retention.split()
    return ObjectLockConfig(mode.upper(), int(number), unit.capitalize())


def _describe(version: Object) -> str:
    if version.is_delete_marker:
        return f"delete marker {version.object_name}"
    return f"object {version.object_name}" if version.is_latest == "true" else f"old version of {version.object_name}"


def _admin_error(body: str) -> tuple[str, str, str]:
    try:
        error = json.loads(body)
        return error["Code"], error["Message"], error.get("RequestId", "")
    except (ValueError, KeyError, TypeError):
        return "", "the answer is not one that a store gives", ""


HINTS = {
    "InvalidAccessKeyId": "check access_key",
    "SignatureDoesNotMatch": "check secret_key",
    "AuthorizationHeaderMalformed": "check region",
    "RequestTimeTooSkewed": "the clocks of the controller and of the store differ",
}


def _refusal(failed: str, status: int, code: str, message: str, request_id: str) -> StoreError:
    kind: type[StoreError] = StoreError
    if code in ("InvalidAccessKeyId", "SignatureDoesNotMatch"):
        kind = CredentialsError
    elif status == 403:
        kind = AccessDeniedError
    elif code in ("NoSuchBucket", "NoSuchKey"):
        kind = MissingError
    reason = " ".join(part for part in (str(status), code) if part)
    hint = f"; {HINTS[code]}" if code in HINTS else ""
    return kind(f"{failed}: {message.rstrip('.')} ({reason}){hint}", code=code, status=status, request_id=request_id)
