"""The store as its users reach it: a connection from the environment, as `eval "$(make env)"` sets it."""

import os
from collections.abc import Iterator

import pytest
from minio import Minio

BUCKET = "processed-data"
NAMES = ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")


@pytest.fixture(scope="session")
def connection() -> dict[str, str]:
    missing = [name for name in NAMES if name not in os.environ]
    if missing:
        pytest.skip(f"no store to talk to: set {', '.join(missing)}")
    host, _, port = os.environ["MINIO_ENDPOINT"].rpartition(":")
    return {
        "host": host,
        "port": port,
        "access_key": os.environ["MINIO_ACCESS_KEY"],
        "secret_key": os.environ["MINIO_SECRET_KEY"],
    }


@pytest.fixture(scope="session")
def client(connection: dict[str, str]) -> Minio:
    return Minio(
        f"{connection['host']}:{connection['port']}",
        connection["access_key"],
        connection["secret_key"],
        secure=os.environ.get("MINIO_SECURE") == "true",
    )


@pytest.fixture
def bucket(client: Minio) -> Iterator[str]:
    """One that is there, because clients make none. It has to be empty: clients fetch all that it holds."""
    kept = next(client.list_objects(BUCKET, recursive=True), None)
    assert kept is None, f"bucket {BUCKET} holds {kept and kept.object_name}: these tests want it empty"
    yield BUCKET
    for item in client.list_objects(BUCKET, recursive=True):
        client.remove_object(BUCKET, item.object_name)
