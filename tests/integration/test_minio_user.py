"""minio_user: check, apply, again, drift, repair, absent, absent; and its secret, which the credential store keeps."""

import json

import pytest


@pytest.fixture
def kept(tmp_path, name):
    """The credential behind, and what it keeps of the user."""
    return lambda: json.loads((tmp_path / "users" / f"{name}.json").read_text())


def test_check_apply_again_drift_repair_absent_absent(module, behind, name, tmp_path, kept):
    want = {"name": name, "policies": ["readonly", "diagnostics"], "enabled": True, "credentials_dir": str(tmp_path)}
    actions = [f"create user {name}", f"attach to user {name}: diagnostics, readonly"]
    checked = module("minio_user", want, "--check", "--diff")
    assert name not in behind.iam_by_export().users
    assert not (tmp_path / "users").exists()
    applied = module("minio_user", want, "--diff")
    for outcome in (checked, applied):
        assert (outcome.code, outcome.result["actions"]) == (0, actions), outcome.output
        assert outcome.result["user"]["policies"] == ["diagnostics", "readonly"]
    assert kept()["secret_key"] not in applied.output
    assert behind.accepts(name, kept()["secret_key"])
    assert (tmp_path / "users" / f"{name}.json").stat().st_mode & 0o077 == 0
    assert module("minio_user", want).result["changed"] is False

    behind.set_user_status(name, False)
    behind.set_user(name, "changed-behind-our-back", enabled=False)
    checked = module("minio_user", want, "--check", "--diff")
    assert checked.result["actions"] == [f"enable user {name}", f"set the secret of user {name}"]
    assert kept()["secret_key"] not in checked.output
    repaired = module("minio_user", want, "--diff")
    assert repaired.result["actions"] == checked.result["actions"]
    assert kept()["secret_key"] not in repaired.output
    assert behind.accepts(name, kept()["secret_key"])
    assert not behind.accepts(name, "changed-behind-our-back")
    assert module("minio_user", want).result["changed"] is False

    absent = {"name": name, "state": "absent", "credentials_dir": str(tmp_path)}
    assert module("minio_user", absent).result["actions"] == [f"remove user {name}"]
    assert list((tmp_path / "users").iterdir()) == []
    assert module("minio_user", absent).result["changed"] is False


@pytest.mark.parametrize(("secrets", "found"), [("export", True), ("probe", True), ("trust", False)])
def test_how_a_changed_secret_is_found(module, behind, name, tmp_path, secrets, found):
    want = {"name": name, "credentials_dir": str(tmp_path), "secrets": secrets}
    module("minio_user", want)
    assert module("minio_user", want).result["changed"] is False
    behind.set_user(name, "changed-behind-our-back", enabled=True)
    assert module("minio_user", want).result["changed"] is found
    assert module("minio_user", want).result["changed"] is False


def test_a_given_secret_is_the_first_one_only(module, behind, name, tmp_path):
    want = {"name": name, "credentials_dir": str(tmp_path), "secret": "the-first-secret"}
    assert "the-first-secret" not in module("minio_user", want).output
    assert behind.accepts(name, "the-first-secret")
    again = module("minio_user", {**want, "secret": "another-secret"})
    assert again.result["changed"] is False
    assert behind.accepts(name, "the-first-secret")


def test_without_a_credential_store_the_given_secret_is_all_there_is(module, behind, name):
    refused = module("minio_user", {"name": name})
    assert "set credentials_dir" in refused.result["msg"]
    want = {"name": name, "secret": "the-given-secret"}
    assert module("minio_user", want).result["changed"] is True
    behind.set_user(name, "changed-behind-our-back", enabled=True)
    assert module("minio_user", want).result["actions"] == [f"set the secret of user {name}"]
    assert behind.accepts(name, "the-given-secret")


def test_a_user_that_is_disabled_is_changed_and_stays_so(module, behind, name, tmp_path):
    want = {"name": name, "enabled": False, "credentials_dir": str(tmp_path)}
    module("minio_user", want)
    changed = module("minio_user", {**want, "policies": ["readonly"]})
    assert changed.code == 0, changed.output
    found = behind.iam_by_export().users[name]
    assert (found.enabled, found.policies) == (False, {"readonly"})
    assert module("minio_user", {**want, "policies": ["readonly"]}).result["changed"] is False


def test_what_is_left_out_is_not_managed(module, behind, name, tmp_path):
    behind.set_user(name, "a-secret-of-the-user", enabled=True)
    behind.attach(name, ["readonly"], group=False)
    behind.set_user_status(name, False)
    assert module("minio_user", {"name": name, "credentials_dir": str(tmp_path)}).result["changed"] is False
    cleared = module("minio_user", {"name": name, "policies": [], "credentials_dir": str(tmp_path)})
    assert cleared.code == 0, cleared.output
    found = behind.iam_by_export().users[name]
    assert (found.enabled, found.policies) == (False, frozenset())


def test_a_policy_that_is_not_there_is_refused_before_anything_is_written(module, behind, name, tmp_path):
    outcome = module("minio_user", {"name": name, "policies": ["missing"], "credentials_dir": str(tmp_path)})
    assert f"user {name}: there is no policy missing, and none is declared" in outcome.result["msg"]
    assert name not in behind.iam_by_export().users
