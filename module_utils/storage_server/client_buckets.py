"""Settings and contents of buckets: the requests that read and change them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import minio
from minio.commonconfig import Tags
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.objectlockconfig import ObjectLockConfig
from minio.sseconfig import Rule, SSEConfig

from .bucket_settings import NOTHING, SSE_S3, policy_document, read, versioning_xml
from .lifecycle import lifecycle_xml
from .notifications import notifications_xml


class BucketRequests:
    """The part of a store's client that speaks of buckets."""

    # What the client provides.
    _s3: minio.Minio
    _admin: minio.MinioAdmin
    _call: Callable[..., bytes]
    _doing: Callable[[str], AbstractContextManager[None]]
    _writing: Callable[[str], AbstractContextManager[None]]
    notification_targets: Callable[[], dict[str, str]]

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
            if value == NOTHING[what] and what in CLEARED:
                CLEARED[what](self._s3, bucket)
            elif what in SET:
                SET[what](self, bucket, value)
            else:
                self._put(bucket, "versioning", versioning_xml(settings))

    def _set_notifications(self, bucket: str, value: str) -> None:
        arns = self.notification_targets() if value != NOTHING["notifications"] else {}
        self._put(bucket, "notification", notifications_xml(value, arns))

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


def encryption_config(encryption: str) -> SSEConfig:
    """With the server's own keys, or with a key that it is told by name."""
    if encryption == SSE_S3:
        return SSEConfig(Rule.new_sse_s3_rule())
    return SSEConfig(Rule.new_sse_kms_rule(encryption.partition(" ")[2]))


def _describe(version: Object) -> str:
    if version.is_delete_marker:
        return f"delete marker {version.object_name}"
    return f"object {version.object_name}" if version.is_latest == "true" else f"old version of {version.object_name}"


# By what is set. Clearing the others is setting them to nothing.
CLEARED: Mapping[str, Callable[[minio.Minio, str], None]] = {
    "lifecycle": minio.Minio.delete_bucket_lifecycle,
    "encryption": minio.Minio.delete_bucket_encryption,
    "policy": minio.Minio.delete_bucket_policy,
    "tags": minio.Minio.delete_bucket_tags,
}
SET: Mapping[str, Callable[[Any, str, Any], None]] = {
    "quota": lambda self, bucket, value: self._admin.bucket_quota_set(bucket, value),
    "tags": lambda self, bucket, value: self._s3.set_bucket_tags(bucket, bucket_tags(value)),
    "retention": lambda self, bucket, value: self._s3.set_object_lock_config(bucket, lock_config(value)),
    "encryption": lambda self, bucket, value: self._s3.set_bucket_encryption(bucket, encryption_config(value)),
    "policy": lambda self, bucket, value: self._s3.set_bucket_policy(bucket, json.dumps(policy_document(value))),
    "lifecycle": lambda self, bucket, value: self._put(bucket, "lifecycle", lifecycle_xml(value)),
    "notifications": BucketRequests._set_notifications,
}
