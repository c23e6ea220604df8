"""A drive is gone while its node is stopped: the node refuses to start, and nothing is written where the drive was."""

import json

import pytest

testinfra_hosts = ["storage"]

COMPOSE = "docker compose --project-directory /opt/storageserver"
NODE, POINT = "minio2", "/mnt/drive2"


def used_by_root(host) -> int:
    """KiB on the root filesystem. Engine and drives have filesystems of their own."""
    return int(host.check_output("du --summarize --one-file-system /").split()[0])


def container(host) -> dict:
    return json.loads(host.check_output(f"docker inspect $({COMPOSE} ps --all --quiet {NODE})"))[0]


@pytest.fixture(scope="module")
def attempt(host):
    """A try to start the node without its drive, and what the root filesystem had before."""
    host.check_output(f"{COMPOSE} stop {NODE} && umount {POINT}")
    before = used_by_root(host)
    yield host.run(f"{COMPOSE} start {NODE}"), before
    host.check_output(f"mountpoint {POINT} || mount {POINT}")
    host.check_output(f"{COMPOSE} up --detach --wait {NODE}")


def test_the_node_refuses_to_start_and_says_what_is_missing(host, attempt):
    started, _ = attempt
    assert started.rc != 0
    assert f"{POINT}/minio" in started.stderr
    assert container(host)["State"]["Running"] is False


def test_recreating_it_does_not_help_it(host, attempt):
    assert host.run(f"{COMPOSE} up --detach --force-recreate --no-deps {NODE}").rc != 0
    assert container(host)["State"]["Running"] is False


def test_nothing_can_be_written_where_the_drive_was(host, attempt):
    assert host.run(f"touch {POINT}/file").rc != 0
    assert host.run(f"mkdir {POINT}/minio").rc != 0
    assert host.check_output(f"ls -A {POINT}") == ""


def test_the_root_filesystem_has_not_grown(host, attempt):
    _, before = attempt
    # The journal may tell about it.
    assert used_by_root(host) - before < 1024


def test_the_others_go_on(host, attempt):
    for node in ("minio1", "minio3", "minio4"):
        assert host.check_output(f"{COMPOSE} ps --quiet --status running {node}") != ""


def test_with_its_drive_back_it_starts(host, attempt):
    host.check_output(f"mount {POINT}")
    host.check_output(f"{COMPOSE} up --detach --wait {NODE}")
    assert container(host)["State"]["Running"] is True
