"""Real data, and much of it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
import scipy.io
from service import Block, MiB, Store

PROJECT = Path(__file__).parents[3]
FILES = sorted(
    [
        *(Path(h5py.__file__).parent / "tests" / "data_files").glob("*.h5"),
        *(Path(scipy.io.__file__).parent / "tests" / "data").glob("*.nc"),
    ]
)


def test_there_are_real_files() -> None:
    assert {path.suffix for path in FILES} == {".h5", ".nc"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_files_are_what_they_were(store: Store, tmp_path: Path, path: Path) -> None:
    client = store.client()
    client.fput_object("superdarn-data", f"real/{path.name}", str(path))
    client.fget_object("superdarn-data", f"real/{path.name}", str(tmp_path / path.name))
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    store.sums[f"real/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix == ".h5":
        with h5py.File(tmp_path / path.name) as file:
            assert len(file.keys()) > 0
    else:
        with scipy.io.netcdf_file(tmp_path / path.name, mmap=False) as file:
            assert len(file.variables) > 0


def test_a_gibibyte_by_multipart(store: Store) -> None:
    client = store.client()
    content = Block(1024 * MiB)
    client.put_object("superdarn-data", "gibibyte", content, -1, part_size=32 * MiB)
    assert client.stat_object("superdarn-data", "gibibyte").size == 1024 * MiB
    store.sums["gibibyte"] = content.sha.hexdigest()
    assert Store.sum_of(client, "gibibyte") == content.sha.hexdigest()


def test_clients_of_every_shape(store: Store) -> None:
    connection = {
        "MINIO_ENDPOINT": f"{store.address}:9000",
        "MINIO_ACCESS_KEY": store.workstation["access_key"],
        "MINIO_SECRET_KEY": store.workstation["secret_key"],
        "MINIO_SECURE": "false",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/clients"],
        cwd=PROJECT,
        env={**os.environ, **connection},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
