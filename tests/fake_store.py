"""The client's protocol in memory. tests/integration/test_store.py holds it equal to a real server."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from plugins.module_utils.storage_server.bucket_settings import NOTHING
from plugins.module_utils.storage_server.errors import (
    AccessDeniedError,
    CredentialsError,
    MissingError,
    ReadOnlyError,
    StoreError,
)
from plugins.module_utils.storage_server.iam import Iam
from plugins.module_utils.storage_server.settings import Told
from plugins.module_utils.storage_server.store import Answer
from plugins.module_utils.storage_server.tiers import Tier
from tests.fake_iam import FakeIam
from tests.fake_server import FakeServer

VERSION = "2026-02-12T20:18:48Z"


@dataclass
class Version:
    name: str
    id: str | None
    data: bytes | None = None

    @property
    def is_delete_marker(self) -> bool:
        return self.data is None


@dataclass
class FakeBucket:
    versioning: str | None = None
    # Newest first, as a server lists them.
    versions: list[Version] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    object_lock: bool = False
    # Names of objects that are locked or held.
    held: set[str] = field(default_factory=set)
    # Settings of bucket_settings.py, beside these two.
    rest: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        own = {"versioning": self.versioning, "object_lock": self.object_lock}
        return {**NOTHING, **self.rest, **own}

    def latest(self, name: str) -> Version | None:
        return next((version for version in self.versions if version.name == name), None)


@dataclass
class FakeNode:
    """`refuses_writes` is the node that lags: healthy, and SlowDownWrite to whoever writes."""

    state: str = "online"
    version: str = VERSION
    status: int = 200
    offline_header: bool = False
    refuses_writes: bool = False
    corrupts: bool = False
    refuses_removal: bool = False
    drive: str = "ok"
    healing: bool = False
    # Whether the others are enough without it.
    needed: bool = False
    answers_for: str | None = None


@dataclass
class World:
    """What all views of one store share."""

    access_key: str = "storageadmin"
    secret_key: str = "a-secret-of-the-fake"
    accounts: dict[str, str] = field(default_factory=dict)
    buckets: dict[str, FakeBucket] = field(default_factory=dict)
    nodes: dict[str, FakeNode] = field(default_factory=dict)
    iam: Iam = field(default_factory=lambda: Iam({}, {}, {}, {}))
    settings: dict[str, Told] = field(default_factory=dict)
    tiers: dict[str, Tier] = field(default_factory=dict)
    # Of whatever other store.
    tier_secret: str = "a-secret-of-the-tier"
    targets: dict[str, str] = field(default_factory=lambda: {"webhook:hook": "arn:minio:sqs::hook:webhook"})
    encrypts: bool = True
    # Raised by everything that needs the cluster: it is starting, or gone.
    outage: StoreError | None = None
    writes: list[str] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@dataclass
class FakeStore(FakeIam, FakeServer):
    world: World = field(default_factory=World)
    read_only: bool = False
    secret_key: str = "a-secret-of-the-fake"
    node: str | None = None
    # Whoever asks, if it is not root.
    access_key: str | None = None

    def at(self, node: str) -> FakeStore:
        return replace(self, node=node)

    def signed_by(self, access_key: str, secret_key: str) -> FakeStore:
        return replace(self, access_key=access_key, secret_key=secret_key)

    def accepts(self, access_key: str, secret_key: str) -> bool:
        self._serve()
        return self._secrets().get(access_key) == secret_key

    def may(self, bucket: str) -> frozenset[str]:
        self._authenticated()
        return frozenset(right for right in ("read", "write") if self._is_allowed(right, bucket))

    def probe(self, path: str) -> Answer:
        if self.world.outage:
            raise self.world.outage
        here = self.world.nodes.get(self.node or "", FakeNode())
        headers = {"x-minio-read-quorum" if path.endswith("read") else "x-minio-write-quorum": "2"}
        identity = here.answers_for or f"{self.node}:9000"
        headers["x-amz-id-2"] = hashlib.sha256(identity.encode()).hexdigest()
        if here.offline_header:
            headers["x-minio-server-status"] = "offline"
        if here.needed and "maintenance=true" in path:
            return Answer(412, headers)
        return Answer(here.status, headers)

    def info(self) -> dict[str, Any]:
        self._authenticated()
        servers = [
            {
                "endpoint": f"{name}:9000",
                "state": node.state,
                "version": node.version,
                "commitID": "c0ffee",
                "drives": [
                    {
                        "path": "/data",
                        "state": node.drive,
                        "totalspace": 100,
                        "usedspace": 10,
                        "availspace": 90,
                        "pool_index": 0,
                        "healing": node.healing,
                    }
                ],
            }
            for name, node in self.world.nodes.items()
            if name
        ]
        return {
            "servers": servers,
            "backend": {"standardSCParity": 2, "totalDrivesPerSet": [max(len(servers), 4)]},
        }

    def buckets(self) -> list[str]:
        self._authenticated()
        found = [bucket for bucket in sorted(self.world.buckets) if self._is_allowed("list", bucket)]
        if not found and self.access_key:
            raise AccessDeniedError("may not list", code="AccessDenied", status=403, request_id="F")
        return found

    def make_bucket(self, bucket: str, *, object_lock: bool = False) -> None:
        with self._writing(f"make_bucket {bucket}"):
            self._accept()
            if bucket in self.world.buckets:
                raise StoreError(f"bucket {bucket} is there", code="BucketAlreadyOwnedByYou", status=409)
            self.world.buckets[bucket] = FakeBucket("enabled" if object_lock else None, object_lock=object_lock)

    def remove_bucket(self, bucket: str) -> None:
        with self._writing(f"remove_bucket {bucket}"):
            if self._bucket(bucket).versions:
                raise StoreError(f"bucket {bucket} is not empty", code="BucketNotEmpty", status=409)
            del self.world.buckets[bucket]

    def bucket_settings(self) -> dict[str, dict[str, Any]]:
        self._authenticated()
        return {name: bucket.settings() for name, bucket in self.world.buckets.items()}

    def set_bucket(self, bucket: str, what: str, settings: dict[str, Any]) -> None:
        with self._writing(f"set_bucket {bucket} {what}"):
            holder = self._bucket(bucket)
            if what == "versioning":
                holder.versioning = settings["versioning"]
            holder.rest |= {key: settings[key] for key in (what, "excluded_prefixes", "exclude_folders")}
            holder.rest.pop("versioning", None)

    def contents(self, bucket: str, limit: int) -> list[str]:
        self._authenticated()
        holder = self._bucket(bucket)
        found = []
        for version in sorted(holder.versions, key=lambda version: version.name):
            if version.is_delete_marker:
                found.append(f"delete marker {version.name}")
            else:
                kind = "object" if version is holder.latest(version.name) else "old version of"
                found.append(f"{kind} {version.name}")
        return (found + [f"unfinished upload {name}" for name in holder.uploads])[:limit]

    def empty(self, bucket: str) -> tuple[int, list[str]]:
        with self._writing(f"empty {bucket}"):
            holder = self._bucket(bucket)
            gone = [version for version in holder.versions if version.name not in holder.held]
            holder.versions = [version for version in holder.versions if version.name in holder.held]
            holder.uploads.clear()
            return len(gone), sorted({version.name for version in holder.versions})

    def put(self, bucket: str, name: str, data: bytes) -> str | None:
        with self._writing(f"put {bucket}"):
            self._refuse("write", bucket)
            holder = self._bucket(bucket)
            here = self._accept()
            return self._add(holder, name, b"something else" if here.corrupts else data)

    def get(self, bucket: str, name: str) -> bytes:
        self._authenticated()
        self._refuse("read", bucket)
        version = self._bucket(bucket).latest(name)
        if version is None or version.data is None:
            raise MissingError(f"no object {bucket}/{name}", code="NoSuchKey", status=404)
        return version.data

    def remove(self, bucket: str, name: str, version: str | None) -> None:
        with self._writing(f"remove {bucket}"):
            if self.world.nodes.get(self.node or "", FakeNode()).refuses_removal:
                raise StoreError("please reduce your request rate", code="SlowDownWrite", status=503)
            holder = self._bucket(bucket)
            if version is None and holder.versioning == "enabled":
                self._add(holder, name, None)
            else:
                holder.versions = [v for v in holder.versions if (v.name, v.id) != (name, version)]

    def _add(self, holder: FakeBucket, name: str, data: bytes | None) -> str | None:
        version = str(next(self.world.ids)) if holder.versioning == "enabled" else None
        if version is None:
            holder.versions = [v for v in holder.versions if (v.name, v.id) != (name, None)]
        holder.versions.insert(0, Version(name, version, data))
        return version

    def _bucket(self, bucket: str) -> FakeBucket:
        if bucket not in self.world.buckets:
            raise MissingError(f"no bucket {bucket}", code="NoSuchBucket", status=404)
        return self.world.buckets[bucket]

    def _refuse(self, right: str, bucket: str) -> None:
        if not self._is_allowed(right, bucket):
            raise AccessDeniedError("may not", code="AccessDenied", status=403, request_id="F")

    def _accept(self) -> FakeNode:
        here = self.world.nodes.get(self.node or "", FakeNode())
        if here.refuses_writes:
            raise StoreError("please reduce your request rate", code="SlowDownWrite", status=503)
        return here

    def _serve(self) -> None:
        if self.world.outage:
            raise self.world.outage

    def _authenticated(self) -> None:
        self._serve()
        if self._secrets().get(self.access_key or self.world.access_key) != self.secret_key:
            raise CredentialsError("check secret_key", code="SignatureDoesNotMatch", status=403)

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        if self.read_only:
            raise ReadOnlyError(f"Refused to {what}: this is check mode")
        self._authenticated()
        self.world.writes.append(what)
        yield
