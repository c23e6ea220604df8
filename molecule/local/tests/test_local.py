"""What the README's first screen says, in its order. Each test goes on where the one before it ended."""

import json
import re
import subprocess
import time

import pytest

MACHINE = "storageserver-local-machine"
SERVICES = {"minio1", "minio2", "minio3", "minio4", "nginx"}

CLIENT = """
import io, os
from minio import Minio
client = Minio(os.environ["MINIO_ENDPOINT"], os.environ["MINIO_ACCESS_KEY"], os.environ["MINIO_SECRET_KEY"],
               secure=os.environ["MINIO_SECURE"] == "true")
{do}
"""
BUCKETS = ["models", "processed-data", "superdarn-data"]
WRITE = 'client.put_object("models", "kept", io.BytesIO(b"precious"), 8)'
READ = 'print(client.get_object("models", "kept").data.decode())'


def shell(command: str, check: bool = True, user: str = "operator") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", "exec", "--user", user, "--workdir", "/home/operator/storageserver", MACHINE, "bash", "-c", command],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert not check or done.returncode == 0, f"{command}: {done.stdout[-6000:]}{done.stderr[-3000:]}"
    return done


def root(command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """To look at the machine: the operator is not in the group docker."""
    return shell(command, check, user="root")


def as_client(do: str) -> str:
    script = CLIENT.format(do=do)
    return shell(f"""eval "$(make env)" && .venv/bin/python -c '{script}'""").stdout.strip()


def containers() -> dict[str, tuple[str, str]]:
    """Id and start time of each service."""
    identities = root("docker ps --all --quiet").stdout.split()
    described = json.loads(root(f"docker inspect {' '.join(identities)}").stdout) if identities else []
    return {c["Config"]["Labels"]["com.docker.compose.service"]: (c["Id"], c["State"]["StartedAt"]) for c in described}


def names() -> list[str]:
    """Whatever carries our name or is a drive, beside the clone and the build cache: what the README says stays."""
    return root(
        r"find / -xdev \( -name '*storageserver*' -o -path '/mnt/*' \) ! -path '/home/*' ! -path '/tmp/*' | sort"
    ).stdout.split()


def devices() -> list[str]:
    """Loop devices on files of ours, by their inodes: a container sees its host's too."""
    listed = root("losetup --list --noheadings --output BACK-MAJ:MIN,BACK-INO,BACK-FILE").stdout.splitlines()
    return sorted(device for device in listed if "/var/lib/storageserver/" in device)


@pytest.fixture(scope="module")
def untouched() -> list[str]:
    return names()


@pytest.fixture(scope="module")
def others() -> list[str]:
    return devices()


def test_a_run_that_is_killed(untouched: list[str], others: list[str]) -> None:
    """In its worst moment: the first nodes are being started."""
    shell(
        "setsid make up >/tmp/killed.log 2>&1 & echo $! >/tmp/run;"
        " for i in $(seq 3000); do grep -q 'TASK .cluster : Start the nodes' /tmp/killed.log && break; sleep 0.1; done"
    )
    # With it all that sudo runs for it.
    root("sleep 1; kill -KILL -- -$(cat /tmp/run)")
    said = shell("cat /tmp/killed.log").stdout
    assert "installing python3-venv" in said
    assert "PLAY RECAP" not in said


def test_make_up_carries_on() -> None:
    said = shell("make up").stdout
    for expected in ("http://127.0.0.1:9000", "http://127.0.0.1:9001", "root.json", "make status"):
        assert expected in said
    assert set(containers()) == SERVICES


def test_a_client_gets_in_by_make_env() -> None:
    as_client(WRITE)
    assert as_client(READ) == "precious"


def test_that_client_is_not_root() -> None:
    assert as_client("print([bucket.name for bucket in client.list_buckets()])") == str(BUCKETS)
    refused = as_client("""
try: client.make_bucket("another")
except Exception as error: print(error.code)""")
    assert refused == "AccessDenied"
    assert "root-" in shell("make env WHO=root").stdout
    assert "make env WHO=NAME" in shell("make env WHO=nobody", check=False).stderr


def test_nobody_else_gets_in() -> None:
    listening = shell("ss --listening --tcp --numeric --no-header").stdout
    addresses = {line.split()[3] for line in listening.splitlines() if re.search(r":900[01]$", line.split()[3])}
    assert addresses <= {f"{host}:{port}" for host in ("127.0.0.1", "[::1]") for port in (9000, 9001)}
    assert "127.0.0.1:9000" in addresses


def test_make_up_again_changes_nothing() -> None:
    before = containers()
    done = shell("make up")
    assert re.findall(r"changed=(\d+)", done.stdout) == ["0", "0"]
    assert containers() == before


def test_make_status() -> None:
    done = shell("make status")
    for expected in (*SERVICES, "superdarn-data", "capacity", "quorum"):
        assert expected in done.stdout


def test_make_logs() -> None:
    # It follows them until it is stopped; whoever has used sudo cannot stop what runs as root.
    logs = shell("make logs SUDO='sudo timeout 5'", check=False).stdout
    for service in ("minio1", "nginx"):
        assert service in logs


def test_everything_comes_back_after_a_reboot() -> None:
    before = {service: identity for service, (identity, _) in containers().items()}
    subprocess.run(["docker", "restart", "--time", "60", MACHINE], check=True, capture_output=True)
    end = time.monotonic() + 120
    while shell("make status", check=False).returncode != 0:
        assert time.monotonic() < end
        time.sleep(1)
    assert {service: identity for service, (identity, _) in containers().items()} == before
    assert as_client(READ) == "precious"


def test_make_down_and_up_again() -> None:
    shell("make down")
    assert root("docker ps --quiet").stdout == ""
    assert shell("make status", check=False).returncode != 0
    shell("make up")
    assert as_client(READ) == "precious"


def test_make_destroy_wants_a_yes() -> None:
    assert shell("make destroy", check=False).returncode != 0
    assert as_client(READ) == "precious"


def test_make_destroy_leaves_nothing(untouched: list[str], others: list[str]) -> None:
    done = shell("make destroy CONFIRM=yes")
    assert "docker.io" in done.stdout
    assert containers() == {}
    assert root("docker images --quiet").stdout == ""
    assert root("docker network ls --quiet --filter type=custom").stdout == ""
    assert root("docker volume ls --quiet").stdout == ""
    assert "/mnt" not in root("cat /proc/mounts /etc/fstab").stdout
    assert devices() == others
    assert names() == untouched


LOSETUP = "/usr/local/sbin/losetup"


def test_without_loop_devices_folders_are_used_where_that_is_allowed(untouched: list[str]) -> None:
    root(f"printf '#!/bin/sh\necho no loop devices here >&2; exit 1\n' >{LOSETUP} && chmod 755 {LOSETUP}")
    refused = shell("make up", check=False)
    assert refused.returncode != 0
    assert "Set drives_allow_shared_disk=true to use plain folders instead" in " ".join(refused.stdout.split())
    assert names() == untouched

    said = " ".join(shell('make up ARGS="-e drives_allow_shared_disk=true"').stdout.split())
    assert "losing it loses all of them" in said
    as_client(WRITE)
    assert as_client(READ) == "precious"
    shell("make destroy CONFIRM=yes")
    assert "/mnt" not in root("cat /proc/mounts /etc/fstab").stdout
    assert names() == untouched
