"""After all that was done: secrets are where they belong, and nowhere else."""

import json
import os
from pathlib import Path

import pytest
from service import DRIVES, Store

PLACES = {
    "the journal": "journalctl --no-pager",
    "the services' logs": "cd /opt/storageserver && docker compose logs --no-color",
    "the containers' configuration": "docker inspect $(docker ps --all --quiet)",
    "a command line": "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    "an environment": "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '",
    "a file that all may read": "find / -xdev -type f -perm /o+r ! -path '/usr/*' -exec cat {} +",
    "a log file": "find /var/log -type f -exec cat {} +",
}


def secrets() -> dict[Path, str]:
    """Of root, users and applications."""
    store = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "inventory", ".credentials")
    return {path: json.loads(path.read_text())["secret_key"] for path in store.rglob("*.json")}


@pytest.mark.parametrize("place", PLACES)
def test_the_server_shows_it_nowhere(store: Store, place: str) -> None:
    # Looked for here: as an argument on the server it would be the leak.
    said = store.inside(PLACES[place], check=False)
    assert [path.name for path, secret in secrets().items() if secret in said] == []


def test_the_runs_log_does_not_hold_it(store: Store) -> None:
    log = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "ansible.log").read_text()
    assert "PLAY RECAP" in log
    assert [path.name for path, secret in secrets().items() if secret in log] == []


def test_the_credential_files_are_the_owners() -> None:
    assert {path.name for path in secrets()} >= {"root.json", "clients.json", "workstation.json"}
    assert [path.name for path in secrets() if path.stat().st_mode & 0o077] == []


def test_no_node_has_a_secret_in_its_configuration(store: Store) -> None:
    for node in DRIVES:
        assert not [v for v in store.inspect(node)["Config"]["Env"] if "PASSWORD" in v or "SECRET" in v]
