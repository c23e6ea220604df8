"""What clients notice when nodes, drives and disks fail: what is asserted is what docs/faults.md promises."""

import io
import random
import time

import pytest
from minio.error import S3Error
from serving import MIB, NODES, PROJECT, Serving, wait_until

from tests.load.history import Report

WORKERS = 4
# Seconds that a write waits for a node that takes it, and what an answer takes then.
HOLD = 30
ANSWER = 5
# Seconds without one success while a node or a drive hangs: the canary's deadline, twice, and what it takes to notice.
HANG = 25


@pytest.fixture(scope="module")
def store():
    return Serving("storageserver-node-loss-store")


@pytest.fixture(autouse=True)
def whole(store):
    """Each fault meets a store that is whole, and leaves one."""
    yield
    for node in NODES:
        store.inside(f"docker unpause {container(node)} 2>/dev/null; docker start {container(node)}", check=False)
    store.wait_for_all()


def container(node):
    return f"storageserver-{node}-1"


def assert_nothing_lost(report):
    assert (report.lost, report.denied, report.wrong, report.undead) == (0, 0, 0, 0), report


def test_a_node_that_is_killed_costs_what_it_was_serving(store):
    report = Report()
    with store.loaded(report, WORKERS, after=10):
        store.inside(f"docker kill {container('minio3')}")
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= WORKERS
    assert report.longest_gap < ANSWER


def test_with_two_of_four_nodes_down_reads_are_right_and_writes_are_refused(store):
    client, data = store.client(), {f"pair/{number}": bytes([number]) * 100_000 for number in range(20)}
    for name, content in data.items():
        client.put_object("models", name, io.BytesIO(content), len(content))
    store.inside(f"docker kill {container('minio1')} {container('minio4')}")
    start = time.monotonic()
    with pytest.raises(S3Error) as refusal:
        store.load()._store.client().put_object("models", "refused", io.BytesIO(b"x"), 1)
    print(f"the first write was refused after {time.monotonic() - start:.1f} s")
    assert refusal.value.response.status == 503
    assert time.monotonic() - start < HOLD + ANSWER
    for name, content in data.items():
        assert store.client().get_object("models", name).data == content
    # Who comes later does not wait as long again.
    start = time.monotonic()
    with pytest.raises(S3Error):
        store.load()._store.client().put_object("models", "refused", io.BytesIO(b"x"), 1)
    assert time.monotonic() - start < ANSWER


def test_a_node_that_hangs_is_left_out(store):
    report = Report()
    with store.loaded(report, WORKERS, after=5):
        store.inside(f"docker pause {container('minio2')}")
        time.sleep(40)
        store.inside(f"docker unpause {container('minio2')}")
    assert_nothing_lost(report)
    assert report.longest_gap < HANG


def test_all_power_off_needs_no_hand(store):
    report = Report()
    with store.loaded(report, WORKERS, after=25):
        store.inside("docker kill " + " ".join(container(node) for node in NODES))
        for node in random.sample(NODES, len(NODES)):
            store.inside(f"docker start {container(node)}")
    assert_nothing_lost(report)
    assert report.longest_gap < HOLD


def test_a_drive_that_dies_is_not_missed(store):
    report = Report()
    with store.loaded(report, WORKERS, after=5):
        store.inside("xfs_io -x -c shutdown /mnt/drive2")
        time.sleep(10)
    try:
        assert_nothing_lost(report)
        assert sum(report.failed.values()) <= WORKERS
    finally:
        store.inside(f"docker stop {container('minio2')}; umount /mnt/drive2 && mount /mnt/drive2", check=False)
        store.inside(f"docker start {container('minio2')}")
        store.wait_for_all()


def test_a_drive_that_hangs_is_survived(store):
    report = Report()
    # Whatever becomes of the test, it thaws.
    store.inside("(sleep 40; xfs_freeze -u /mnt/drive3) >/dev/null 2>&1 &")
    with store.loaded(report, WORKERS, before=5, after=5):
        store.inside("xfs_freeze -f /mnt/drive3")
        time.sleep(25)
        store.inside("xfs_freeze -u /mnt/drive3")
    assert_nothing_lost(report)


def test_full_drives_are_said_so_and_can_be_emptied(store):
    client = store.client()
    client.put_object("models", "before", io.BytesIO(b"kept"), 4)
    free = "$(df --output=avail -B1 /mnt/drive$drive | tail -1)"
    fill = f"for drive in 1 2 3 4; do fallocate -l {free} /mnt/drive$drive/ballast; done"
    store.inside(fill, check=False)
    try:
        with pytest.raises(S3Error, match="XMinioStorageFull"):
            write_much(client)
        assert client.get_object("models", "before").data == b"kept"
        client.remove_object("models", "before")
    finally:
        store.inside("rm -f /mnt/drive?/ballast")
    wait_until(lambda: writes(client), 30, "a write")


def write_much(client):
    """More than could be hidden in what a filesystem keeps back."""
    for number in range(50):
        client.put_object("models", f"full/{number}", io.BytesIO(b"x" * 5 * MIB), 5 * MIB)


def writes(client):
    try:
        client.put_object("models", "after", io.BytesIO(b"x"), 1)
    except S3Error:
        return False
    return True


def test_a_node_that_is_cut_off_from_all_others(store):
    address = store.containers("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")["minio3"]
    report = Report()
    with store.loaded(report, WORKERS, after=10):
        store.inside(f"docker network disconnect storageserver_mynetwork {container('minio3')}")
        time.sleep(15)
        store.inside(f"docker network connect --ip {address} storageserver_mynetwork {container('minio3')}")
    assert_nothing_lost(report)
    assert report.longest_gap < HANG


def test_a_container_that_is_made_anew_is_found(store):
    report = Report()
    with store.loaded(report, WORKERS, after=5):
        store.inside(f"docker rm -f {container('minio1')}; docker compose --project-directory {PROJECT} up -d minio1")
        store.wait_for_all()
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= WORKERS
