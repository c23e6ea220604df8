"""Clients in the shapes that the store's users have.

Only the shapes: the data module has the constructor, the command-line names and the hooks of a Lightning data module,
without depending on Lightning or torch.
"""

import argparse
from pathlib import Path
from typing import Any

from minio import Minio


class StoreDataModule:
    """Fetches a bucket in `prepare_data`, and lists its files in `setup`."""

    def __init__(
        self,
        MINIOHost: str,
        MINIOPort: int,
        MINIOAccesskey: str,
        MINIOSecret: str,
        bucket_name: str,
        data_dir: Path = Path("data"),
    ) -> None:
        self.client = Minio(f"{MINIOHost}:{MINIOPort}", MINIOAccesskey, MINIOSecret, secure=False)
        self.bucket_name = bucket_name
        self.data_dir = Path(data_dir)
        self.files: list[Path] = []

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        for name, kind in (("Host", str), ("Port", int), ("Accesskey", str), ("Secret", str)):
            parser.add_argument(f"--MINIO{name}", type=kind, required=True)
        parser.add_argument("--bucket_name", required=True)
        parser.add_argument("--data_dir", type=Path, default=Path("data"))

    def prepare_data(self) -> None:
        download_bucket(self.client, self.bucket_name, self.data_dir)

    def setup(self, stage: str | None = None) -> None:
        self.files = sorted(path for path in self.data_dir.rglob("*") if path.is_file())


def client_from(config: dict[str, Any]) -> Minio:
    """A client from a dict with host, port, access_key and secret_key."""
    return Minio(f"{config['host']}:{config['port']}", config["access_key"], config["secret_key"], secure=False)


def download_bucket(client: Minio, bucket: str, folder: Path) -> int:
    """Make a folder hold what a bucket holds, and return the number of files."""
    count = 0
    for item in client.list_objects(bucket, recursive=True):
        client.fget_object(bucket, item.object_name, str(folder / item.object_name))
        count += 1
    return count
