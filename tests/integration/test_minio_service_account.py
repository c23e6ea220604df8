"""minio_service_account: check, apply, again, drift, repair, absent, absent; and a policy that is never lost."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

LATER = (datetime.now(UTC) + timedelta(days=200)).strftime("%Y-%m-%dT00:00:00Z")
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture
def parent(behind, name):
    behind.set_user(f"{name}-parent", "a-secret-of-the-user", enabled=True)
    behind.attach(f"{name}-parent", ["readwrite"], group=False)
    return f"{name}-parent"


@pytest.fixture
def want(name, parent, tmp_path):
    return {
        "application": name,
        "parent": parent,
        "policy": READ,
        "name": "training",
        "description": "reads models",
        "enabled": True,
        "credentials_dir": str(tmp_path),
    }


@pytest.fixture
def kept(name, tmp_path):
    return lambda: json.loads((tmp_path / "applications" / f"{name}.json").read_text())


def test_check_apply_again_drift_repair_absent_absent(module, behind, name, want, kept, tmp_path):
    checked = module("minio_service_account", want, "--check", "--diff")
    assert not (tmp_path / "applications").exists()
    applied = module("minio_service_account", want, "--diff")
    for outcome in (checked, applied):
        assert outcome.code == 0, outcome.output
        assert outcome.result["actions"] == [f"create service account {name} of {want['parent']}"]
    assert applied.result["service_account"]["access_key"] == kept()["access_key"]
    assert kept()["secret_key"] not in applied.output
    assert behind.accepts(kept()["access_key"], kept()["secret_key"])
    assert module("minio_service_account", want).result["changed"] is False

    key = behind.iam_by_export().keys[kept()["access_key"]]
    behind.change_key(kept()["access_key"], "changed-behind-our-back", replace(key, policy=None, description="x"))
    checked = module("minio_service_account", want, "--check", "--diff")
    repaired = module("minio_service_account", want, "--diff")
    for outcome in (checked, repaired):
        assert outcome.result["actions"] == [f"change description, policy, secret of service account {name}"]
        assert kept()["secret_key"] not in outcome.output
    assert behind.accepts(kept()["access_key"], kept()["secret_key"])
    assert behind.iam_by_export().keys[kept()["access_key"]].policy is not None
    assert module("minio_service_account", want).result["changed"] is False

    absent = {"application": name, "state": "absent", "credentials_dir": str(tmp_path)}
    access_key = kept()["access_key"]
    assert module("minio_service_account", absent).result["actions"] == [f"remove service account {name}"]
    assert access_key not in behind.iam_by_export().keys
    assert list((tmp_path / "applications").iterdir()) == []
    assert module("minio_service_account", absent).result["changed"] is False


@pytest.mark.parametrize("change", [{"enabled": False}, {"description": "other"}, {"expires": LATER}])
def test_no_change_widens_a_key(module, behind, want, kept, change):
    module("minio_service_account", want)
    before = behind.iam_by_export().keys[kept()["access_key"]]
    changed = module("minio_service_account", {**want, **change})
    assert changed.result["changed"], changed.output
    after = behind.iam_by_export().keys[kept()["access_key"]]
    assert after.policy == before.policy
    assert after.secret == before.secret
    assert module("minio_service_account", {**want, **change}).result["changed"] is False


def test_an_expiry_is_cleared(module, behind, want, kept):
    # A day is its beginning.
    module("minio_service_account", {**want, "expires": LATER[:10]})
    assert module("minio_service_account", {**want, "expires": LATER}).result["changed"] is False
    assert behind.iam_by_export().keys[kept()["access_key"]].expires == LATER
    assert module("minio_service_account", want).result["changed"] is False
    assert module("minio_service_account", {**want, "expires": ""}).result["changed"]
    assert behind.iam_by_export().keys[kept()["access_key"]].expires is None


def test_a_parent_cannot_be_changed(module, behind, want, parent):
    module("minio_service_account", want)
    behind.set_user(f"{parent}-2", "a-secret-of-the-user", enabled=True)
    outcome = module("minio_service_account", {**want, "parent": f"{parent}-2"})
    assert f"its parent is {parent}, not {parent}-2" in outcome.result["msg"]


def test_a_key_needs_a_store_for_its_secret(module, name, parent):
    outcome = module("minio_service_account", {"application": name, "parent": parent})
    assert "set credentials_dir" in outcome.result["msg"]
