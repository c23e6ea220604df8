"""The resource that all modules share, with the fake: what is read, refused, planned and written."""

import threading

import pytest

from plugins.module_utils.storage_server.access import Access
from plugins.module_utils.storage_server.credentials import APPLICATIONS, USERS, Credential, CredentialStore, mint
from plugins.module_utils.storage_server.errors import NotEmptyError, RequestError
from plugins.module_utils.storage_server.iam import Key, Login
from plugins.module_utils.storage_server.identities import CANARY, GATEWAY
from plugins.module_utils.storage_server.plan import steps
from plugins.module_utils.storage_server.policies import Policy
from plugins.module_utils.storage_server.state import Bucket, ServiceAccount, State, User
from plugins.module_utils.storage_server.wish import Wanted, Wish, target
from tests.fake_store import FakeBucket, FakeStore, Version, World

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]}
EVERYTHING = frozenset({"buckets", "policies", "users", "groups", "service_accounts"})


@pytest.fixture
def world():
    return World()


@pytest.fixture
def access(world, tmp_path):
    def access(wish, secrets="export", credentials_dir=tmp_path):
        params = {
            "access_key": "storageadmin",
            "secrets": secrets,
            "credentials_dir": str(credentials_dir) if credentials_dir else None,
        }
        return Access(FakeStore(world), params, wish)

    return access


def sentences(access):
    return [step.sentence for step in access.steps(access.current())]


def converge(access):
    planned = access.steps(access.current())
    for step in planned:
        access.apply(step)
    return planned


def test_contents_are_looked_at_only_where_a_bucket_is_to_go(world, access):
    world.buckets["models"] = FakeBucket(versions=[Version(f"day{n}.h5", None, b"") for n in range(7)])
    assert sentences(access(Wish({"buckets": {"models": Wanted({"versioning": None})}}))) == []
    with pytest.raises(NotEmptyError) as refused:
        sentences(access(Wish({"buckets": {"models": Wanted(present=False)}})))
    assert "object day0.h5, object day1.h5, object day2.h5, object day3.h5, object day4.h5, ..." in str(refused.value)


def test_removing_what_is_unmanaged_spares_what_is_ours(world, access, tmp_path):
    CredentialStore(str(tmp_path)).keep(APPLICATIONS, "training", Credential("KNOWN", "a-secret-of-ours"))
    world.buckets |= {CANARY: FakeBucket(), "stray": FakeBucket()}
    store = FakeStore(world)
    store.set_user("storageadmin", "the-automation-itself", True)
    store.set_user("stray", "a-secret-of-a-stray", True)
    store.set_user(GATEWAY, "a-secret-of-the-gateway", True)
    store.set_policy(CANARY, READ)
    store.set_policy("readonly", READ)
    store.set_policy("stray", READ)
    for key in ("KNOWN", "STRAY", "storageadmin"):
        store.add_key(key, "a-secret-of-a-key", Key(parent="storageadmin"))
    wish = Wish({kind: {} for kind in EVERYTHING}, remove=EVERYTHING)
    assert sentences(access(wish)) == [
        "remove service account STRAY",
        "remove user stray",
        "remove policy stray",
        "remove bucket stray",
    ]
    reported = access(Wish(wish.items))
    assert sentences(reported) == []
    converge(access(wish))
    assert sentences(access(wish)) == []
    assert "KNOWN" in world.iam.keys


def test_what_nobody_has_told_cannot_be_wrong(world, access):
    wish = Wish({"users": {"alice": Wanted({"secret_is_right": True})}})
    converge(access(wish))
    FakeStore(world).set_user("alice", "changed-behind-our-back", True)
    assert sentences(access(wish, secrets="trust")) == []
    assert sentences(access(wish, secrets="export")) == ["set the secret of user alice"]


def test_an_existing_user_keeps_a_secret_that_we_do_not_know(world, access):
    FakeStore(world).set_user("alice", "nobody-told-us-this-secret", True)
    assert sentences(access(Wish({"users": {"alice": Wanted({"secret_is_right": True})}}))) == []


def test_a_run_that_was_killed_uses_the_same_secret_again(world, access, tmp_path):
    kept = mint("alice")
    CredentialStore(str(tmp_path)).keep(USERS, "alice", kept)
    converge(access(Wish({"users": {"alice": Wanted({})}})))
    assert world.iam.users["alice"].secret == kept.secret_key


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish({"users": {"a1": Wanted({"policies": frozenset({"no"})})}}), "user a1: there is no policy no"),
        (Wish({"groups": {"g1": Wanted({"members": frozenset({"no"})})}}), "group g1: there is no user no"),
        (Wish({"service_accounts": {"app": Wanted({"parent": "no"})}}), "service account app: there is no user no"),
    ],
)
def test_what_is_not_there_cannot_be_referred_to(access, wish, words):
    with pytest.raises(RequestError, match=words):
        sentences(access(wish))


def test_a_policy_that_somebody_has_is_not_removed(world, access):
    store = FakeStore(world)
    store.set_policy("radar", READ)
    store.set_user("alice", "a-secret-of-the-user", True)
    store.attach("alice", ["radar"], group=False)
    with pytest.raises(RequestError, match="policy radar is not removed, because user alice has it"):
        sentences(access(Wish({"policies": {"radar": Wanted(present=False)}})))
    both = Wish({"policies": {"radar": Wanted(present=False)}, "users": {"alice": Wanted({"policies": frozenset()})}})
    assert sentences(access(both)) == ["attach to user alice: nothing", "remove policy radar"]


def test_versioning_is_never_unset():
    with pytest.raises(RequestError, match="can never be unset"):
        steps(State(buckets={"b": Bucket("b", "enabled")}), State(buckets={"b": Bucket("b")}))


