"""minio_group: check, apply, again, drift, repair, absent, absent."""

import pytest


@pytest.fixture
def users(behind, name):
    users = [f"{name}-{letter}" for letter in "ab"]
    for user in users:
        behind.set_user(user, "a-secret-of-the-user", enabled=True)
    return users


def test_check_apply_again_drift_repair_absent_absent(module, behind, name, users):
    want = {"name": name, "members": users, "policies": ["readonly"], "enabled": True}
    actions = [f"create group {name}", f"add {', '.join(users)} to group {name}", f"attach to group {name}: readonly"]
    checked = module("minio_group", want, "--check", "--diff")
    assert name not in behind.iam_by_export().groups
    applied = module("minio_group", want, "--diff")
    for outcome in (checked, applied):
        assert (outcome.code, outcome.result["actions"]) == (0, actions), outcome.output
        assert outcome.result["group"]["members"] == users
    assert module("minio_group", want).result["changed"] is False

    behind.change_members(name, [users[0]], remove=True)
    behind.attach(name, ["writeonly"], group=True)
    behind.set_group_status(name, False)
    repaired = module("minio_group", want)
    assert repaired.result["actions"] == [f"enable group {name}", f"add {users[0]} to group {name}", actions[2]]
    assert module("minio_group", want).result["changed"] is False

    absent = {"name": name, "state": "absent"}
    removed = module("minio_group", absent)
    assert removed.result["actions"][-1] == f"remove group {name}"
    assert name not in behind.iam_by_export().groups
    assert module("minio_group", absent).result["changed"] is False


def test_a_group_that_is_disabled_is_changed_and_stays_so(module, behind, name, users):
    module("minio_group", {"name": name, "members": users, "enabled": False})
    changed = module("minio_group", {"name": name, "members": users[:1], "policies": ["readonly"], "enabled": False})
    assert changed.code == 0, changed.output
    found = behind.iam_by_export().groups[name]
    assert (found.enabled, found.members, found.policies) == (False, {users[0]}, {"readonly"})


def test_a_member_that_is_not_there_is_refused(module, name):
    outcome = module("minio_group", {"name": name, "members": ["nobody"]})
    assert f"group {name}: there is no user nobody, and none is declared" in outcome.result["msg"]
