"""Who may do what is what was declared: on every node, after drift, after a cut, and when somebody takes it over."""

import io
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import urllib3
import yaml
from minio import Minio
from minio.error import S3Error
from operating import play

INSTANCE = "storageserver-access-store"
NGINX = "/opt/storageserver/nginx/nginx.conf"
NODES = ["minio1", "minio2", "minio3", "minio4"]
STORE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "inventory" / ".credentials"
FORMAT = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
ADDRESS = subprocess.run(
    ["docker", "inspect", "--format", FORMAT, INSTANCE], capture_output=True, text=True, check=True
).stdout.strip()

READ, WRITE, LIST = "read", "write", "list"
# Each identity: what it may do, and what it may not.
RIGHTS = {
    "users/radar": ([(WRITE, "superdarn-data"), (READ, "models")], [(READ, "superdarn-data"), (WRITE, "models")]),
    "users/alice": (
        [(READ, "superdarn-data"), (WRITE, "models")],
        [(WRITE, "superdarn-data"), (LIST, "processed-data")],
    ),
    "users/bob": ([], [(READ, "superdarn-data"), (LIST, "superdarn-data")]),
    "applications/ingest": ([(WRITE, "superdarn-data")], [(READ, "superdarn-data"), (LIST, "processed-data")]),
    "applications/training": ([(READ, "models"), (LIST, "models")], [(WRITE, "models"), (READ, "superdarn-data")]),
}


class ThroughNode(urllib3.PoolManager):
    """Asks one node, by the gateway."""

    def __init__(self, node: str) -> None:
        super().__init__(retries=False, timeout=20)
        self.node = node

    def urlopen(self, method, url, redirect=True, **kw):
        return super().urlopen(
            method, url, redirect, **{**kw, "headers": {**kw["headers"], "X-Storage-Node": self.node}}
        )


def client(identity: str, node: str = "minio1") -> Minio:
    keys = json.loads((STORE / f"{identity}.json").read_text())
    # With its region a client does not have to ask for it, which is a right of its own.
    signed = {"access_key": keys["access_key"], "secret_key": keys["secret_key"], "region": "us-east-1"}
    return Minio(f"{ADDRESS}:9000", **signed, secure=False, http_client=ThroughNode(node))


def attempt(store: Minio, what: str, bucket: str) -> None:
    if what == READ:
        store.get_object(bucket, "there").close()
    elif what == WRITE:
        store.put_object(bucket, "written", io.BytesIO(b"x"), 1)
    else:
        list(store.list_objects(bucket))


def may(identity: str, what: str, bucket: str, node: str) -> bool:
    try:
        attempt(client(identity, node), what, bucket)
    except S3Error as error:
        if error.code not in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"):
            raise
        return False
    return True


def assert_rights(*identities: str) -> None:
    for identity in identities:
        allowed, denied = RIGHTS[identity]
        for node in NODES:
            assert [right for right in allowed if not may(identity, *right, node)] == [], (identity, node)
            assert [right for right in denied if may(identity, *right, node)] == [], (identity, node)


def apply(*flags: str, **variables: object) -> tuple[int, str]:
    """How many changes a run made, and all that it said."""
    done = play("apply-access", *flags, **variables)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    for path in STORE.rglob("*.json"):
        kept = json.loads(path.read_text())
        # kms.json holds the key that objects are encrypted with.
        assert kept.get("secret_key", kept.get("key")) not in output
    return int(re.search(r"changed=(\d+)", output)[1]), output


@pytest.fixture(scope="module", autouse=True)
def something_to_read() -> None:
    root = client("root")
    for bucket in ("superdarn-data", "models", "processed-data"):
        root.put_object(bucket, "there", io.BytesIO(b"x"), 1)


def test_a_second_run_changes_nothing() -> None:
    assert apply()[0] == 0
    assert apply("--check", "--diff")[0] == 0


@pytest.mark.parametrize("identity", RIGHTS)
def test_everybody_may_do_what_was_declared_and_nothing_else(identity: str) -> None:
    assert_rights(identity)


def test_what_is_written_is_encrypted_where_it_was_asked_for() -> None:
    root = client("root")
    encrypted = [
        bucket
        for bucket in ("models", "processed-data")
        if "x-amz-server-side-encryption" in root.stat_object(bucket, "there").metadata
    ]
    assert encrypted == ["processed-data"]


