"""The store behind an endpoint: the protocol of store.py, on the SDK.

Nothing else imports the SDK. Its own pool repeats failed requests five times and then hides the server's message, so
the adapter brings one that does not repeat and does not wait for long. Waiting is the business of who asks.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import ParseError

import minio
import urllib3
from minio.credentials.providers import StaticProvider
from minio.crypto import decrypt
from minio.error import InvalidResponseError, MinioAdminException, S3Error, ServerError

from .client_buckets import BucketRequests
from .client_server import ServerRequests
from .connection import Connection
from .errors import AccessDeniedError, CredentialsError, MissingError, ReadOnlyError, StoreError, UnreachableError
from .iam import IamRequests
from .sealing import seal
from .store import Answer, Store

NODE_HEADER = "X-Storage-Node"
# For requests that are let in or not, and change nothing.
NOBODY_HAS_IT, WRONG_SUM = ".storageserver/nobody-has-it", "AAAAAAAAAAAAAAAAAAAAAA=="
CONNECT_TIMEOUT = 3.0
# Longer than the two times ten seconds for which a node waits for peers that hang.
READ_TIMEOUT = 25.0


class MinioStore(ServerRequests, BucketRequests, IamRequests):
    """The store behind an endpoint."""

    def __init__(self, connection: Connection, *, read_only: bool, pool: urllib3.PoolManager | None = None) -> None:
        self.read_only = read_only
        self._connection = connection
        self._pool = pool or _pool(connection)
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

    def signed_by(self, access_key: str, secret_key: str) -> Store:
        connection = replace(self._connection, access_key=access_key, secret_key=secret_key)
        return MinioStore(connection, read_only=self.read_only, pool=self._pool)

    def accepts(self, access_key: str, secret_key: str) -> bool:
        try:
            with self._doing("try other credentials"):
                self._client(access_key, secret_key).list_buckets()
        except CredentialsError:
            return False
        except AccessDeniedError as error:
            # Known, only not allowed to list.
            _is_the_servers(error)
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

    def may(self, bucket: str) -> frozenset[str]:
        return frozenset(right for right, tried in (("read", self._read), ("write", self._write)) if tried(bucket))

    def _read(self, bucket: str) -> bool:
        """Of something that is not there: who may read is told so."""
        try:
            self.get(bucket, NOBODY_HAS_IT)
        except AccessDeniedError as error:
            return not _is_the_servers(error)
        except MissingError:
            pass
        return True

    def _write(self, bucket: str) -> bool:
        """With a checksum that is not the data's: who may write is told so, and nothing is written."""
        try:
            with self._doing(f"try to write {bucket}/{NOBODY_HAS_IT}"):
                self._s3._execute("PUT", bucket, NOBODY_HAS_IT, body=b"x", headers={"Content-MD5": WRONG_SUM})
        except AccessDeniedError as error:
            return not _is_the_servers(error)
        except StoreError as error:
            if error.code not in ("BadDigest", "NoSuchBucket"):
                raise
        return True

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
        return bytes(self._answer(what, method, path, body, **query).data)

    def _answer(self, what: str, method: str, path: str, body: bytes | None = None, **query: str) -> Any:
        with self._doing(what) if method == "GET" else self._writing(what):
            command: Any = SimpleNamespace(value=path)
            return self._admin._url_open(method=method, command=command, query_params={**query}, body=body)

    def _seal(self, body: Mapping[str, Any] | str) -> bytes:
        plain = body if isinstance(body, str) else json.dumps(body)
        return seal(plain.encode(), self._connection.secret_key, listened_to=not self._connection.private)

    def _unseal(self, what: str, path: str, **query: str) -> Any:
        with self._doing(what):
            return json.loads(self._unsealed(what, path, **query))

    def _unsealed(self, what: str, path: str, **query: str) -> bytes:
        with self._doing(what):
            command: Any = SimpleNamespace(value=path)
            answer = self._admin._url_open(method="GET", command=command, query_params={**query}, preload_content=False)
            return bytes(decrypt(answer, self._connection.secret_key))

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
        except urllib3.exceptions.SSLError as error:
            hint = "; set ca_path to its authority" if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""
            raise UnreachableError(f"{failed}: no answer ({str(error).split(': ', 1)[-1]}){hint}") from error
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
    if not connection.verify:
        # Who says so knows.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    settings: dict[str, Any] = {
        "retries": False,
        # As many as write side by side.
        "maxsize": 8,
        "timeout": urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        "cert_reqs": "CERT_REQUIRED" if connection.verify else "CERT_NONE",
        "ca_certs": connection.ca_path,
    }
    return NodePool(connection.node, **settings) if connection.node else urllib3.PoolManager(**settings)


def _admin_error(body: str) -> tuple[str, str, str]:
    try:
        error = json.loads(body)
        return error["Code"], error["Message"], error.get("RequestId", "")
    except (ValueError, KeyError, TypeError):
        # The gateway speaks in the words of S3.
        said = re.search(r"<Message>((?:Refused by the|The) gateway[^<]*)</Message>", body or "")
        return "", said[1] if said else "the answer is not one that a store gives", ""


def _is_the_servers(error: AccessDeniedError) -> bool:
    """A gateway that lets nobody in is no answer to the question."""
    if not error.request_id:
        raise error
    return True


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
