"""A real server, for whoever asks for it."""

import base64
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.harness import ROOT, Hook, Server, free_port

START_SECONDS = 60
KEY = "test-key"


@pytest.fixture(scope="session")
def minio_binary() -> Path:
    """Built once for all who need it; instant when it is in the cache."""
    build = ROOT / "roles/images/files/minio/build"
    output = subprocess.run([build], check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(output.splitlines()[-1]) / "minio"


@pytest.fixture(scope="session")
def hook() -> Iterator[Hook]:
    """Somebody who is told of events."""
    with Hook() as hook:
        yield hook


@pytest.fixture(scope="session")
def server(minio_binary: Path, hook: Hook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process on loopback that all tests share. It has a key, and knows one receiver of events."""
    given = {
        "MINIO_KMS_SECRET_KEY": f"{KEY}:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "MINIO_NOTIFY_WEBHOOK_ENABLE_hook": "on",
        "MINIO_NOTIFY_WEBHOOK_ENDPOINT_hook": hook.url,
    }
    with running(minio_binary, tmp_path_factory.mktemp("server"), given) as server:
        yield server


@pytest.fixture
def server_of_its_own(minio_binary: Path, tmp_path: Path) -> Iterator[Server]:
    """For a test that leaves so much behind that others would feel it. It has no key and knows no receivers."""
    with running(minio_binary, tmp_path) as server:
        yield server


@pytest.fixture
def restarted(minio_binary: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """A server that is started, and again on the same drives, by each call."""
    server = Server("127.0.0.1", free_port(), "storageadmin", secrets.token_hex(16))
    with ExitStack() as stack:

        def restarted() -> Server:
            stack.close()
            return stack.enter_context(running(minio_binary, tmp_path, server=server))

        yield restarted


@contextmanager
def running(
    binary: Path, folder: Path, given: Mapping[str, str] | None = None, server: Server | None = None
) -> Iterator[Server]:
    """A server with four directories as drives."""
    server = server or Server("127.0.0.1", free_port(), "storageadmin", secrets.token_hex(16))
    log = folder / "log"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        # Allows drives that are directories of one disk.
        "MINIO_CI_CD": "1",
        "MINIO_UPDATE": "off",
        "MINIO_BROWSER": "off",
        "MINIO_ROOT_USER": server.access_key,
        "MINIO_ROOT_PASSWORD": server.secret_key,
        **(given or {}),
    }
    address = f"{server.host}:{server.port}"
    command = [binary, "server", "--quiet", "--address", address, f"{folder}/drive{{1...4}}"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.healthy():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()