def test_every_layer_is_looked_at_and_all_is_well(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = play("drift", drift_report=str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert found["state"] == "ok"
    assert {"drives", "engine", "images", "cluster", "gateway", "access"} <= set(found["layers"])


def test_drift_is_found_said_and_repaired(tmp_path: Path) -> None:
    # As somebody would do it by hand.
    behind = tmp_path / "behind.yml"
    root = json.loads((STORE / "root.json").read_text())
    connection = {"endpoint": f"http://{ADDRESS}:9000", **root}
    other = {"secret": "changed-behind-our-back", "policies": ["readwrite"], "secrets": "trust"}
    tasks = [
        {"minio_user": {**connection, "name": "radar", "state": "absent"}},
        {"minio_user": {**connection, "name": "radar", **other}},
        {"minio_group": {**connection, "name": "analysts", "members": ["bob"], "policies": []}},
        {"minio_bucket": {**connection, "name": "superdarn-data", "versioning": "suspended"}},
    ]
    behind.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        ["ansible-playbook", behind],
        env={k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
        | {"ANSIBLE_CONFIG": str(Path(__file__).parents[3] / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert may("users/radar", LIST, "superdarn-data", "minio1") is False

    said = apply("--check", "--diff")[1]
    for sentence in ("readwrite", "analysts", "suspended"):
        assert sentence in said
    assert may("users/radar", LIST, "superdarn-data", "minio1") is False

    # Another layer, too; and the report says both.
    subprocess.run(["docker", "exec", INSTANCE, "sh", "-c", f"echo '# by hand' >>{NGINX}"], check=True)
    report = tmp_path / "report.json"
    done = play("drift", drift_report=str(report))
    assert done.returncode != 0
    assert "Something differs from the inventory" in done.stdout + done.stderr
    found = json.loads(report.read_text())
    states = {layer: told["state"] for layer, told in found["layers"].items()}
    assert {layer for layer, state in states.items() if state != "ok"} == {"gateway", "access"}
    details = [detail for change in found["layers"]["access"]["changes"] for detail in change["details"]]
    assert "set versioning of bucket superdarn-data to enabled" in details
    assert [change["details"] for change in found["layers"]["gateway"]["changes"]] == [[NGINX]]
    subprocess.run(["docker", "exec", INSTANCE, "sed", "-i", "$d", NGINX], check=True)

    assert apply()[0] == 1
    assert apply()[0] == 0
    assert_rights(*RIGHTS)


def test_whoever_takes_the_store_over_changes_nothing(tmp_path: Path) -> None:
    written = tmp_path / "access.yml"
    done = play("export-access", export_access_file=str(written))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "secret" not in written.read_text()
    variables = yaml.safe_load(written.read_text())
    assert {user["name"] for user in variables["access_users"]} == {"radar", "alice", "bob"}
    assert apply(**variables)[0] == 0


def test_what_was_not_declared_is_reported_then_removed_when_asked() -> None:
    less = {
        "access_users": [{"name": "alice", "policies": ["models-of-alice"]}],
        "access_groups": [{"name": "analysts", "members": ["alice"]}],
        "access_buckets": [
            {"name": "superdarn-data", "access": {"read": ["analysts"]}},
            {"name": "models"},
            {"name": "processed-data"},
        ],
        "access_service_accounts": [{"application": "ingest", "state": "absent"}],
    }
    ingest = client("applications/ingest", "minio2")
    changed, said = apply(**less)
    assert changed == 1
    assert "Not declared, and left alone: users bob, radar" in re.sub(r"\s+", " ", said)
    assert may("users/radar", WRITE, "superdarn-data", "minio2")
    assert apply(**less, access_unmanaged={"users": "remove", "policies": "remove"})[0] == 1
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        attempt(ingest, WRITE, "superdarn-data")
    assert_rights("users/alice", "applications/training")
    left = {
        path.relative_to(STORE).as_posix() for path in STORE.rglob("*.json") if path.stem != "storageserver-gateway"
    }
    assert left == {"root.json", "kms.json", "users/alice.json", "applications/training.json"}


def test_a_bucket_is_emptied_only_when_its_name_is_said_twice() -> None:
    root = client("root")
    assert play("empty-bucket", empty_bucket="processed-data").returncode != 0
    assert [found.object_name for found in root.list_objects("processed-data")] == ["there"]
    done = play("empty-bucket", empty_bucket="processed-data", empty_bucket_confirm="processed-data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(root.list_objects("processed-data")) == []
