"""Clients that put, get, delete and list, each for itself, without repeating anything."""

from __future__ import annotations

import hashlib
import io
import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import urllib3
from minio import Minio
from minio.error import S3Error

from tests.load.history import ABSENT, UNKNOWN, Operation, Report, check

MIB = 1 << 20
# How often each is done.
KINDS: Mapping[str, int] = {"put": 10, "get": 20, "delete": 4, "list": 1, "multipart": 1}
LARGEST = 64 << 10
PART = 5 * MIB


@dataclass(frozen=True)
class Store:
    """Where the load goes. `bucket` has to be there."""

    address: str
    access_key: str
    secret_key: str
    bucket: str
    # Seconds without one byte after which a client gives up.
    patience: float = 60

    def client(self, repeats: int = 0) -> Minio:
        # A status of 503 is an answer; only whoever looks afterwards asks again.
        retries = urllib3.Retry(repeats, backoff_factor=0.5, status_forcelist=[503]) if repeats else False
        timeout = urllib3.Timeout(connect=self.patience, read=self.patience)
        # The SDK uploads parts by three threads.
        pool = urllib3.PoolManager(maxsize=3, retries=retries, timeout=timeout)
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        return Minio(self.address, **keys, region="us-east-1", secure=False, http_client=pool)


class Load:
    """`with Load(store): ...` works in the background; `report()` afterwards says what went wrong."""

    def __init__(self, store: Store, *, workers: int = 4, prefix: str = "load/", seed: int | None = None) -> None:
        self.seed = random.randrange(1 << 32) if seed is None else seed
        self.history: list[Operation] = []
        self._store = store
        self._prefix = prefix
        self._stop = threading.Event()
        self._stopped: float | None = None
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(workers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._stopped = time.monotonic()
        for thread in self._threads:
            thread.join()

    def report(self) -> Report:
        """Read back all that was acknowledged, and check everything."""
        client = self._store.client(repeats=8)
        keys = {each.key for each in self.history if each.kind != "list"}
        return check(self.history, {key: read(client, self._store.bucket, key) for key in keys}, self._stopped)

    def clean(self) -> None:
        """Remove what the load has left."""
        client = self._store.client(repeats=8)
        for item in client.list_objects(self._store.bucket, self._prefix, recursive=True):
            client.remove_object(self._store.bucket, item.object_name or "")

    def _work(self, number: int) -> None:
        worker = Worker(self._store, f"{self._prefix}{number}/", number, random.Random(self.seed + number))
        while not self._stop.is_set():
            self.history.append(worker.step())


class Worker:
    """One client, which knows what it has written."""

    def __init__(self, store: Store, prefix: str, number: int, chance: random.Random) -> None:
        self._client = store.client()
        self._bucket = store.bucket
        self._prefix = prefix
        self._number = number
        self._chance = chance
        self._keys: list[str] = []

    def step(self) -> Operation:
        kind = self._chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind in ("get", "delete") and not self._keys:
            kind = "put"
        key = self._prefix if kind == "list" else self._key(kind)
        start = time.monotonic()
        sha, error, listed = UNKNOWN, "", frozenset[str]()
        try:
            if kind == "list":
                listed = frozenset(self._list())
            else:
                sha = DOINGS[kind](self, key)
        except S3Error as refusal:
            error = refusal.code or "S3Error"
        except Exception as failure:
            # Whatever it is, it is what a client has seen.
            error = type(failure).__name__
        return Operation(self._number, kind, key, start, time.monotonic(), sha, error, listed)

    def _key(self, kind: str) -> str:
        """A new one for writers, one of the known for others, deleted ones among them."""
        if kind in ("put", "multipart") and (len(self._keys) < 50 or self._chance.random() < 0.5):
            self._keys.append(f"{self._prefix}{len(self._keys):06}")
            return self._keys[-1]
        return self._chance.choice(self._keys)

    def _put(self, key: str) -> str:
        data = os.urandom(self._chance.randrange(LARGEST))
        self._client.put_object(self._bucket, key, io.BytesIO(data), len(data))
        return hashlib.sha256(data).hexdigest()

    def _multipart(self, key: str) -> str:
        data = os.urandom(PART + 1000)
        self._client.put_object(self._bucket, key, io.BytesIO(data), len(data), part_size=PART)
        return hashlib.sha256(data).hexdigest()

    def _delete(self, key: str) -> str:
        self._client.remove_object(self._bucket, key)
        return ABSENT

    def _get(self, key: str) -> str:
        return read(self._client, self._bucket, key)

    def _list(self) -> list[str]:
        return [
            item.object_name or "" for item in self._client.list_objects(self._bucket, self._prefix, recursive=True)
        ]


DOINGS: Mapping[str, Callable[[Worker, str], str]] = {
    "put": Worker._put,
    "multipart": Worker._multipart,
    "delete": Worker._delete,
    "get": Worker._get,
}


def read(client: Minio, bucket: str, key: str) -> str:
    """The digest of an object, ABSENT where there is none."""
    try:
        answer = client.get_object(bucket, key)
    except S3Error as refusal:
        if refusal.code == "NoSuchKey":
            return ABSENT
        raise
    try:
        return hashlib.sha256(answer.data).hexdigest()
    finally:
        answer.close()
        answer.release_conn()
