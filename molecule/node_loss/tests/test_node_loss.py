"""What clients notice when nodes, drives and disks fail: what is asserted is what docs/faults.md promises."""

import io
import os
import random
import threading
import time
from contextlib import contextmanager

import pytest
from minio.error import S3Error
from serving import MIB, NODES, PROJECT, Serving, wait_until

from tests.load.history import Report

WORKERS = 4
# Seconds that a write waits for a node that takes it, and what an answer takes then.
HOLD = 30
ANSWER = 5
# Seconds without one success when a node is gone: its peers give up what they were sending it after 10.
LOSS = 15
# Seconds without one success while a node hangs or is cut off: its peers ask every 10 s, and give up after two.
HANG = 35
# Seconds until a write is refused that a node has taken and does not answer: gateway_write_seconds.
REFUSAL = 40 + ANSWER
# Seconds of a read while a node or a drive hangs. The gateway asks another node after 20, which may need the hung one.
READ = 60
# Seconds without one success while a drive hangs: every client may have sent a write, or read what one has locked.
HUNG_DRIVE = 60


@pytest.fixture(scope="module")
def store():
    return Serving("storageserver-node_loss-store")


@pytest.fixture(autouse=True)
def whole(store):
    """Each fault meets a store that is whole, and leaves one."""
    yield
    for node in NODES:
        store.inside(f"docker unpause {container(node)} 2>/dev/null; docker start {container(node)}", check=False)
    store.wait_for_all()


def container(node):
    return f"storageserver-{node}-1"


def address_of(store, node):
    return store.containers("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")[node]


def assert_nothing_lost(report):
    assert (report.lost, report.denied, report.wrong, report.undead) == (0, 0, 0, 0), report


def put(client, name, content):
    client.put_object("models", name, io.BytesIO(content), len(content))


@contextmanager
def read(store):
    """Somebody who only reads meanwhile: one object, again and again, right each time. The longest read is printed."""
    content, client, stop, longest = os.urandom(MIB), store.single(), threading.Event(), 0.0
    put(client, "steady", content)
    problems: list[object] = []

    def work():
        nonlocal longest
        while not stop.is_set():
            start = time.monotonic()
            try:
                if client.get_object("models", "steady").data != content:
                    problems.append("other bytes")
            except Exception as failure:
                # Whatever it is, it is what a client has seen.
                problems.append(failure)
            longest = max(longest, time.monotonic() - start)
            time.sleep(0.1)

    reader = threading.Thread(target=work)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()
        print(f"the longest read took {longest:.1f} s")
    assert not problems
    assert longest < READ


@contextmanager
def broken_drive(store, number):
    """Its filesystem shuts down, as it does when the disk is gone; afterwards it is mounted anew."""
    store.inside(f"xfs_io -x -c shutdown /mnt/drive{number}")
    try:
        yield
    finally:
        node, drive = container(f"minio{number}"), f"/mnt/drive{number}"
        store.inside(f"docker kill {node}; umount {drive} && mount {drive} && docker start {node}")


@contextmanager
def frozen_drive(store, number, seconds):
    """Whatever becomes of the test, it thaws."""
    drive = f"/mnt/drive{number}"
    store.inside(f"(sleep {seconds}; xfs_freeze -u {drive}) >/dev/null 2>&1 &")
    store.inside(f"xfs_freeze -f {drive}")
    try:
        yield
    finally:
        store.inside(f"xfs_freeze -u {drive}", check=False)


def test_a_node_that_is_killed_costs_what_it_was_serving(store):
    report = Report()
    store.settle()
    # As long as a write may wait for a lock that went with the node.
    with store.loaded(report, WORKERS, after=REFUSAL):
        store.inside(f"docker kill {container('minio3')}")
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= WORKERS
    assert report.longest_gap < LOSS


@contextmanager
def vanished(store, node):
    """As a host that has lost its power, behind a router: nobody says no to who connects."""
    pids = store.containers("{{.State.Pid}}")
    rule = f"OUTPUT -d {address_of(store, node)} -p tcp --syn -j DROP"
    places = ["", *(f"nsenter -t {pids[peer]} -n" for peer in NODES if peer != node)]
    try:
        for place in places:
            store.inside(f"{place} iptables -w -I {rule}")
        with killed(store, node):
            yield
    finally:
        for place in places:
            store.inside(f"{place} iptables -w -D {rule}", check=False)


