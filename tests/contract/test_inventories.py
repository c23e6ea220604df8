"""What ships as an inventory: the operator's, which names nobody yet, and the mapping that both promise."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DRIVES = {"minio1": "/mnt/drive3", "minio2": "/mnt/drive2", "minio3": "/mnt/drive4", "minio4": "/mnt/drive1"}


@pytest.mark.parametrize("variables", ["prod/group_vars/all.yml", "local/group_vars/storage.yml"])
def test_each_node_has_the_drive_that_was_asked_for(variables: str) -> None:
    nodes = yaml.safe_load((ROOT / "inventory" / variables).read_text())["storage_nodes"]
    assert {node["name"]: node["drives"] for node in nodes} == {name: [drive] for name, drive in DRIVES.items()}


def test_an_inventory_without_a_host_says_what_to_set() -> None:
    done = subprocess.run(
        [Path(sys.prefix) / "bin" / "ansible-playbook", "site.yml", "-i", "inventory/prod"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    for group in ("storage", "gateways"):
        assert f"Group '{group}' of the inventory" in done.stdout
    assert "has no host. Name your server below 'hosts:' of that group" in done.stdout
