"""The store as its users reach it: a connection from the environment, as `eval "$(make env)"` sets it, or from a file
that a rotation keeps, STORAGE_CREDENTIALS_FILE, in one of its forms.
"""

import configparser
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from minio import Minio

BUCKET = "processed-data"
NAMES = ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")


def connection_of(path: Path) -> dict[str, str]:
    """What a file of a consumer says, whichever form it has."""
    text = path.read_text()
    if text.lstrip().startswith("{"):
        return {name: str(json.loads(text)[name]) for name in ("host", "port", "access_key", "secret_key")}
    if "[default]" in text:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        aws = parser["default"]
        endpoint, keys = urlsplit(aws["endpoint_url"]).netloc, (aws["aws_access_key_id"], aws["aws_secret_access_key"])
    else:
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        env = dict(line.split("=", 1) for line in lines)
        endpoint, keys = env["MINIO_ENDPOINT"], (env["MINIO_ACCESS_KEY"], env["MINIO_SECRET_KEY"])
    host, _, port = endpoint.rpartition(":")
    return {"host": host, "port": port, "access_key": keys[0], "secret_key": keys[1]}


@pytest.fixture(scope="session")
def connection() -> dict[str, str]:
    if "STORAGE_CREDENTIALS_FILE" in os.environ:
        return connection_of(Path(os.environ["STORAGE_CREDENTIALS_FILE"]))
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