@pytest.mark.parametrize(
    ("now", "after", "words"),
    [
        ({}, {"object_lock": True, "versioning": "enabled"}, "object_lock is False, not True"),
        ({"object_lock": True, "versioning": "enabled"}, {}, "object_lock is True, not False"),
        (
            {"object_lock": True, "versioning": "enabled"},
            {"object_lock": True, "versioning": "suspended"},
            "cannot be suspended",
        ),
        ({}, {"exclude_folders": True}, "want versioning: enabled"),
        (
            {"object_lock": True, "versioning": "enabled"},
            {"object_lock": True, "versioning": "enabled", "exclude_folders": True},
            "nothing can be left out",
        ),
        ({}, {"retention": "governance 1 days"}, "retention wants object_lock"),
    ],
)
def test_what_no_bucket_can_be(now, after, words):
    with pytest.raises(RequestError, match=words):
        steps(State(buckets={"b": Bucket("b", **now)}), State(buckets={"b": Bucket("b", **after)}))


def test_a_lock_brings_versioning(access):
    wish = Wish({"buckets": {"archive": Wanted({"object_lock": True})}})
    assert sentences(access(wish)) == ["create bucket archive with locks"]
    converge(access(wish))
    assert sentences(access(wish)) == []


def test_a_parent_is_never_changed():
    users = {name: User(name) for name in ("a", "b")}
    before = State(users=users, service_accounts={"app": ServiceAccount("app", "a")})
    after = State(users=users, service_accounts={"app": ServiceAccount("app", "b")})
    with pytest.raises(RequestError, match="its parent is a, not b"):
        steps(before, after)


@pytest.mark.parametrize("field", ["name", "description"])
def test_words_of_a_key_are_never_cleared(field):
    users = {"a": User("a")}
    before = State(users=users, service_accounts={"app": ServiceAccount("app", "a", **{field: "words"})})
    after = State(users=users, service_accounts={"app": ServiceAccount("app", "a")})
    with pytest.raises(RequestError, match="never be cleared"):
        steps(before, after)


def test_what_is_left_out_stays_what_it_is():
    now = State(users={"a": User("a", enabled=False, policies=frozenset({"readonly"}))})
    assert target(now, Wish({"users": {"a": Wanted({"enabled": None, "policies": None})}})) == now


def test_a_policy_is_compared_by_its_meaning(world, access):
    FakeStore(world).set_policy("radar", READ)
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "**"}]}
    assert sentences(access(Wish({"policies": {"radar": Wanted({"policy": Policy.of("radar", other)})}}))) == []


def test_two_runs_do_not_write_at_once(access, tmp_path):
    first, second = access(Wish({})), access(Wish({}))
    with first.held():
        seen = []

        def try_it():
            try:
                with second.held():
                    seen.append("in")
            except RequestError as error:
                seen.append(error.code)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert seen == ["Busy"]
    with second.held():
        pass


def test_a_secret_that_is_made_needs_a_place(access):
    wish = Wish({"users": {"alice": Wanted({})}})
    with pytest.raises(RequestError, match="set credentials_dir"):
        sentences(access(wish, credentials_dir=None))
    given = Wish(wish.items, secrets={("users", "alice"): "the-given-secret"})
    assert sentences(access(given, credentials_dir=None)) == ["create user alice"]


def test_a_credential_that_cannot_be_read_is_named(access, tmp_path):
    (tmp_path / USERS).mkdir()
    (tmp_path / USERS / "alice.json").write_text("{")
    with pytest.raises(RequestError, match=r"users/alice\.json of the credential store cannot be read"):
        access(Wish({}))


def test_names_that_are_no_file_names_are_kept_too(tmp_path):
    store = CredentialStore(str(tmp_path))
    store.keep(USERS, "../a b/c%", Credential("../a b/c%", "a-secret-of-it"))
    assert store.read(USERS)["../a b/c%"].secret_key == "a-secret-of-it"
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / USERS]
    store.forget(USERS, "../a b/c%")
    assert store.read(USERS) == {}


def test_a_secret_of_what_is_gone_is_forgotten(world, access, tmp_path):
    store = CredentialStore(str(tmp_path))
    store.keep(APPLICATIONS, "training", Credential("GONE", "a-secret-of-ours"))
    store.keep(USERS, "alice", Credential("alice", "a-secret-of-hers"))
    absent = Wanted(present=False)
    wish = Wish({"users": {"alice": absent}, "service_accounts": {"training": absent}})
    planned = converge(access(wish))
    assert [step.sentence for step in planned] == [
        "forget the secret of user alice",
        "forget the secret of service account training",
    ]
    assert store.read(USERS) == store.read(APPLICATIONS) == {}
    assert sentences(access(wish)) == []


def test_disabled_users_are_not_probed(world, access, tmp_path):
    converge(access(Wish({"users": {"alice": Wanted({"enabled": False})}})))
    world.iam = type(world.iam)({}, {"alice": Login(False, secret="another-secret")}, {}, {})
    assert sentences(access(Wish({"users": {"alice": Wanted({"secret_is_right": True})}}), secrets="probe")) == []


def test_a_user_whose_key_is_somebody_s_is_not_removed(world, access):
    here = {"users": {"alice": Wanted({})}, "service_accounts": {"training": Wanted({"parent": "alice"})}}
    converge(access(Wish(here)))
    with pytest.raises(RequestError, match="user alice is not removed, because the application training has a key"):
        sentences(access(Wish({"users": {"alice": Wanted(present=False)}})))
    both = {"users": {"alice": Wanted(present=False)}, "service_accounts": {"training": Wanted(present=False)}}
    assert sentences(access(Wish(both))) == ["remove service account training", "remove user alice"]
