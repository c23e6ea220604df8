"""The store of an instance while clients work: what they notice, and what its gateway says."""

import http.client
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minio import Minio

from tests.load.history import Report
from tests.load.load import Load, Store

PROJECT = "/opt/storageserver"
CONTROL = f"{PROJECT}/control/gateway.sock"
NODES = ("minio1", "minio2", "minio3", "minio4")
CREDENTIALS = Path(os.environ.get("MOLECULE_EPHEMERAL_DIRECTORY", "")) / "inventory" / ".credentials"
# Seconds in which everything that was broken is whole again.
RECOVERY = 120
# Seconds for which a node that has been admitted counts as young (docs/gateway.md).
YOUTH = 30
MIB = 1 << 20
# Whether what takes long is tried too (make test-long).
LONG = os.environ.get("STORAGE_LONG") == "1"


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace")
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def address_of(instance: str) -> str:
    return run("docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", instance)


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)


class Serving:
    """One host with all nodes and the gateway."""

    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.address = f"{address_of(instance)}:9000"
        root = json.loads((CREDENTIALS / "root.json").read_text())
        self.keys = (root["access_key"], root["secret_key"])

    def inside(self, command: str, check: bool = True) -> str:
        return run("docker", "exec", self.instance, "sh", "-c", command, check=check)

    def client(self) -> Minio:
        return Minio(self.address, *self.keys, region="us-east-1", secure=False)

    def single(self) -> Minio:
        """A client that repeats nothing."""
        return Store(self.address, *self.keys, bucket="models").client()

    def load(self, workers: int = 4, patience: float = 60) -> Load:
        return Load(Store(self.address, *self.keys, bucket="models", patience=patience), workers=workers)

    @contextmanager
    def loaded(self, report: Report, workers: int = 4, before: float = 2, after: float = 2):
        """Clients work meanwhile, and for some seconds before and after it; the report is filled in at the end."""
        load = self.load(workers)
        with load:
            time.sleep(before)
            yield load
            time.sleep(after)
        report.__dict__.update(load.report().__dict__)
        load.clean()
        print(json.dumps(report.as_dict()))

    @contextmanager
    def slow_upload(self, seconds: float, *, is_cut: bool = False) -> Iterator[str]:
        """A request that takes so long, sent piece by piece; which node has it. It must end well, or be cut."""
        url = urlsplit(self.client().presigned_put_object("models", "slow", timedelta(minutes=5)))
        ends: list[int | OSError] = []

        def pieces() -> Iterator[bytes]:
            for _ in range(50):
                time.sleep(seconds / 50)
                yield b"x" * MIB

        def upload() -> None:
            connection = http.client.HTTPConnection(self.address, timeout=60)
            try:
                connection.request("PUT", f"{url.path}?{url.query}", pieces(), {"Content-Length": str(50 * MIB)})
                ends.append(connection.getresponse().status)
            except OSError as failure:
                # The gateway does not wait for the rest of a body that nobody takes.
                ends.append(failure)
            connection.close()

        client = threading.Thread(target=upload)
        client.start()
        try:
            wait_until(self._has_slow, 20, "the upload is shown")
            yield self._has_slow()
        finally:
            client.join()
        (end,) = ends
        assert (end == 503 or isinstance(end, OSError)) if is_cut else end == 200

    def _has_slow(self) -> str:
        return next((each["node"] for each in self.gateway().get("served", []) if "/models/slow" in each["text"]), "")

    def gateway(self, method: str = "GET", path: str = "/state") -> dict[str, Any]:
        """What it says of itself: through the socket, on the host."""
        return json.loads(self.inside(f"python3 -c '{ASK}' {CONTROL} {method} {path}"))

    def admitted(self) -> set[str]:
        return {node["name"] for node in self.gateway()["nodes"] if node["writes"]}

    def wait_for_all(self) -> None:
        wait_until(lambda: self.admitted() == set(NODES), RECOVERY, "all nodes are admitted")

    def settle(self) -> None:
        """Wait until no node is young any more: what fails then is what fails in quiet times."""
        wait_until(
            lambda: all(node.get("seconds", 0) > YOUTH for node in self.gateway()["nodes"]), RECOVERY, "nodes settle"
        )

    def containers(self, fact: str) -> dict[str, str]:
        """A fact of each node's container, by the node."""
        names = " ".join(f"storageserver-{node}-1" for node in NODES)
        return dict(zip(NODES, self.inside(f"docker inspect --format '{fact}' {names}").split("\n"), strict=True))

    def journal(self) -> dict[str, Any]:
        return json.loads(self.inside(f"cat {PROJECT}/maintenance.json 2>/dev/null || echo {{}}"))


ASK = """
import http.client, socket, sys
class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])
ask = Local("gateway")
ask.request(*sys.argv[2:])
print(ask.getresponse().read().decode())
"""
