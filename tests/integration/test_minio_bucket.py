"""minio_bucket: check, apply, again, drift, repair, absent, absent; and errors that say what to do."""

import io
import uuid

import pytest
from minio.versioningconfig import VersioningConfig

from tests.conftest import KEY
from tests.harness import eventually, run_module
from tests.worlds import Real


@pytest.fixture
def name():
    return f"bucket-{uuid.uuid4().hex[:12]}"


def test_check_apply_again_drift_repair_absent_absent(module, client, name):
    want = {"name": name, "versioning": "enabled"}
    actions = [f"create bucket {name}", f"set versioning of bucket {name} to enabled"]
    present = {"name": name, "state": "present", "versioning": "enabled"}
    absent = {"name": name, "state": "absent"}

    checked = module("minio_bucket", want, "--check", "--diff")
    assert not client.bucket_exists(name)
    applied = module("minio_bucket", want, "--diff")
    for outcome in (checked, applied):
        assert (outcome.code, outcome.result["changed"], outcome.result["actions"]) == (0, True, actions)
        assert outcome.result["bucket"] == present
        after = {"buckets": {name: {"name": name, "versioning": "enabled"}}}
        assert outcome.result["diff"] == {"before": {}, "after": after}
        assert '"versioning": "enabled"' in outcome.output
    assert client.get_bucket_versioning(name).status == "Enabled"

    again = module("minio_bucket", want)
    assert (again.result["changed"], again.result["actions"], again.result["bucket"]) == (False, [], present)

    client.set_bucket_versioning(name, VersioningConfig("Suspended"))
    unmanaged = module("minio_bucket", {"name": name})
    assert (unmanaged.result["changed"], unmanaged.result["bucket"]["versioning"]) == (False, "suspended")
    repaired = module("minio_bucket", want)
    assert repaired.result["actions"] == actions[1:]
    assert client.get_bucket_versioning(name).status == "Enabled"

    removed = module("minio_bucket", {"name": name, "state": "absent"}, "--diff")
    assert (removed.result["changed"], removed.result["bucket"]) == (True, absent)
    assert not client.bucket_exists(name)
    gone = module("minio_bucket", {"name": name, "state": "absent"})
    assert (gone.code, gone.result["changed"]) == (0, False)


def test_folders_kept_out_of_versioning_stay_so(module, client, name):
    client.make_bucket(name)
    client.set_bucket_versioning(name, VersioningConfig("Enabled", excluded_prefixes=["scratch/"]))
    module("minio_bucket", {"name": name, "versioning": "suspended"})
    module("minio_bucket", {"name": name, "versioning": "enabled"})
    assert client.get_bucket_versioning(name).excluded_prefixes == ["scratch/"]


def test_every_setting_is_applied_quiet_repaired_and_cleared(module, client, name):
    want = {
        "name": name,
        "versioning": "enabled",
        "excluded_prefixes": ["scratch/"],
        "quota": "10G",
        "tags": {"owner": "radar"},
        "lifecycle": [{"prefix": "scratch/", "expire_days": 7}, {"noncurrent_expire_days": 30, "noncurrent_keep": 2}],
        "policy": "download",
    }
    applied = module("minio_bucket", want, "--diff")
    assert applied.code == 0, applied.output
    assert len(applied.result["actions"]) == 6
    assert applied.result["bucket"]["tags"] == {"owner": "radar"}
    shuffled = {**want, "lifecycle": want["lifecycle"][::-1]}
    assert module("minio_bucket", shuffled, "--diff").result["changed"] is False

    client.delete_bucket_tags(name)
    client.delete_bucket_policy(name)
    client.delete_bucket_lifecycle(name)
    repaired = module("minio_bucket", want)
    assert repaired.result["actions"] == [f"set {what} of bucket {name}" for what in ("tags", "lifecycle", "policy")]
    assert module("minio_bucket", {"name": name}).result["changed"] is False

    nothing = {"name": name, "excluded_prefixes": [], "quota": 0, "tags": {}, "lifecycle": [], "policy": "private"}
    cleared = module("minio_bucket", nothing)
    assert f"clear quota of bucket {name}" in cleared.result["actions"]
    assert len(cleared.result["actions"]) == 5
    assert cleared.result["bucket"] == {"name": name, "state": "present", "versioning": "enabled"}
    assert module("minio_bucket", nothing).result["changed"] is False


def test_what_is_written_is_encrypted(module, client, name):
    want = {"name": name, "encryption": {"type": "sse-kms", "key": KEY}}
    assert module("minio_bucket", want).result["actions"][1:] == [f"set encryption of bucket {name}"]
    assert module("minio_bucket", want).result["changed"] is False
    client.put_object(name, "day1.h5", io.BytesIO(b"data"), 4)
    headers = client.stat_object(name, "day1.h5").metadata
    assert headers["x-amz-server-side-encryption-aws-kms-key-id"].endswith(KEY)
    client.delete_bucket_encryption(name)
    assert module("minio_bucket", {**want, "encryption": {"type": "sse-s3"}}).result["changed"] is True
    unknown = module("minio_bucket", {**want, "encryption": {"type": "sse-kms", "key": "nobodys"}})
    assert "key with given key ID does not exist" in unknown.result["msg"]
    assert module("minio_bucket", {**want, "encryption": {}}).result["actions"] == [
        f"clear encryption of bucket {name}"
    ]


