import argparse
import io
from pathlib import Path

import pytest
from minio import Minio
from shapes import StoreDataModule, client_from, download_bucket

CONTENT = {
    "2026/01/20260101.0000.00.han.fitacf": b"radar" * 1000,
    "2026/02/a name with spaces + plus.h5": b"\x00\x01" * 70_000,
    "empty": b"",
    "ünïcode/datei.nc": b"netcdf",
}


@pytest.fixture
def filled(client: Minio, bucket: str) -> str:
    for name, data in CONTENT.items():
        client.put_object(bucket, name, io.BytesIO(data), len(data))
    return bucket


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_data_module_by_constructor(connection: dict[str, str], filled: str, tmp_path: Path) -> None:
    module = StoreDataModule(
        MINIOHost=connection["host"],
        MINIOPort=int(connection["port"]),
        MINIOAccesskey=connection["access_key"],
        MINIOSecret=connection["secret_key"],
        bucket_name=filled,
        data_dir=tmp_path,
    )
    module.prepare_data()
    module.setup("fit")
    assert files(tmp_path) == CONTENT
    assert len(module.files) == len(CONTENT)


def test_data_module_by_command_line(connection: dict[str, str], filled: str, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    StoreDataModule.add_arguments(parser)
    line = ["--MINIOHost", connection["host"], "--MINIOPort", connection["port"], "--bucket_name", filled]
    line += ["--MINIOAccesskey", connection["access_key"], "--MINIOSecret", connection["secret_key"]]
    module = StoreDataModule(**vars(parser.parse_args([*line, "--data_dir", str(tmp_path)])))
    module.prepare_data()
    assert files(tmp_path) == CONTENT


def test_client_from_a_dict(connection: dict[str, str], filled: str) -> None:
    names = {item.object_name for item in client_from(connection).list_objects(filled, recursive=True)}
    assert names == set(CONTENT)


def test_bucket_to_folder(client: Minio, filled: str, tmp_path: Path) -> None:
    assert download_bucket(client, filled, tmp_path) == len(CONTENT)
    assert files(tmp_path) == CONTENT
