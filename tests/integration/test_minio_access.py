"""minio_access: everything in one call. check, apply, again, drift, repair, shrink; and what must hold on the way."""

import json

import pytest

from plugins.module_utils.storage_server.access import Access
from plugins.module_utils.storage_server.plan import fold
from plugins.module_utils.storage_server.wish import Wanted, Wish
from tests.worlds import set_versioning


@pytest.fixture
def want(name, tmp_path):
    read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    return {
        "credentials_dir": str(tmp_path),
        "buckets": [
            {
                "name": f"{name}-data",
                "versioning": "enabled",
                "access": {"read": [f"{name}-analysts"], "write": [f"{name}-radar"]},
            },
            {"name": f"{name}-scratch"},
        ],
        "policies": [{"name": f"{name}-own", "document": read}],
        "users": [
            {"name": f"{name}-radar"},
            {"name": f"{name}-alice", "policies": [f"{name}-own"]},
            {"name": f"{name}-bob", "enabled": False},
        ],
        "groups": [{"name": f"{name}-analysts", "members": [f"{name}-alice", f"{name}-bob"]}],
        "service_accounts": [
            {"application": f"{name}-ingest", "parent": f"{name}-radar"},
            {"application": f"{name}-train", "parent": f"{name}-alice", "policy": read, "description": "trains"},
        ],
    }


def key(tmp_path, application):
    return json.loads((tmp_path / "applications" / f"{application}.json").read_text())


def test_check_apply_again_drift_repair_shrink(module, behind, client, name, want, tmp_path):
    checked = module("minio_access", want, "--check", "--diff")
    assert checked.code == 0, checked.output
    assert not any(each.startswith(name) for each in behind.buckets())
    assert not any(each.startswith(name) for each in behind.iam_by_export().users)
    applied = module("minio_access", want, "--diff")
    assert applied.code == 0, applied.output
    assert applied.result["actions"] == checked.result["actions"]
    for secret in tmp_path.rglob("*.json"):
        assert json.loads(secret.read_text())["secret_key"] not in applied.output
    again = module("minio_access", want, "--diff")
    assert (again.result["changed"], again.result["actions"]) == (False, [])
    assert again.result["diff"] == {"before": {}, "after": {}}
    accounts = again.result["access"]["service_accounts"]
    assert accounts[f"{name}-ingest"] == key(tmp_path, f"{name}-ingest")["access_key"]

    # Behind its back, of every kind.
    ingest = key(tmp_path, f"{name}-ingest")["access_key"]
    set_versioning(behind, f"{name}-data", "suspended")
    behind.attach(f"{name}-alice", ["consoleAdmin"], group=False)
    behind.set_user(f"{name}-radar", "changed-behind-our-back", enabled=True)
    behind.change_members(f"{name}-analysts", [f"{name}-alice"], remove=True)
    behind.remove_key(ingest)
    repaired = module("minio_access", want)
    assert sorted(repaired.result["actions"]) == sorted(
        [
            f"set versioning of bucket {name}-data to enabled",
            f"set the secret of user {name}-radar",
            f"attach to user {name}-alice: {name}-own",
            f"add {name}-alice to group {name}-analysts",
            f"create service account {name}-ingest of {name}-radar",
        ]
    )
    assert key(tmp_path, f"{name}-ingest")["access_key"] == ingest
    assert module("minio_access", want).result["changed"] is False

    gone = {
        **want,
        "buckets": [want["buckets"][0] | {"access": None}, {"name": f"{name}-scratch", "state": "absent"}],
        "policies": [{"name": f"{name}-own", "state": "absent"}],
        "users": [
            {"name": f"{name}-radar", "policies": []},
            {"name": f"{name}-alice", "policies": []},
            {"name": f"{name}-bob", "state": "absent"},
        ],
        "service_accounts": [{"application": f"{name}-train", "state": "absent"}],
        "groups": [{"name": f"{name}-analysts", "state": "absent"}],
    }
    shrunk = module("minio_access", gone)
    assert shrunk.code == 0, shrunk.output
    assert module("minio_access", gone).result["changed"] is False
    iam = behind.iam_by_export()
    assert f"{name}-bob" not in iam.users
    assert f"{name}-analysts" not in iam.groups
    assert f"{name}-own" not in iam.policies
    assert not client.bucket_exists(f"{name}-scratch")


