"""All nodes become others while clients work, each of which repeats nothing: none of their requests fails."""

import os
import re
import signal
import time
from statistics import median

import pytest
from builds import image_with, stamped
from operating import play, start
from serving import LONG, NODES, PROJECT, Serving, wait_until

from tests.load.history import Report

long = pytest.mark.skipif(not LONG, reason="takes long: make test-long")
IMAGE = "{{.Image}}"
# Seconds: the longest that a request may wait for nodes that come back.
LONGEST = 25
# A lease and what it takes to look again.
LEASE = 60 + 10


@pytest.fixture(scope="module")
def store():
    return Serving("storageserver-upgrade-store")


@pytest.fixture(scope="module")
def new(store, tmp_path_factory):
    return image_with(stamped("new"), store.instance, tmp_path_factory.mktemp("new"))


def versions(store):
    form = "docker exec storageserver-{}-1 /usr/bin/minio --version | head -1"
    return {store.inside(form.format(node)) for node in NODES}


def test_an_upgrade_fails_no_request(store, new):
    before, version, report = store.containers(IMAGE), versions(store), Report()
    with store.loaded(report):
        done = play("upgrade", images_minio=new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert report.clean, report
    assert report.longest_wait < LONGEST
    assert "Requests waited" in done.stdout
    after = store.containers(IMAGE)
    assert len(set(after.values())) == 1
    assert after["minio1"] != before["minio1"]
    assert versions(store) != version
    assert len(versions(store)) == 1


def test_a_second_one_has_nothing_to_do(store, new):
    before = store.containers("{{.State.StartedAt}}")
    done = play("upgrade", images_minio=new)
    assert done.returncode == 0, done.stdout
    assert "Nothing to do" in done.stdout
    assert store.containers("{{.State.StartedAt}}") == before


@long
def test_a_node_that_is_not_like_the_others_is_named(store, new):
    override = f"{PROJECT}/odd.yaml"
    store.inside(f"printf 'services: {{minio2: {{environment: {{MINIO_ODD: odd}}}}}}' > {override}")
    files = f"-f {PROJECT}/compose.yaml -f {PROJECT}/compose.override.yaml"
    store.inside(f"docker compose {files} -f {override} up -d --no-deps minio2")
    try:
        done = play("upgrade", images_minio=new)
        assert done.returncode != 0
        assert "minio2 runs with another image or other settings" in done.stdout
    finally:
        store.inside(f"rm {override}; docker compose {files} up -d --no-deps minio2")
    store.wait_for_all()


def test_what_takes_longer_than_it_is_given_is_named_and_nothing_is_changed(store):
    before = store.containers("{{.State.StartedAt}}")
    with store.slow_upload(100):
        done = play("upgrade", maintenance_drain_seconds=3)
    assert done.returncode != 0
    assert "PUT /models/slow" in done.stdout
    assert "maintenance_drain_seconds" in done.stdout
    assert store.containers("{{.State.StartedAt}}") == before
    assert store.gateway()["hold"] is None


@long
def test_a_build_that_does_not_start_is_undone(store, tmp_path):
    before, report = store.containers(IMAGE), Report()
    broken = image_with(b"#!/nothing\n", store.instance, tmp_path)
    with store.loaded(report):
        done = play("upgrade", images_minio=broken)
    assert done.returncode != 0
    assert "what was there before is back" in done.stdout
    assert store.containers(IMAGE) == before
    # Requests that waited longer than gateway_hold_seconds were told so.
    assert not report.lost
    assert not report.denied
    assert not report.wrong
    store.wait_for_all()


def test_a_run_that_was_killed_is_finished_by_the_next_one(store):
    before, report = store.containers(IMAGE), Report()
    with store.loaded(report):
        running = start("upgrade")
        wait_until(lambda: store.gateway()["hold"], 300, "a hold")
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        held = time.monotonic()
        wait_until(lambda: not store.gateway()["hold"], LEASE, "the gateway lets go by itself")
        print(f"let go after {time.monotonic() - held:.0f} s")
    assert not report.lost
    assert not report.denied
    site = play("deploy-cluster")
    assert site.returncode != 0
    assert "upgrade.yml" in site.stdout
    done = play("upgrade", maintenance_take_over=True)
    assert done.returncode == 0, done.stdout
    assert store.containers(IMAGE) != before
    store.wait_for_all()


@long
def test_twenty_upgrades_in_a_row_fail_no_request(store, new):
    """To the other build and back, ten times each. How long the hold and the slowest request took is printed."""
    holds, waits = [], []
    for number in range(20):
        report = Report()
        with store.loaded(report):
            done = play("upgrade", **({} if number % 2 else {"images_minio": new}))
        assert done.returncode == 0, done.stdout
        assert report.clean, report
        held = re.search(r"Requests waited ([\d.]+) s", done.stdout)
        assert held, done.stdout
        holds.append(float(held[1]))
        waits.append(round(report.longest_wait, 1))
    for what, seconds in (("holds", holds), ("slowest requests", waits)):
        print(f"{what}: {sorted(seconds)}, median {median(seconds):.1f} s")
    assert max(waits) < LONGEST


@long
def test_what_takes_longer_than_it_is_given_is_cut_and_counted_where_that_is_wanted(store, new):
    before = store.containers(IMAGE)
    with store.slow_upload(200, is_cut=True):
        done = play("upgrade", images_minio=new, maintenance_drain_seconds=3, maintenance_cut=True)
    assert done.returncode == 0, done.stdout
    assert "Cut: 1 requests: PUT /models/slow" in done.stdout
    assert "1 were cut" in done.stdout
    assert store.containers(IMAGE) != before
    store.wait_for_all()


def test_a_restart_of_one_node_after_the_other_fails_no_request(store):
    before, report = store.containers("{{.State.StartedAt}}"), Report()
    with store.loaded(report):
        done = play("restart")
    assert done.returncode == 0, done.stdout
    assert report.clean, report
    assert re.search(r"restart: done\. Requests waited [\d.]+ s at most; 0 were cut", done.stdout)
    after = store.containers("{{.State.StartedAt}}")
    assert all(after[node] > before[node] for node in NODES)


def test_a_rollback_fails_no_request(store):
    before, report = store.containers(IMAGE), Report()
    with store.loaded(report):
        done = play("rollback")
    assert done.returncode == 0, done.stdout
    assert report.clean, report
    assert store.containers(IMAGE) != before
    again = play("rollback")
    assert again.returncode != 0
    assert "no upgrade was made here" in again.stdout