def test_a_node_that_vanishes_is_given_up(store):
    report = Report()
    store.settle()
    with store.loaded(report, WORKERS, after=5), vanished(store, "minio3"):
        time.sleep(REFUSAL)
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= WORKERS
    assert report.longest_gap < LOSS


def refused_after(client):
    """Seconds until a write is refused."""
    start = time.monotonic()
    with pytest.raises(S3Error) as refusal:
        put(client, "refused", b"x")
    assert refusal.value.response.status == 503
    return time.monotonic() - start


def assert_only_reads(store, break_it):
    client, data = store.single(), {f"pair/{number}": bytes([number]) * 100_000 for number in range(20)}
    for name, content in data.items():
        put(client, name, content)
    store.settle()
    with read(store):
        with break_it:
            seconds = refused_after(client)
            print(f"the first write was refused after {seconds:.1f} s")
            assert seconds < REFUSAL
            for name, content in data.items():
                assert client.get_object("models", name).data == content
            # Who comes later does not wait as long again. The first may have been refused by a node, without a wait.
            refused_after(client)
            assert refused_after(client) < ANSWER
        start = time.monotonic()
        wait_until(lambda: writes(client), HOLD, "a write")
        print(f"writes went on after {time.monotonic() - start:.1f} s")


@contextmanager
def killed(store, *nodes):
    names = " ".join(container(node) for node in nodes)
    store.inside(f"docker kill {names}")
    try:
        yield
    finally:
        store.inside(f"docker start {names}")


def test_with_two_of_four_nodes_down_reads_are_right_and_writes_are_refused(store):
    assert_only_reads(store, killed(store, "minio1", "minio4"))


@contextmanager
def killed_and_broken(store):
    with killed(store, "minio1"), broken_drive(store, 4):
        yield


def test_with_a_node_and_the_drive_of_another_lost_it_is_the_same(store):
    assert_only_reads(store, killed_and_broken(store))


def test_a_node_that_hangs_is_left_out(store):
    report = Report()
    store.settle()
    with read(store), store.loaded(report, WORKERS, after=5):
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
    with store.loaded(report, WORKERS, after=5), broken_drive(store, 2):
        time.sleep(10)
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= 2 * WORKERS


def test_a_drive_that_hangs_is_survived(store):
    report = Report()
    store.settle()
    with read(store), store.loaded(report, WORKERS, after=5), frozen_drive(store, 3, seconds=100):
        time.sleep(80)
    assert_nothing_lost(report)
    assert report.longest_gap < HUNG_DRIVE


def test_full_drives_are_said_so_and_can_be_emptied(store):
    client = store.single()
    put(client, "before", b"kept")
    # What is left is less than an object needs on a drive.
    fill = "fallocate -l $(($(df --output=avail -B1 /mnt/drive$drive | tail -1) - 4194304)) /mnt/drive$drive/ballast"
    store.inside(f"for drive in 1 2 3 4; do {fill} || exit 1; done")
    try:
        with pytest.raises(S3Error, match="XMinioStorageFull"):
            write_much(client)
        assert client.get_object("models", "before").data == b"kept"
        client.remove_object("models", "before")
    finally:
        store.inside("rm -f /mnt/drive?/ballast")
    wait_until(lambda: writes(client), HOLD, "a write")


def write_much(client):
    """More than could be hidden in what a filesystem keeps back."""
    for number in range(50):
        put(client, f"full/{number}", b"x" * 5 * MIB)


def writes(client):
    try:
        put(client, "after", b"x")
    except S3Error:
        return False
    return True


def test_a_node_that_is_cut_off_from_all_others(store):
    address = address_of(store, "minio3")
    network, report = "storageserver_mynetwork", Report()
    store.settle()
    with read(store), store.loaded(report, WORKERS, after=10):
        store.inside(f"docker network disconnect {network} {container('minio3')}")
        time.sleep(40)
        store.inside(f"docker network connect --ip {address} --alias minio3 {network} {container('minio3')}")
    assert_nothing_lost(report)
    assert report.longest_gap < HANG


def test_a_container_that_is_made_anew_is_found(store):
    report = Report()
    with store.loaded(report, WORKERS, after=5):
        store.inside(f"docker rm -f {container('minio1')}; docker compose --project-directory {PROJECT} up -d minio1")
        store.wait_for_all()
    assert_nothing_lost(report)
    assert sum(report.failed.values()) <= WORKERS
