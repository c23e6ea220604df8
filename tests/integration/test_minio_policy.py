"""minio_policy: check, apply, again, drift, repair, absent, absent; and what must never reach the server."""

import json

import pytest


def document(*actions, resource="arn:aws:s3:::models/*", **more):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": [resource], **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_check_apply_again_drift_repair_absent_absent(module, behind, name):
    want = {"name": name, "document": document("s3:GetObject", "s3:PutObject")}
    checked = module("minio_policy", want, "--check", "--diff")
    assert name not in behind.iam_by_export().policies
    applied = module("minio_policy", want, "--diff")
    for outcome in (checked, applied):
        assert (outcome.code, outcome.result["changed"]) == (0, True), outcome.output
        assert outcome.result["actions"] == [f"create policy {name}"]
        assert outcome.result["policy"]["statements"][0]["Action"] == ["s3:GetObject", "s3:PutObject"]
        assert outcome.result["diff"]["before"] == {}
    again = module("minio_policy", {"name": name, "document": json.dumps(document("s3:PutObject", "s3:GetObject"))})
    assert (again.result["changed"], again.result["actions"]) == (False, [])

    behind.set_policy(name, document("s3:*"))
    repaired = module("minio_policy", want)
    assert repaired.result["actions"] == [f"change policy {name}"]
    assert module("minio_policy", want).result["changed"] is False

    absent = {"name": name, "state": "absent"}
    assert module("minio_policy", absent).result["actions"] == [f"remove policy {name}"]
    gone = module("minio_policy", absent)
    assert (gone.code, gone.result["changed"]) == (0, False)


@pytest.mark.parametrize(
    "more",
    [
        {"resource": "*"},
        {"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.1", "10.1.2.3/16", "2001:DB8::/32"]}}},
        {"Condition": {"Bool": {"aws:SecureTransport": True}, "Null": {"aws:username": "false"}}},
        {"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T02:00:00+02:00"}}},
        {"Condition": {"ForAnyValue:StringLike": {"aws:groups": "a*"}}, "Sid": "named"},
    ],
    ids=str,
)
def test_a_policy_in_any_form_is_quiet(module, name, more):
    want = {"name": name, "document": document("s3:GetObject", **more)}
    assert module("minio_policy", want).result["changed"] is True
    assert module("minio_policy", want).result["changed"] is False


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": ["s3:*"]}]}, "NotAction breaks"),
        (document("s3:*", Condition={"IpAddress": {"aws:SourceIp": "::1"}}), "write ::1/128"),
        ({"Statement": []}, "set Version"),
    ],
)
def test_what_breaks_the_server_never_reaches_it(module, behind, name, bad, words):
    outcome = module("minio_policy", {"name": name, "document": bad})
    assert (outcome.code != 0, outcome.result["error"]["code"]) == (True, "Policy")
    assert words in outcome.result["msg"]
    assert name not in behind.iam_by_export().policies


def test_a_policy_in_use_stays(module, behind, name):
    behind.set_policy(name, document("s3:GetObject"))
    behind.set_user(name, "a-secret-of-the-user", enabled=True)
    behind.attach(name, [name], group=False)
    refused = module("minio_policy", {"name": name, "state": "absent"})
    assert f"policy {name} is not removed, because user {name} has it: detach it first" in refused.result["msg"]
    assert behind.iam_by_export().users[name].policies == {name}


def test_what_every_server_has_is_nobody_s(module):
    outcome = module("minio_policy", {"name": "readonly", "document": document("s3:*")})
    assert "every server has it" in outcome.result["msg"]
