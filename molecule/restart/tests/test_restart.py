"""Nodes and gateway restart while clients work, each of which repeats nothing."""

import io
import os
import threading
import time

import pytest
from operating import play
from serving import MIB, NODES, Serving, wait_until

from tests.load.history import Report

STARTED = "{{.State.StartedAt}}"
# Seconds without any success when nginx itself is killed: the engine starts it again, and it proves the nodes.
GAP_OF_GATEWAY = 10
RELOADS = 5


@pytest.fixture(scope="module")
def store():
    return Serving("storageserver-restart-store")


def test_a_restart_of_all_nodes_fails_no_request(store):
    before, report = store.containers(STARTED), Report()
    with store.loaded(report):
        done = play("restart")
    assert done.returncode == 0, done.stdout + done.stderr
    assert report.clean, report
    after = store.containers(STARTED)
    assert all(after[node] > before[node] for node in NODES)
    assert store.journal()["state"] == "done"


def test_what_takes_long_keeps_nodes_from_being_stopped(store):
    """Neither the node that serves it, nor a second one that holds a part of it."""
    before = store.containers(STARTED)
    with store.slow_upload(200) as node:
        done = play("restart", maintenance_drain_seconds=3)
    assert done.returncode != 0
    assert "was not restarted" in done.stdout
    assert "PUT /models/slow" in done.stdout
    after = store.containers(STARTED)
    assert after[node] == before[node]
    assert sum(after[each] > before[each] for each in NODES) <= 1
    store.wait_for_all()


def test_a_slow_download_outlives_what_is_restarted(store):
    """It began before all of them, so that the playbook stops before it would be cut."""
    content = os.urandom(128 * MIB)
    store.single().put_object("models", "large", io.BytesIO(content), len(content))
    received, client = bytearray(), store.single()

    def download():
        answer = client.get_object("models", "large")
        for piece in answer.stream(MIB):
            received.extend(piece)
            time.sleep(2)
        answer.close()

    reader = threading.Thread(target=download)
    reader.start()
    done = play("restart", maintenance_drain_seconds=3)
    reader.join()
    assert bytes(received) == content
    assert done.returncode != 0
    assert "GET /models/large" in done.stdout
    store.wait_for_all()


def test_one_node_alone_denies_nothing(store):
    """All nodes start anew, and for a while only one of them is admitted: all that was acknowledged is there."""
    report, first, others = Report(), NODES[0], NODES[1:]
    with store.loaded(report):
        store.gateway("POST", "/hold?restart=true&seconds=60")
        for node in others:
            store.gateway("POST", f"/drain?node={node}&seconds=120")
        try:
            store.inside("docker restart -t 10 " + " ".join(f"storageserver-{node}-1" for node in NODES))
            wait_until(store.admitted, 60, f"{first} is admitted")
            seen = [store.admitted() for _ in range(20) if not time.sleep(0.5)]
        finally:
            for node in others:
                store.gateway("POST", f"/admit?node={node}")
    assert seen == [{first}] * 20
    assert report.clean, report
    store.wait_for_all()


def test_nodes_that_would_be_others_afterwards_are_refused(store):
    store.inside("sed -i 's/pids_limit: 4096/pids_limit: 4097/' /opt/storageserver/compose.yaml")
    try:
        done = play("restart")
    finally:
        store.inside("sed -i 's/pids_limit: 4097/pids_limit: 4096/' /opt/storageserver/compose.yaml")
    assert done.returncode != 0
    assert "run playbooks/upgrade.yml" in done.stdout


def test_a_hold_ends_though_nobody_ends_it(store):
    store.gateway("POST", "/hold?seconds=4")
    start = time.monotonic()
    assert store.gateway()["hold"] == "plain"
    waiting = threading.Thread(target=lambda: store.client().bucket_exists("models"))
    waiting.start()
    wait_until(lambda: store.gateway().get("held"), 2, "a request that waits is shown")
    waiting.join()
    assert 2 < time.monotonic() - start < 10
    assert store.gateway()["hold"] is None


def test_a_reload_of_the_gateway_cuts_nothing_but_an_idle_connection(store):
    """Old workers close connections that are idle, perhaps just when a client begins to send (docs/faults.md)."""
    report = Report()
    with store.loaded(report):
        for _ in range(RELOADS):
            store.inside("docker exec storageserver-nginx-1 nginx -s reload")
            time.sleep(1)
    assert sum(report.failed.values()) <= RELOADS, report
    assert set(report.failed) <= {"ProtocolError"}, report
    assert (report.lost, report.denied, report.wrong, report.undead) == (0, 0, 0, 0), report


def test_a_gateway_that_is_killed_comes_back_by_itself(store):
    report = Report()
    with store.loaded(report, after=15):
        store.inside("kill -9 $(docker inspect --format '{{.State.Pid}}' storageserver-nginx-1)")
    assert report.longest_gap < GAP_OF_GATEWAY
    assert (report.lost, report.denied, report.wrong) == (0, 0, 0)


def test_a_node_that_crashes_comes_back_by_itself_and_denies_nothing(store):
    report = Report()
    with store.loaded(report, after=25):
        store.inside("kill -9 $(docker inspect --format '{{.State.Pid}}' storageserver-minio2-1)")
    assert (report.lost, report.denied, report.wrong) == (0, 0, 0)
    assert sum(report.failed.values()) <= 4, report
    store.wait_for_all()
