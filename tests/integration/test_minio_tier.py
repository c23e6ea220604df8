"""minio_tier: check, apply, again, drift, repair, absent, absent; and objects that move."""

import secrets

import pytest

from tests.worlds import Real


@pytest.fixture
def archive(server_of_its_own):
    """Another store, with a user that may write to its bucket `old`."""
    store = Real(server_of_its_own, None).store()
    store.make_bucket("old")
    store.set_user("mover", "a-secret-of-the-mover", enabled=True)
    store.attach("mover", ["readwrite"], group=False)
    return store


@pytest.fixture
def want(archive, server_of_its_own, name):
    return {
        "name": f"T{secrets.token_hex(6)}".upper(),
        "remote": {
            "endpoint": server_of_its_own.endpoint,
            "bucket": "old",
            "prefix": name,
            "access_key": "mover",
            "secret_key": "a-secret-of-the-mover",
        },
    }


def test_check_apply_again_drift_repair_absent_absent(module, behind, archive, want):
    def run(options, *flags):
        outcome = module("minio_tier", options, *flags)
        for secret in ("a-secret-of-the-mover", "another-secret-of-it"):
            assert secret not in outcome.output.replace(f'"secret_key": "{secret}"', "")
        return outcome.result

    name, remote = want["name"], want["remote"]
    action = f"create tier {name} in {remote['endpoint']}/old"
    checked = run(want, "--check", "--diff")
    assert name not in behind.tiers()
    applied = run(want, "--diff")
    for result in (checked, applied):
        assert (result["changed"], result["actions"]) == (True, [action])
        assert result["tier"]["credentials"] == "work"
    assert behind.tiers()[name].prefix == remote["prefix"]
    assert run(want)["changed"] is False

    archive.set_user("mover", "another-secret-of-it", enabled=True)
    renewed = {**want, "remote": {**remote, "secret_key": "another-secret-of-it"}}
    assert run(renewed, "--check")["tier"]["credentials"] == "work"
    assert not behind.tier_works(name)
    assert run(renewed)["actions"] == [f"change the credentials of tier {name}"]
    assert behind.tier_works(name)
    assert run(renewed)["changed"] is False

    moved = run({**renewed, "remote": {**renewed["remote"], "bucket": "elsewhere"}})
    assert "its bucket is 'old', not 'elsewhere'" in moved["msg"]
    absent = {"name": name, "state": "absent"}
    assert run(absent)["actions"] == [f"remove tier {name}"]
    assert run(absent)["changed"] is False


def test_a_secret_is_needed_where_it_is_sent(module, want):
    outcome = module("minio_tier", {**want, "remote": {**want["remote"], "secret_key": None}})
    assert "set remote.secret_key" in outcome.result["msg"]


def test_a_lifecycle_leads_to_a_tier_declared_beside_it(module, client, want, name):
    rule = {"prefix": "raw/", "transition_days": 30, "transition_tier": want["name"]}
    bucket = {"name": name, "lifecycle": [rule]}
    refused = module("minio_bucket", bucket)
    assert f"bucket {name}: lifecycle wants the tier {want['name']}, which is not there" in refused.result["msg"]
    assert not client.bucket_exists(name)
    both = {"tiers": [want], "buckets": [bucket]}
    for flags in (["--check"], []):
        applied = module("minio_access", both, *flags)
        assert applied.code == 0, applied.output
        assert len(applied.result["actions"]) == 3
    assert module("minio_access", both).result["changed"] is False
    assert module("minio_bucket", bucket).result["changed"] is False
    module("minio_bucket", {"name": name, "state": "absent"})
    module("minio_tier", {"name": want["name"], "state": "absent"})
