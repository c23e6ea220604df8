"""Every credential is replaced while clients work, whatever kills the run: none of their requests fails."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from minio import Minio
from minio.error import S3Error
from operating import ROOT, play, start
from serving import CREDENTIALS, LONG, NODES, Serving, wait_until

from tests.load.history import Report

APPLICATIONS = {"names": ["workstation", "storageserver-gateway", "application/automation"]}
# What is not declared goes, but what a rotation has made is not that.
ONE_OWNER = {"access_unmanaged": {"users": "remove", "service_accounts": "remove"}}
# Seconds: the longest that a request may wait for nodes that come back.
LONGEST = 25
LEASE = 60 + 10
REFUSED = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"}
# All secrets that were ever in use, and what all playbooks have printed.
SECRETS: set[str] = set()
PRINTED: list[str] = []


@pytest.fixture(scope="module")
def store():
    serving = Serving("storageserver-rotation-store")
    ended = threading.Event()
    seen: list[str] = []

    def watch():
        while not ended.is_set():
            remember()
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue
            leaked.update(each for each in SECRETS if any(each in line for line in seen))
            seen.clear()
            ended.wait(0.2)

    watching = threading.Thread(target=watch)
    watching.start()
    yield serving
    ended.set()
    watching.join()


leaked: set[str] = set()


def remember():
    for path in [CREDENTIALS / "root.json", *CREDENTIALS.glob("*s/*.json")]:
        SECRETS.add(json.loads(path.read_text())["secret_key"])


def key(name="applications/workstation"):
    content = json.loads((CREDENTIALS / f"{name}.json").read_text())
    return content["access_key"], content["secret_key"]


class ThroughNode(urllib3.PoolManager):
    """Asks one node, by the gateway."""

    def __init__(self, node):
        super().__init__(retries=False, timeout=20)
        self.node = node

    def urlopen(self, method, url, redirect=True, **kw):
        headers = {**kw["headers"], "X-Storage-Node": self.node}
        return super().urlopen(method, url, redirect, **{**kw, "headers": headers})


def asks(store, keys, node=None):
    pool = ThroughNode(node) if node else urllib3.PoolManager(retries=False, timeout=60)
    return Minio(store.address, *keys, region="us-east-1", secure=False, http_client=pool)


def refused_everywhere(store, keys):
    for node in NODES:
        with pytest.raises(S3Error) as refusal:
            list(asks(store, keys, node).list_objects("models"))
        assert refusal.value.code in REFUSED


def state(name="application-workstation"):
    path = CREDENTIALS / f"rotation/{name}.json"
    return json.loads(path.read_text())["state"] if path.is_file() else "idle"


def run(playbook, *flags, **variables):
    """As `play`; what it printed is looked through at the end."""
    done = play(playbook, *flags, **variables)
    PRINTED.append(done.stdout + done.stderr)
    return done


def keys_of_the_user(store):
    """What the server has: one key for the application, and no orphan."""
    found = run("export-access", export_access_file=str(CREDENTIALS.parent / "access.yml"))
    assert found.returncode == 0, found.stdout
    return (CREDENTIALS.parent / "access.yml").read_text().count("application: workstation")


def metrics():
    """Ages and due times, by metric and credential."""
    text = (CREDENTIALS.parent / "credentials.prom").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    form = re.compile(r'(minio_credential_\w+)\{kind="(\w+)",name="([\w-]+)"\} (\d+)')
    found = [form.fullmatch(line) for line in lines]
    assert all(found), text
    return {(each[1], each[3]): int(each[4]) for each in found}


@contextmanager
def clients(store, report):
    """One that reads its key anew for each request, one that keeps its key, and one that tries what is forbidden."""
    failures, ended, kept = [], threading.Event(), key()

    def work(keys, number):
        while not ended.is_set():
            try:
                client = asks(store, keys())
                client.put_object("models", f"client-{number}", io.BytesIO(b"x" * 1000), 1000)
                client.get_object("models", f"client-{number}").close()
            except Exception as error:  # whatever it is, it is what a client has seen
                failures.append(f"client {number}: {error}")
            time.sleep(0.05)

    def forbidden():
        while not ended.is_set():
            try:
                asks(store, key()).make_bucket("forbidden")
                failures.append("a forbidden request was allowed")
            except S3Error as refusal:
                if refusal.code != "AccessDenied":
                    failures.append(f"forbidden: {refusal.code}")
            time.sleep(0.05)

    threads = [
        threading.Thread(target=work, args=(key, 0)),
        threading.Thread(target=work, args=(lambda: kept, 1)),
        threading.Thread(target=forbidden),
    ]
    with store.loaded(report):
        for thread in threads:
            thread.start()
        try:
            yield kept
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert failures == []
    assert report.clean, report


def rotate(*flags, **variables):
    done = run("rotate-credentials", *flags, **{f"rotation_{name}": value for name, value in variables.items()})
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def unchanged(done):
    return done.stdout.count("changed=0") == done.stdout.count("changed=") > 0


def test_nothing_is_due_at_first(store):
    planned = rotate("--check", "--diff", **APPLICATIONS)
    assert "publish the new secret of application workstation" in planned.stdout
    # The first run writes what consumers have never had.
    rotate()
    assert unchanged(rotate())


def test_keys_are_replaced_and_nobody_notices(store):
    report = Report()
    with clients(store, report) as old:
        rotate(**APPLICATIONS, grace_seconds=600)
        assert key() != old
        assert state() == "grace"
        site = run("apply-access", **ONE_OWNER)
        assert site.returncode == 0, site.stdout
        assert unchanged(site)
    for node in NODES:
        list(asks(store, old, node).list_objects("models"))
    due = metrics()["minio_credential_next_due_timestamp_seconds", "workstation"]
    assert 0 < due - time.time() < 600
    shown = run("credentials-status").stdout
    assert re.search(r"workstation +0\.0 +grace +disable the old key of application workstation from", shown), shown
    # Who goes on with the old key is refused once the grace has ended, and nobody else.
    rotate(grace_seconds=0, retire_seconds=600)
    assert state() == "disabled"
    refused_everywhere(store, old)
    assert unchanged(run("apply-access", **ONE_OWNER))
    rotate(rollback=["workstation"])
    assert key() == old
    list(asks(store, old).list_objects("models"))


def test_consumers_find_what_is_in_use(store, tmp_path):
    assert store.inside("ls /run/hook-was-run")
    files = [CREDENTIALS.parent / "workstation.aws"]
    for path in ("/etc/workstation.env", "/etc/workstation.json"):
        assert store.inside(f"stat -c '%a %U' {path}") == "600 root"
        files.append(tmp_path / Path(path).name)
        files[-1].write_text(store.inside(f"cat {path}"))
    for path in files:
        assert key()[1] in path.read_text()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/clients"],
            cwd=ROOT,
            env={**os.environ, "STORAGE_CREDENTIALS_FILE": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert "skipped" not in done.stdout


def test_an_emergency_waits_for_nobody(store):
    old, old_user = key(), key("users/clients")
    done = rotate(names=[*APPLICATIONS["names"], "clients"], revoke_now=True)
    assert "no overlap for the secret of a user" in done.stdout
    assert "s from the server's answer to the published file" in done.stdout
    for each in (old, old_user):
        refused_everywhere(store, each)
    for name in ("applications/workstation", "users/clients"):
        list(asks(store, key(name)).list_objects("models"))
    assert state() in ("deleted", "idle")
    assert keys_of_the_user(store) == 1
    assert unchanged(rotate())


def test_a_timer_does_it_and_goes_when_it_is_asked_for_no_more(store):
    timer = {"__rotation_timer_host": store.instance}
    wrong = run("rotate-credentials", "--tags", "rotation_timer", rotation_timer="now and then", **timer)
    assert wrong.returncode != 0
    for _ in range(2):
        done = run("rotate-credentials", "--tags", "rotation_timer", rotation_timer="hourly", **timer)
        assert done.returncode == 0, done.stdout
    assert unchanged(done)
    name = "storageserver-rotation-inventory"
    assert store.inside(f"systemctl is-active {name}.timer") == "active"
    assert "rotate-credentials.yml" in store.inside(f"systemctl cat {name}.service")
    assert run("rotate-credentials", "--tags", "rotation_timer", **timer).returncode == 0
    assert store.inside(f"systemctl is-active {name}.timer", check=False) == "inactive"


@pytest.mark.parametrize("moment", ["created", "published"])
def test_a_run_that_is_killed_is_finished_by_the_next_one(store, moment):
    old = key()
    running = start("rotate-credentials", rotation_names=["workstation"])
    reached = ("created", "proven", "published", "grace") if moment == "created" else ("published", "grace")
    wait_until(lambda: state() in reached, 120, moment)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    list(asks(store, key()).list_objects("models"))
    assert unchanged(run("apply-access", **ONE_OWNER))
    rotate(take_over=True, grace_seconds=0, retire_seconds=0)
    refused_everywhere(store, old)
    assert keys_of_the_user(store) == 1


def test_a_new_root_password_is_a_pause(store):
    old, report = key("root"), Report()
    # The load asks as an application: a client of root has to know the new one.
    store.keys = key()
    with store.loaded(report):
        done = rotate(names=["root"])
    assert report.clean, report
    assert report.longest_wait < LONGEST
    assert "Requests waited" in done.stdout
    assert key("root") != old
    refused_everywhere(store, old)


def test_a_root_rotation_killed_in_mid_restart_is_finished(store):
    old = key("root")
    running = start("rotate-credentials", rotation_names=["root"])
    wait_until(lambda: store.journal().get("state") == "restarting" and store.gateway()["hold"], 300, "a hold")
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    wait_until(lambda: not store.gateway()["hold"], LEASE, "the gateway lets go by itself")
    for other in ("deploy-cluster", "restart"):
        refused = run(other)
        assert refused.returncode != 0
        assert "rotate-credentials.yml" in refused.stdout
    rotate(take_over=True)
    assert key("root") != old
    refused_everywhere(store, old)
    store.wait_for_all()
    assert unchanged(rotate())


@pytest.mark.skipif(not LONG, reason="takes long: make test-long")
def test_a_root_password_that_a_node_does_not_come_back_with_is_undone(store):
    old = key("root")

    def lose_a_node():
        wait_until(lambda: store.gateway()["hold"] == "restart", 120, "a hold")
        wait_until(store.admitted, 60, "a node with the new password")
        store.inside("docker stop storageserver-minio3-1")

    loss = threading.Thread(target=lose_a_node)
    loss.start()
    undone = run("rotate-credentials", rotation_names=["root"])
    loss.join()
    assert undone.returncode != 0
    assert "root was not replaced" in undone.stdout
    assert key("root") == old
    assert state("root-root") == "idle"
    store.wait_for_all()
    for node in NODES:
        list(asks(store, old, node).list_objects("models"))
    assert unchanged(rotate())


def test_without_root_it_goes_on(store):
    """The playbooks have asked as an application of their own all the time, whose key was replaced like any other."""
    assert key("applications/automation")[0] != "automation"
    done = run("apply-access", access_settings=[{"name": "api", "values": {"root_access": "off"}}])
    assert done.returncode == 0, done.stdout
    refused_everywhere(store, key("root"))
    old = key("applications/automation")
    done = rotate(names=["automation"], revoke_now=True)
    assert "lets nobody change their own secret" in done.stdout
    refused_everywhere(store, old)
    refused = run("rotate-credentials", rotation_names=["root"])
    assert refused.returncode != 0
    assert "root_access" in refused.stdout
    assert unchanged(rotate())


def test_no_secret_is_anywhere_else(store):
    remember()
    assert len(SECRETS) > 8
    assert not leaked
    places = [CREDENTIALS.parent.parent / "ansible.log", *CREDENTIALS.glob("rotation/*.json*")]
    texts = [path.read_text(errors="replace") for path in places if path.is_file()]
    texts.append(store.inside("docker compose --project-directory /opt/storageserver logs 2>&1"))
    texts.append(store.inside("cat /opt/storageserver/maintenance.json"))
    assert len(texts) > 3
    assert len(PRINTED) > 10
    assert not [1 for secret in SECRETS for text in [*texts, *PRINTED] if secret in text]
