"""The same files as a collection and in place, on every ansible-core that there is a Python for."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT, run_module

OPTIONS = {
    "nodes": [{"name": "minio1", "host": "store", "drives": ["/mnt/a", "/mnt/b"]}],
    "hosts": ["store"],
    "gateways": ["store"],
    "subnet": "172.16.90.0/24",
}
NEWER = "3.13"


def newer_python():
    """A Python that a newer ansible-core needs, if this machine has one that starts."""
    candidates = [shutil.which(f"python{NEWER}"), *Path.home().glob(f".pyenv/versions/{NEWER}*/bin/python")]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    pytest.skip(f"there is no Python {NEWER} here to try a newer ansible-core with")


def newer_environment():
    """Only ansible-core, in the version that requirements.txt has for that Python."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("there is no uv in the virtual environment to make another one with")
    base = newer_python()
    lock = ROOT / "requirements.txt"
    folder = ROOT / ".cache" / f"venv-{NEWER}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin/python"
    if not (folder / "bin/ansible").exists():
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", base, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", python, "--constraint", lock, "ansible-core"]
        subprocess.run(install, check=True)
    return str(python)


@pytest.fixture(scope="session", params=["this", "newer"])
def python(request):
    return sys.executable if request.param == "this" else newer_environment()


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Built and installed without a network."""
    build, collections = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("collections")
    galaxy = [Path(sys.executable).with_name("ansible-galaxy"), "collection"]
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
    }
    for arguments in (
        ["build", "--output-path", build, ROOT],
        ["install", "--offline", "--no-deps", "--collections-path", collections, build / archive_name()],
    ):
        done = subprocess.run([*galaxy, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return collections


def archive_name():
    version = next(line for line in (ROOT / "galaxy.yml").read_text().splitlines() if line.startswith("version:"))
    return f"storageserver-storage-{version.split()[1]}.tar.gz"


def test_in_place(python):
    outcome = run_module("storage_topology", OPTIONS, python=python)
    assert outcome.code == 0, outcome.output
    assert outcome.result["topology"]["arguments"] == ["http://minio1/data/{1...2}"]


def test_installed(python, installed, tmp_path):
    # Away from the repository and without its configuration: nothing is found by accident.
    config = tmp_path / "ansible.cfg"
    config.touch()
    settings = {"ANSIBLE_CONFIG": str(config), "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    outcome = run_module("storageserver.storage.storage_topology", OPTIONS, python=python, cwd=tmp_path, **settings)
    assert outcome.code == 0, outcome.output
    assert outcome.result["topology"]["arguments"] == ["http://minio1/data/{1...2}"]
    assert run_module("storage_topology", OPTIONS, python=python, cwd=tmp_path, **settings).code != 0


def test_only_what_is_part_of_it_is_in_it(installed):
    folder = installed / "ansible_collections/storageserver/storage"
    top = {path.name for path in folder.iterdir()} - {"README.md", "LICENSE", "NOTICE", "CHANGELOG.md"}
    assert top == {"FILES.json", "MANIFEST.json", "library", "meta", "module_utils", "plugins"}
    assert (folder / "plugins/modules/minio_bucket.py").read_text() == (ROOT / "library/minio_bucket.py").read_text()
