"""One contract for the server's own settings, kept by the fake and by the adapter on a real server."""

import secrets

import minio
import pytest
import urllib3

from plugins.module_utils.storage_server.errors import ReadOnlyError, StoreError
from plugins.module_utils.storage_server.tiers import Tier
from tests.worlds import Fake, Real


@pytest.fixture
def remote(world, request):
    """Where a tier leads to: endpoint, access key, secret; and how to change that secret there."""
    if isinstance(world, Fake):
        return "https://archive:9000", "mover", world.world.tier_secret, lambda new: setattr(world, "tier_secret", new)
    server = request.getfixturevalue("server_of_its_own")
    other = Real(server, None).store()
    other.make_bucket("old")
    secret = secrets.token_hex(12)
    other.set_user("mover", secret, enabled=True)
    other.attach("mover", ["readwrite"], group=False)
    return server.endpoint, "mover", secret, lambda new: other.set_user("mover", new, enabled=True)


def target_of(name):
    return f"notify_webhook:{name}"


def test_what_is_applied_at_once(store):
    before = store.settings()["scanner"]
    assert before.waits is False
    store.set_settings("scanner", {"speed": "slow"})
    after = store.settings()["scanner"]
    assert after.values == {**before.values, "speed": "slow"}
    assert after.waits is False
    store.set_settings("scanner", {"speed": "default"})
    assert store.settings()["scanner"].values == before.values


def test_what_waits_for_a_restart(store, name):
    target = target_of(name)
    store.set_settings(target, {"enable": "off", "endpoint": "http://127.0.0.1:1/", "auth_token": "two words"})
    store.set_settings(target, {"enable": "off", "queue_limit": "7"})
    told = store.settings()[target]
    wanted = {"enable": "off", "endpoint": "http://127.0.0.1:1/", "auth_token": "two words", "queue_limit": "7"}
    assert {key: told.values[key] for key in wanted} == wanted
    assert (told.waits, told.removed) == (True, False)
    for _ in range(2):
        store.reset_settings(target)
        assert store.settings()[target].removed


def test_what_is_no_sub_system(store):
    with pytest.raises(StoreError) as refused:
        store.set_settings("nonsense", {"a": "b"})
    assert refused.value.code == "XMinioConfigError"


def test_a_tier_comes_and_goes(world, store, remote):
    endpoint, access_key, secret, _ = remote
    tier = Tier("ARCHIVE", "minio", endpoint, "old", prefix="a/", access_key=access_key)
    with pytest.raises(StoreError) as refused:
        store.add_tier(tier, "not-the-secret")
    assert refused.value.code == "XMinioAdminTierInsufficientPermissions"
    assert "ARCHIVE" not in store.tiers()
    store.add_tier(tier, secret)
    assert store.tiers()["ARCHIVE"] == tier
    assert store.tier_works("ARCHIVE")
    store.change_tier(tier, secret)
    store.remove_tier("ARCHIVE")
    store.remove_tier("ARCHIVE")
    assert "ARCHIVE" not in store.tiers()


def test_what_the_server_was_given(store):
    assert store.encrypts()
    assert list(store.notification_targets()) == ["webhook:hook"]


def test_nothing_is_written_in_check_mode(world):
    store = world.store(read_only=True)
    for write in (
        lambda: store.set_settings("scanner", {"speed": "slow"}),
        lambda: store.reset_settings(target_of("nobody")),
        lambda: store.add_tier(Tier("ARCHIVE", "minio"), "a-secret"),
        lambda: store.change_tier(Tier("ARCHIVE", "minio"), "a-secret"),
        lambda: store.remove_tier("ARCHIVE"),
    ):
        with pytest.raises(ReadOnlyError):
            write()
    assert store.settings()["scanner"].values["speed"] == "default"


def test_a_server_that_was_given_nothing_says_so(server_of_its_own):
    with urllib3.PoolManager(retries=False) as pool:
        client = minio.Minio("127.0.0.1:1", "nobody", "nothing", http_client=pool)
        store = Real(server_of_its_own, client).store()
        assert (store.encrypts(), store.notification_targets()) == (False, {})
