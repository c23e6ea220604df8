"""One contract for policies, users, groups and keys, kept by the fake and by the adapter on a real server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugins.module_utils.storage_server.errors import AccessDeniedError, CredentialsError, ReadOnlyError, StoreError
from plugins.module_utils.storage_server.iam import Key
from plugins.module_utils.storage_server.policies import Policy

READ = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "one",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetObject"],
            "Resource": ["arn:aws:s3:::models", "arn:aws:s3:::models/*"],
            "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.1", "10.1.0.0/16"]}},
        },
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "**"},
    ],
}
ONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture(params=["export", "lists"])
def iam(request, store):
    return store.iam_by_export if request.param == "export" else store.iam_by_lists


@pytest.fixture
def user(store, name):
    store.set_user(name, "a-secret-of-the-user", enabled=True)
    return name


@pytest.fixture
def policy(store, name):
    store.set_policy(name, READ)
    return name


def test_a_policy_comes_back_with_its_meaning(store, iam, name):
    store.set_policy(name, READ)
    assert Policy.read(name, iam().policies[name]) == Policy.of(name, READ)
    store.set_policy(name, ONE)
    assert Policy.read(name, iam().policies[name]) == Policy.of(name, ONE)
    store.remove_policy(name)
    assert name not in iam().policies


def test_a_user_comes_changes_and_goes(store, iam, name, policy):
    store.set_user(name, "a-secret-of-the-user", enabled=True)
    assert (iam().users[name].enabled, iam().users[name].policies) == (True, frozenset())
    store.attach(name, [policy, "readonly"], group=False)
    assert iam().users[name].policies == {policy, "readonly"}
    store.set_user_status(name, False)
    assert iam().users[name].enabled is False
    store.set_user(name, "another-secret-of-the-user", enabled=True)
    assert iam().users[name].policies == {policy, "readonly"}
    store.attach(name, [], group=False)
    assert iam().users[name].policies == frozenset()
    store.remove_user(name)
    assert name not in iam().users


def test_only_the_export_tells_secrets(store, user):
    assert store.iam_by_export().users[user].secret == "a-secret-of-the-user"
    assert store.iam_by_lists().users[user].secret is None
    assert "a-secret" not in repr(store.iam_by_export())


def test_a_user_that_is_disabled_takes_no_policy(store, user):
    store.set_user_status(user, False)
    with pytest.raises(StoreError) as refused:
        store.attach(user, ["readonly"], group=False)
    assert refused.value.status == 404


def test_a_policy_that_is_attached_stays(store, user, policy):
    store.attach(user, [policy], group=False)
    with pytest.raises(StoreError) as refused:
        store.remove_policy(policy)
    assert refused.value.code == "XMinioIAMPolicyInUse"
    assert policy in store.iam_by_export().policies


def test_an_unknown_policy_is_not_attached(store, user):
    with pytest.raises(StoreError) as refused:
        store.attach(user, ["no-such-policy"], group=False)
    assert refused.value.status == 404


def test_a_group_comes_changes_and_goes(store, iam, name, user, policy):
    group = f"{name}-group"
    store.change_members(group, [], remove=False)
    assert iam().groups[group].members == frozenset()
    store.change_members(group, [user], remove=False)
    store.attach(group, [policy], group=True)
    assert (iam().groups[group].members, iam().groups[group].policies) == ({user}, {policy})
    store.set_group_status(group, False)
    assert iam().groups[group].enabled is False
    store.change_members(group, [user], remove=True)
    store.attach(group, [], group=True)
    store.change_members(group, [], remove=True)
    assert group not in iam().groups


def test_a_key_comes_changes_and_goes(store, iam, name, user):
    expires = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")
    key = Key(parent=user, policy=ONE, name="reader", description="reads", expires=expires)
    access_key = name[-16:].upper()
    store.add_key(access_key, "a-secret-of-the-key", key)

    def same(found, wanted):
        assert replace(found, secret=None, policy=None) == replace(wanted, policy=None)
        assert (found.policy and Policy.read("", found.policy)) == (wanted.policy and Policy.of("p", wanted.policy))

    def read():
        return iam().keys[access_key]

    assert read().parent == user
    assert (read().name, read().description, read().expires, read().enabled) == ("reader", "reads", expires, True)
    assert Policy.read("x", read().policy) == Policy.of("x", ONE)
    store.change_key(access_key, None, replace(key, enabled=False, expires=None))
    assert (read().enabled, read().expires) == (False, None)
    assert Policy.read("x", read().policy) == Policy.of("x", ONE)
    store.change_key(access_key, "another-secret-of-the-key", replace(key, policy=READ))
    assert Policy.read("x", read().policy) == Policy.of("x", READ)
    assert store.iam_by_export().keys[access_key].secret == "another-secret-of-the-key"
    store.change_key(access_key, None, replace(key, policy=None))
    assert read().policy is None
    store.remove_key(access_key)
    assert access_key not in iam().keys


def test_a_key_without_a_policy_has_none(store, iam, name, user):
    access_key = name[-16:].upper()
    store.add_key(access_key, "a-secret-of-the-key", Key(parent=user))
    assert iam().keys[access_key] == Key(parent=user, secret=iam().keys[access_key].secret)


def test_a_user_takes_its_keys_and_memberships_along(store, iam, name, user):
    store.add_key(name[-16:].upper(), "a-secret-of-the-key", Key(parent=user))
    store.change_members(f"{name}-group", [user], remove=False)
    store.remove_user(user)
    assert name[-16:].upper() not in iam().keys
    assert iam().groups[f"{name}-group"].members == frozenset()


def test_nothing_is_written_in_check_mode(world, name):
    store = world.store(read_only=True)
    for write in (
        lambda: store.set_policy(name, ONE),
        lambda: store.remove_policy(name),
        lambda: store.set_user(name, "a-secret-of-the-user", enabled=True),
        lambda: store.set_user_status(name, False),
        lambda: store.remove_user(name),
        lambda: store.attach(name, [], group=False),
        lambda: store.change_members(name, [], remove=False),
        lambda: store.set_group_status(name, False),
        lambda: store.add_key(name, "a-secret-of-the-key", Key(parent=name)),
        lambda: store.change_key(name, None, Key(parent=name)),
        lambda: store.remove_key(name),
    ):
        with pytest.raises(ReadOnlyError):
            write()


def may_read_and_write(bucket):
    objects = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    return {"Version": "2012-10-17", "Statement": [objects]}


def test_a_key_may_what_its_policy_says(store, name, user):
    store.make_bucket(f"{name}-mine")
    store.make_bucket(f"{name}-others")
    store.set_policy(name, may_read_and_write(f"{name}-mine"))
    store.attach(user, [name], group=False)
    store.add_key(f"key-{name[-12:]}", "a-secret-of-the-key", Key(parent=user))
    store.add_key(f"less-{name[-12:]}", "a-secret-of-the-key", Key(parent=user, policy=may_read_and_write("elsewhere")))
    asked = store.signed_by(f"key-{name[-12:]}", "a-secret-of-the-key")
    assert asked.may(f"{name}-mine") == {"read", "write"}
    assert asked.may(f"{name}-others") == frozenset()
    assert store.signed_by(f"less-{name[-12:]}", "a-secret-of-the-key").may(f"{name}-mine") == frozenset()
    assert store.may(f"{name}-others") == {"read", "write"}
    assert store.contents(f"{name}-mine", 5) == []
    with pytest.raises(AccessDeniedError):
        asked.buckets()
    with pytest.raises(AccessDeniedError):
        asked.put(f"{name}-others", "x", b"x")
    store.change_key(f"key-{name[-12:]}", None, Key(parent=user, enabled=False))
    assert store.accepts(f"key-{name[-12:]}", "a-secret-of-the-key") is False
    with pytest.raises(CredentialsError):
        asked.may(f"{name}-mine")


def test_a_key_is_told_by_its_name(store, name, user):
    assert store.key(f"key-{name[-12:]}") is None
    made = Key(parent=user, policy=ONE, name="ingest", description="of the radar")
    store.add_key(f"key-{name[-12:]}", "a-secret-of-the-key", made)
    assert replace(store.key(f"key-{name[-12:]}"), policy=None) == replace(made, policy=None)
    assert Policy.read("", store.key(f"key-{name[-12:]}").policy) == Policy.read("", ONE)


def test_a_user_is_told_by_its_name(store, name, user, policy):
    assert store.user(f"{name}-no") is None
    store.attach(user, [policy], group=False)
    store.set_user_status(user, False)
    told = store.user(user)
    assert (told.enabled, told.policies, told.secret) == (False, {policy}, None)
