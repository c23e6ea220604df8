"""What the benches share: the store that the environment names, and a clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugins.module_utils.storage_server.client import MinioStore  # noqa: E402
from plugins.module_utils.storage_server.connection import Connection, parse  # noqa: E402

NAMES = ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")


def connection() -> Connection:
    """The store that `make env WHO=root` names."""
    missing = [name for name in NAMES if name not in os.environ]
    if missing:
        sys.exit(f'{Path(sys.argv[0]).name}: {missing[0]} is not set: make up, then eval "$(make env WHO=root)"')
    return parse(
        {
            "endpoint": os.environ["MINIO_ENDPOINT"],
            "access_key": os.environ["MINIO_ACCESS_KEY"],
            "secret_key": os.environ["MINIO_SECRET_KEY"],
            "region": "us-east-1",
            "validate_certs": True,
            "ca_path": None,
        }
    )


def store() -> MinioStore:
    """The same, to talk to."""
    return MinioStore(connection(), read_only=False)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    since = time.monotonic()
    work()
    return time.monotonic() - since