def test_what_was_not_declared_is_reported_and_goes_only_when_asked(module, behind, name, tmp_path):
    behind.set_user(f"{name}-stray", "a-secret-of-a-stray", enabled=True)
    known = sorted(set(behind.iam_by_export().users) - {f"{name}-stray"})
    want = {"credentials_dir": str(tmp_path), "users": [{"name": user} for user in known]}
    reported = module("minio_access", want)
    assert reported.result["changed"] is False
    assert reported.result["access"]["unmanaged"] == {"users": [f"{name}-stray"]}
    removed = module("minio_access", {**want, "unmanaged": {"users": "remove"}})
    assert removed.result["actions"] == [f"remove user {name}-stray"]
    assert sorted(behind.iam_by_export().users) == known
    refused = module("minio_access", {**want, "unmanaged": {"policies": "remove"}})
    assert "policies are to be removed, but none are declared" in refused.result["msg"]


def test_taking_over_what_is_there_changes_nothing(module, want, tmp_path):
    module("minio_access", want)
    told = module("minio_info", {"credentials_dir": str(tmp_path)})
    assert told.code == 0, told.output
    back = module("minio_access", {**told.result["info"], "credentials_dir": str(tmp_path)}, "--diff")
    assert (back.code, back.result["changed"], back.result["actions"]) == (0, False, []), back.output
    stranger = module("minio_info", {"region": "us-east-1"}).result["info"]
    elsewhere = module("minio_access", {**stranger, "credentials_dir": str(tmp_path / "elsewhere")}, "--diff")
    assert (elsewhere.code, elsewhere.result["changed"]) == (0, False), elsewhere.output


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"users": [{"name": "twice"}, {"name": "twice"}]}, "users: twice is declared twice"),
        ({"buckets": [{"name": "some-bucket", "access": {"read": ["nobody"]}}]}, "access is given to nobody"),
        ({"service_accounts": [{"application": "app"}]}, "parent is missing"),
        ({"policies": [{"name": "p1"}]}, "document is missing"),
        ({"users": [{"name": "ab"}]}, "names of 3 characters or more"),
        ({"users": [{"name": "alice", "secret": "1234567"}]}, "less than 8 characters"),
    ],
)
def test_a_wish_that_makes_no_sense(module, tmp_path, wrong, words):
    outcome = module("minio_access", {**wrong, "credentials_dir": str(tmp_path)})
    assert outcome.code != 0
    assert words in outcome.result["msg"]


def test_a_failure_says_what_was_done_and_a_second_run_does_the_rest(module, name, tmp_path):
    read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:NoSuch", "Resource": "*"}]}
    want = {
        "credentials_dir": str(tmp_path),
        "buckets": [{"name": f"{name}-data"}],
        "policies": [{"name": f"{name}-own", "document": read}],
        "users": [{"name": f"{name}-alice", "policies": [f"{name}-own"]}],
    }
    failed = module("minio_access", want)
    assert failed.code != 0
    assert "unsupported action 's3:NoSuch'" in failed.result["msg"]
    assert "Done before it: 1 of 4 changes" in failed.result["msg"]
    assert failed.result["done"] == [f"create bucket {name}-data"]
    assert failed.result["not_done"][0] == f"create policy {name}-own"
    read["Statement"][0]["Action"] = "s3:GetObject"
    rest = module("minio_access", want)
    assert rest.result["actions"] == failed.result["not_done"]
    assert module("minio_access", want).result["changed"] is False


def test_the_steps_lead_to_the_same_on_a_real_server(behind, name, tmp_path):
    params = {"access_key": "storageadmin", "secrets": "export", "credentials_dir": str(tmp_path)}
    wishes = [
        {"users": {f"{name}-a": Wanted({"enabled": False, "policies": frozenset({"readonly"})})}},
        {
            "users": {f"{name}-a": Wanted({"enabled": True}), f"{name}-b": Wanted({})},
            "groups": {f"{name}-g": Wanted({"members": frozenset({f"{name}-b"}), "enabled": False})},
            "service_accounts": {f"{name}-app": Wanted({"parent": f"{name}-a", "enabled": False, "name": "x"})},
        },
        {
            "users": {f"{name}-a": Wanted({"enabled": False}), f"{name}-b": Wanted(present=False)},
            "groups": {f"{name}-g": Wanted({"policies": frozenset({"diagnostics"})})},
            "service_accounts": {f"{name}-app": Wanted({"parent": f"{name}-a", "description": "y"})},
        },
        {
            "users": {f"{name}-a": Wanted(present=False)},
            "groups": {f"{name}-g": Wanted(present=False)},
            "service_accounts": {f"{name}-app": Wanted(present=False)},
        },
    ]
    for items in wishes:
        access = Access(behind, params, Wish(items))
        before = access.current()
        planned = access.steps(before)
        for step in planned:
            access.apply(step)
        assert access.current() == fold(planned, before)
        assert Access(behind, params, Wish(items)).steps(access.current()) == []
