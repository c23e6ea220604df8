"""minio_access by an identity of its own, with root shut out: docs/access.md."""

import io
import json
import secrets

import minio
import pytest
import urllib3
from minio.error import S3Error

from tests.conftest import running
from tests.harness import ROOT, Server, free_port, run_module
from tests.worlds import Real

POLICY = json.loads((ROOT / "roles/access/files/automation-policy.json").read_text())
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture(scope="module")
def automation(minio_binary, hook, tmp_path_factory):
    """A server that lets root in no more. The identity was made before that."""
    folder = tmp_path_factory.mktemp("automation")
    root = Server("127.0.0.1", free_port(), "storageadmin", secrets.token_hex(16))
    own = Server(root.host, root.port, "automation", secrets.token_hex(16))
    given = {
        "MINIO_KMS_SECRET_KEY": "key:c2l4dGVlbiBieXRlcywgYW5kIHNpeHRlZW4gbW9yZS4=",
        "MINIO_NOTIFY_WEBHOOK_ENABLE_hook": "on",
        "MINIO_NOTIFY_WEBHOOK_ENDPOINT_hook": hook.url,
    }
    with running(minio_binary, folder, given, root):
        store = Real(root, None).store()
        store.set_policy("automation", POLICY)
        store.set_user(own.access_key, own.secret_key, enabled=True)
        store.attach(own.access_key, ["automation"], group=False)
        store.make_bucket("precious")
        store.put("precious", "there", b"x")
    with running(minio_binary, folder, {**given, "MINIO_API_ROOT_ACCESS": "off"}, root):
        assert not Real(root, None).store().accepts(root.access_key, root.secret_key)
        yield own


@pytest.mark.parametrize("secrets_by", ["export", "probe"])
def test_it_does_everything_that_can_be_declared(automation, name, tmp_path, secrets_by):
    told = {"target": "webhook:hook", "events": ["s3:ObjectCreated:*"]}
    want = {
        "credentials_dir": str(tmp_path),
        "secrets": secrets_by,
        "settings": [{"name": "scanner", "values": {"speed": "slow" if secrets_by == "export" else "fast"}}],
        "tiers": [],
        "buckets": [
            {
                "name": f"{name}-data",
                "versioning": "enabled",
                "excluded_prefixes": ["a/"],
                "quota": "1G",
                "tags": {"a": "b"},
                "lifecycle": [{"expire_days": 3}],
                "encryption": {"type": "sse-s3"},
                "notifications": [told],
                "policy": "download",
                "access": {"read": [f"{name}-group"]},
            },
            {"name": f"{name}-kept", "object_lock": True, "retention": {"mode": "governance", "days": 1}},
        ],
        "policies": [{"name": f"{name}-own", "document": READ}],
        "users": [{"name": f"{name}-user", "policies": [f"{name}-own"]}],
        "groups": [{"name": f"{name}-group", "members": [f"{name}-user"]}],
        "service_accounts": [{"application": f"{name}-app", "parent": f"{name}-user", "policy": READ}],
    }
    applied = run_module("minio_access", want, **automation.environment)
    assert applied.code == 0, applied.output
    assert run_module("minio_access", want, **automation.environment).result["changed"] is False

    # Backwards through every kind of change.
    user = {"name": f"{name}-user", "policies": [], "enabled": False}
    cleared = {"encryption": {}, "notifications": [], "lifecycle": [], "tags": {}, "quota": 0, "policy": "private"}
    less = {
        **want,
        "buckets": [{**want["buckets"][0], **cleared, "access": None}, {**want["buckets"][1], "retention": {}}],
        "users": [user],
        "groups": [{"name": f"{name}-group", "members": [], "enabled": False}],
        "service_accounts": [{**want["service_accounts"][0], "enabled": False}],
    }
    assert run_module("minio_access", less, **automation.environment).code == 0
    gone = {
        "credentials_dir": str(tmp_path),
        "secrets": secrets_by,
        "buckets": [{"name": bucket["name"], "state": "absent"} for bucket in want["buckets"]],
        "policies": [{"name": each, "state": "absent"} for each in (f"{name}-own", f"{name}-data-read")],
        "users": [{"name": f"{name}-user", "state": "absent"}],
        "groups": [{"name": f"{name}-group", "state": "absent"}],
        "service_accounts": [{"application": f"{name}-app", "state": "absent"}],
    }
    removed = run_module("minio_access", gone, **automation.environment)
    assert removed.code == 0, removed.output
    assert run_module("minio_access", gone, **automation.environment).result["changed"] is False


def test_it_reads_and_writes_no_object(automation):
    with urllib3.PoolManager(retries=False) as pool:
        client = minio.Minio(
            f"{automation.host}:{automation.port}",
            automation.access_key,
            automation.secret_key,
            secure=False,
            region="us-east-1",
            http_client=pool,
        )
        for attempt in (
            lambda: client.get_object("precious", "there"),
            lambda: client.put_object("precious", "written", io.BytesIO(b"x"), 1),
            lambda: client.remove_object("precious", "there"),
        ):
            with pytest.raises(S3Error, match="AccessDenied"):
                attempt()
