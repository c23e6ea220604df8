"""The store as its users see it: every answer comes from the service, none from a file that a role wrote."""

import hashlib
import io
import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

import urllib3
from minio import Minio
from minio.credentials import StaticProvider
from minio.error import InvalidResponseError, S3Error, ServerError
from minio.minioadmin import MinioAdmin
from serving import address_of, run

STORE = "storageserver-default-store"
BROWSER = "storageserver-default-browser"
PROJECT = "/opt/storageserver"
DRIVES = {"minio1": "/mnt/drive3", "minio2": "/mnt/drive2", "minio3": "/mnt/drive4", "minio4": "/mnt/drive1"}
DEVICES = {"/mnt/drive1": "vdb", "/mnt/drive2": "vdc", "/mnt/drive3": "vdd", "/mnt/drive4": "vde"}
MiB = 1 << 20
# Seconds for which a node that has just started may deny what a peer has acknowledged (docs/troubleshooting.md).
LAG = 30
# How a store, or the way to it, says no.
FAILURES = (S3Error, ServerError, InvalidResponseError, urllib3.exceptions.HTTPError)


class Block(io.RawIOBase):
    """An object of any size that nobody has to keep: a counter in every MiB of one random one."""

    def __init__(self, size: int) -> None:
        self.size, self.at, self.sha = size, 0, hashlib.sha256()
        self.mebibyte = os.urandom(MiB)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = min(MiB if size < 0 else size, self.size - self.at)
        parts = []
        while wanted:
            number, offset = divmod(self.at, MiB)
            whole = number.to_bytes(8) + self.mebibyte[8:]
            part = whole[offset : offset + wanted]
            parts.append(part)
            self.at += len(part)
            wanted -= len(part)
        data = b"".join(parts)
        self.sha.update(data)
        return data


def _keys(path: Path) -> dict[str, str]:
    """As clients take them: a file of the credential store may say more."""
    content = json.loads(path.read_text())
    return {name: content[name] for name in ("access_key", "secret_key")}


class Store:
    """One server: its instance, its gateway, and what the tests have put into it."""

    def __init__(self) -> None:
        store = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "inventory" / ".credentials"
        self.root = _keys(store / "root.json")
        # What `make env` gives to a client.
        self.workstation = _keys(store / "applications" / "workstation.json")
        self.sums: dict[str, str] = {}

    @property
    def address(self) -> str:
        return address_of(STORE)

    def client(self, **credentials: str) -> Minio:
        return Minio(f"{self.address}:9000", **(credentials or self.root), secure=False)

    def impatient_client(self) -> Minio:
        pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=5, read=30))
        return Minio(f"{self.address}:9000", **self.root, secure=False, http_client=pool)

    def inside(self, command: str, check: bool = True) -> str:
        return run("docker", "exec", STORE, "bash", "-c", command, check=check)

    def inspect(self, service: str) -> dict[str, Any]:
        identity = self.inside(f"cd {PROJECT} && docker compose ps --all --quiet {service}")
        return json.loads(self.inside(f"docker inspect {identity}"))[0]

    def status(self, path: str, node: str = "") -> int:
        headers = {"X-Storage-Node": node} if node else {}
        try:
            answer = urllib3.request(
                "GET", f"http://{self.address}:9000{path}", headers=headers, timeout=3.0, retries=False
            )
        except urllib3.exceptions.HTTPError:
            return 0
        return answer.status

    def healthy_nodes(self) -> set[str]:
        return {node for node in DRIVES if self.status("/minio/health/cluster?maintenance=true", node) == 200}

    def drives_of(self, node: str) -> list[dict[str, Any]]:
        admin = MinioAdmin(
            endpoint=f"{self.address}:9000",
            credentials=StaticProvider(self.root["access_key"], self.root["secret_key"]),
            secure=False,
        )
        servers = json.loads(admin.info())["servers"]
        return next(server["drives"] for server in servers if server["endpoint"].startswith(f"{node}:"))

    def accesses(self) -> list[dict[str, Any]]:
        # nginx keeps lines for a second.
        time.sleep(1.5)
        lines = self.inside("docker logs storageserver-nginx-1 2>/dev/null").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def works(self, client: Minio | None = None) -> bool:
        """A write and a read; each tried once, unless a more patient client is given."""
        try:
            self.write_and_read(client or self.impatient_client(), f"canary/{uuid.uuid4()}")
        except FAILURES:
            return False
        return True

    def write_and_read(self, client: Minio, name: str) -> None:
        """An object whose content is its own, noted as soon as the write is acknowledged."""
        data = os.urandom(1000)
        client.put_object("superdarn-data", name, io.BytesIO(data), len(data))
        self.sums[name] = hashlib.sha256(data).hexdigest()
        assert client.get_object("superdarn-data", name).data == data

    def reboot(self) -> None:
        run("docker", "restart", "--time", "60", STORE)

    def assert_data_equal(self) -> None:
        """Every acknowledged object is there. A node that has just started denies some of them for a while."""
        client, end = self.client(), time.monotonic() + LAG
        for name, sha in self.sums.items():
            while True:
                try:
                    assert self.sum_of(client, name) == sha, name
                    break
                except FAILURES:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.5)

    @staticmethod
    def sum_of(client: Minio, name: str, bucket: str = "superdarn-data") -> str:
        sha = hashlib.sha256()
        with client.get_object(bucket, name) as answer:
            for chunk in answer.stream(MiB):
                sha.update(chunk)
        return sha.hexdigest()