def test_events_are_told(module, client, hook, name):
    told = {"target": "webhook:hook", "events": ["s3:ObjectCreated:*"], "suffix": ".h5"}
    want = {"name": name, "notifications": [told]}
    assert module("minio_bucket", want).result["actions"][1:] == [f"set notifications of bucket {name}"]
    assert module("minio_bucket", want).result["changed"] is False
    for object_name in ("notes.txt", "day1.h5"):
        client.put_object(name, object_name, io.BytesIO(b"data"), 4)
    eventually(lambda: [event["Key"] for event in hook.told if event["Key"].startswith(name)] == [f"{name}/day1.h5"])
    client.delete_bucket_notification(name)
    assert module("minio_bucket", want).result["changed"] is True
    assert module("minio_bucket", {"name": name, "notifications": []}).result["changed"] is True


def test_what_the_server_lacks_is_refused_before_anything_is_made(server_of_its_own, name):
    told = [{"target": "webhook:nobody", "events": ["s3:ObjectCreated:*"]}]
    moved = [{"transition_days": 3, "transition_tier": "NOWHERE"}]
    for options, words in (
        ({"encryption": {"type": "sse-s3"}}, "encryption wants a server that has a key: set cluster_kms_key"),
        ({"notifications": told}, "notifications wants the target webhook:nobody, which the server does not run with"),
        ({"lifecycle": moved}, "lifecycle wants the tier NOWHERE, which is not there"),
    ):
        for flags in ([], ["--check"]):
            outcome = run_module("minio_bucket", {"name": name, **options}, *flags, **server_of_its_own.environment)
            assert f"bucket {name}: {words}" in outcome.result["msg"]
    assert Real(server_of_its_own, None).store().buckets() == []


def test_locks_are_decided_once(module, name):
    want = {"name": name, "object_lock": True, "retention": {"mode": "governance", "days": 2}}
    assert module("minio_bucket", want).result["changed"] is True
    assert module("minio_bucket", want).result["changed"] is False
    assert module("minio_bucket", {**want, "retention": {}}).result["actions"] == [
        f"clear default retention of bucket {name}"
    ]
    refused = module("minio_bucket", {"name": name, "object_lock": False})
    assert f"bucket {name}: object_lock is True, not False" in refused.result["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"retention": {"mode": "governance"}}, "either days or years"),
        ({"retention": {"mode": "governance", "days": 1}}, "retention wants object_lock"),
        ({"lifecycle": [{"prefix": "a/"}]}, "rule without an action"),
        ({"lifecycle": [{"transition_days": 3}]}, "transition_tier and transition_days together"),
        ({"excluded_prefixes": ["a/"]}, "want versioning: enabled"),
        ({"encryption": {"type": "sse-kms"}}, "type sse-kms and the key"),
        ({"notifications": [{"target": "radar", "events": ["s3:ObjectCreated:*"]}]}, "radar is no target"),
        ({"policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "s3:*"}]}}, "NotAction"),
    ],
)
def test_settings_that_make_no_sense_are_refused_before_anything_is_made(module, client, name, options, words):
    outcome = module("minio_bucket", {"name": name, **options})
    assert outcome.code != 0
    assert words in outcome.result["msg"]
    assert not client.bucket_exists(name)


def test_a_bucket_that_holds_objects_stays(module, client, name):
    client.make_bucket(name)
    client.put_object(name, "day1.h5", io.BytesIO(b"data"), 4)
    for flags in ([], ["--check"]):
        refused = module("minio_bucket", {"name": name, "state": "absent"}, *flags)
        assert refused.code != 0
        assert refused.result["error"]["code"] == "NotEmpty"
        assert f"Bucket {name} is not removed, because it holds object day1.h5." in refused.result["msg"]
    assert client.get_object(name, "day1.h5").data == b"data"


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        ({"MINIO_ENDPOINT": "http://127.0.0.1:1"}, "Unreachable", "at http://127.0.0.1:1: no answer"),
        ({"MINIO_SECRET_KEY": "not-the-secret"}, "SignatureDoesNotMatch", "check secret_key"),
        ({"MINIO_ACCESS_KEY": "nobody"}, "InvalidAccessKeyId", "check access_key"),
        ({"MINIO_ENDPOINT": "ftp://store"}, "Request", "expected a URL"),
    ],
)
def test_a_connection_that_fails_says_why(module, environment, code, words):
    outcome = module("minio_bucket", {"name": "models"}, **environment)
    assert outcome.code != 0
    assert outcome.result["error"]["code"] == code
    assert words in outcome.result["msg"]
    assert "Traceback" not in outcome.output
    assert "not-the-secret" not in outcome.output


def test_a_secret_given_as_an_option_is_not_shown(module, server, name):
    outcome = module("minio_bucket", {"name": name, "secret_key": server.secret_key}, "--check")
    assert outcome.result["changed"]


def test_a_name_that_no_bucket_can_have(module):
    outcome = module("minio_bucket", {"name": "My_Bucket"})
    assert outcome.result["error"]["code"] == "InvalidBucketName"
