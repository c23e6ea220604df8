"""minio_credential: check, apply, again; rollback; users; root; what goes wrong; and killed at every step."""

import json
import os
import signal
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from plugins.module_utils.storage_server import credentials, journals, rotating
from plugins.module_utils.storage_server.access import Access
from plugins.module_utils.storage_server.connection import CONNECTION
from plugins.module_utils.storage_server.credentials import CredentialStore
from plugins.module_utils.storage_server.errors import RequestError, StorageError, StoreError
from plugins.module_utils.storage_server.iam import Key
from plugins.module_utils.storage_server.identities import CANARY
from plugins.module_utils.storage_server.plan import steps
from plugins.module_utils.storage_server.wish import Wanted, Wish, target
from plugins.modules.minio_credential import SPEC
from tests.conftest import running
from tests.fake_store import FakeStore
from tests.harness import ROOT
from tests.worlds import Fake, Real

DEFAULTS = {name: option.get("default") for name, option in SPEC.items() if name not in CONNECTION}


def objects_of(bucket):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"]},
            {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [f"arn:aws:s3:::{bucket}"]},
            {"Effect": "Allow", "Action": ["s3:DeleteObject"], "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        ],
    }


AUTOMATION = json.loads((ROOT / "roles/access/files/automation-policy.json").read_text())


class Application:
    """An application with a key of its own policy, in a credential store of its own."""

    def __init__(self, world, name, folder):
        self.world, self.folder, self.name = world, folder, f"app-{name[-12:]}"
        self.store = world.store()
        self.bucket, self.parent = f"{name}-mine", f"user-{name[-12:]}"
        self.store.make_bucket(self.bucket)
        self.store.set_policy(name, objects_of("*"))
        self.store.set_user(self.parent, "a-secret-of-the-user", enabled=True)
        self.store.attach(self.parent, [name], group=False)
        self.kept = CredentialStore(str(folder))
        self.kept.keep("users", self.parent, credentials.Credential(self.parent, "a-secret-of-the-user"))
        first = credentials.mint()
        self.kept.keep("applications", self.name, first)
        key = Key(parent=self.parent, policy=objects_of(self.bucket), name="ingest", description="of the radar")
        self.store.add_key(first.access_key, first.secret_key, key)
        self.first = first

    def rotate(self, store=None, **options):
        wanted = {"kind": "application", "name": self.name, "max_age_days": 0, "proof": None, "consumed": False}
        params = {
            **DEFAULTS,
            "access_key": self.world.credentials()[0],
            "credentials_dir": str(self.folder),
            "nodes": [self.world.node],
            "credentials": [{**wanted, **options.pop("wanted", {})}],
            "run": "a run",
            **options,
        }
        return rotating.rotate(store or self.world.store(), params)

    def everything(self, **options):
        """As the playbook does it, with nothing to wait for."""
        self.rotate(select="all", **options)
        return self.rotate(state="retired", grace_seconds=0, retire_seconds=0, release=True)

    def to_the_end(self, store):
        self.rotate(store, select="all", take_over=True)
        self.rotate(store, state="retired", revoke_now=True)

    @property
    def current(self):
        return self.kept.find("applications", self.name)

    @property
    def journal(self):
        return journals.Journals(self.kept).read("application", self.name)

    def lets_in(self, credential):
        return self.world.store().accepts(credential.access_key, credential.secret_key)

    def keys(self):
        return {name for name, key in self.world.store().iam_by_export().keys.items() if key.parent == self.parent}

    def changes_of_others(self):
        """What applying the content would do, with everything that is not declared removed."""
        own = {"parent": self.parent, "secret_is_right": True}
        wish = Wish(
            {"service_accounts": {self.name: Wanted(own)}, "users": {self.parent: Wanted({"secret_is_right": True})}},
            remove=frozenset({"service_accounts"}),
        )
        params = {
            "access_key": self.world.credentials()[0],
            "secrets": "export",
            "credentials_dir": str(self.folder),
        }
        access = Access(self.world.store(), params, wish)
        planned = steps(access.current(), target(access.current(), access.wish))
        return [step.sentence for step in planned if self.name in step.name or step.name in self.known]

    @property
    def known(self):
        return {self.first.access_key, self.journal.old, self.journal.new, self.current.access_key, self.parent}


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch):
    """Processes are killed here, not machines: what was written is there."""
    monkeypatch.setattr(credentials.os, "fsync", lambda _: None)


@pytest.fixture
def application(world, name, tmp_path):
    store = world.store()
    if CANARY not in store.buckets():
        store.make_bucket(CANARY)
    return Application(world, name, tmp_path / "credentials")


def one(result):
    return result["credentials"][0]


def test_check_apply_again(application):
    planned = application.rotate(application.world.store(read_only=True), select="all")
    assert planned["changed"] is True
    assert one(planned)["state"] == "published"
    assert application.current == application.first
    assert not (application.folder / "rotation").exists()

    done = application.rotate(select="all")
    assert done["actions"] == planned["actions"]
    assert one(done)["state"] == "published"
    assert application.current.replaces == application.first.access_key
    assert application.lets_in(application.first)
    assert application.lets_in(application.current)
    old, new = (application.store.key(each.access_key) for each in (application.first, application.current))
    assert (old.parent, old.name, old.description, old.expires) == (new.parent, new.name, new.description, new.expires)
    assert application.changes_of_others() == []

    assert one(application.rotate(state="retired", grace_seconds=3600))["state"] == "grace"
    assert application.rotate(state="retired", grace_seconds=3600)["changed"] is False
    assert application.rotate(select="all")["changed"] is False
    assert application.lets_in(application.first)
    assert application.changes_of_others() == []

    assert one(application.rotate(state="retired", grace_seconds=0))["state"] == "disabled"
    assert not application.lets_in(application.first)
    assert application.keys() == {application.first.access_key, application.current.access_key}
    assert application.changes_of_others() == []

    ended = application.rotate(state="retired", retire_seconds=0, release=True)
    assert one(ended)["state"] == "deleted"
    assert application.keys() == {application.current.access_key}
    assert application.current.replaces == ""
    assert application.rotate(select="due")["changed"] is False
    assert application.changes_of_others() == []
    assert sorted(path.name for path in (application.folder / "rotation").iterdir()) == [
        f"application-{application.name}.json",
        "audit.jsonl",
        "lock.json",
    ]


def test_no_secret_is_written_down(application):
    first = application.first
    application.rotate(select="all")
    second = application.current
    said = [path.read_text() for path in (application.folder / "rotation").iterdir()]
    application.rotate(state="retired", revoke_now=True)
    said += [path.read_text() for path in (application.folder / "rotation").iterdir()]
    assert not [text for text in said for secret in (first.secret_key, second.secret_key) if secret in text]
    audit = [json.loads(line) for line in (application.folder / "rotation/audit.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in audit] == [
        "generate", "create", "prove", "publish", "wait", "disable", "delete",
    ]  # fmt: skip
    assert all(entry["old"] == first.access_key and entry["new"] == second.access_key for entry in audit)
    assert "refused by the gateway" in audit[-1]["evidence"]


@pytest.mark.parametrize("state", ["generated", "published", "grace", "disabled"])
def test_back_to_the_old_one(application, state):
    if state == "generated":
        item = rotating.Overlap(tools(application), application.name)
        journal, _ = item.do("generate", item.look()[0])
        journals.Journals(application.kept).write(journal.at("generated", datetime.now(UTC)))
    else:
        application.rotate(select="all")
    if state in ("grace", "disabled"):
        application.rotate(state="retired", grace_seconds=0 if state == "disabled" else 3600)
    back = application.rotate(state="restored", names=[application.name])
    assert one(back)["state"] == "idle"
    assert (application.current.access_key, application.current.secret_key) == (
        application.first.access_key,
        application.first.secret_key,
    )
    assert application.lets_in(application.first)
    assert application.keys() == {application.first.access_key}
    assert application.rotate(state="restored", names=[application.name])["changed"] is False
    application.everything()
    assert application.keys() == {application.current.access_key}


def test_an_emergency_does_not_wait_for_the_grace_of_the_key_before(application):
    application.rotate(select="all")
    application.rotate(state="retired", grace_seconds=3600)
    second = application.current
    planned = application.rotate(application.world.store(read_only=True), names=[application.name], revoke_now=True)
    done = application.rotate(names=[application.name], revoke_now=True)
    assert done["actions"] == planned["actions"]
    assert not application.lets_in(application.first)
    assert application.lets_in(second)
    application.rotate(state="retired", revoke_now=True)
    assert not application.lets_in(second)
    assert application.keys() == {application.current.access_key}
    assert application.lets_in(application.current)


def tools(application):
    kept = application.kept
    api = application.world.store()
    return rotating.Tools(api, [("the gateway", api)], kept, journals.Journals(kept))


def test_by_age_and_by_name(application):
    young = {"wanted": {"max_age_days": 1}}
    assert application.rotate(**young)["changed"] is False
    made = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    application.kept.keep("applications", application.name, replace(application.first, created=made))
    assert application.rotate(application.world.store(read_only=True), **young)["changed"] is True
    assert application.rotate(application.world.store(read_only=True), names=["another"])["changed"] is False
    assert application.rotate(application.world.store(read_only=True), kinds=["user"], select="all")["changed"] is False
    told = one(application.rotate(state="reported", **young))
    assert (told["state"], told["next"]) == ("idle", "replaced at the next run")
    assert told["age_days"] == pytest.approx(2, abs=0.1)


def test_the_journal_is_lost(application):
    """The key's own file names the other one: nothing is left on the server."""
    application.rotate(select="all")
    second = application.current
    for path in (application.folder / "rotation").iterdir():
        path.unlink()
    assert application.changes_of_others() == []
    assert one(application.rotate())["state"] == "published"
    assert one(application.rotate(state="retired", revoke_now=True))["state"] == "deleted"
    assert application.keys() == {second.access_key}
    assert not application.lets_in(application.first)


def test_the_pending_secret_is_lost(application):
    item = rotating.Overlap(tools(application), application.name)
    journal, _ = item.do("generate", item.look()[0])
    item.do("create", journal)
    for path in (application.folder / "rotation").iterdir():
        path.unlink()
    assert application.changes_of_others() == []
    application.rotate()
    assert application.keys() == {application.first.access_key}
    assert application.current.successor == ""


def test_a_key_that_would_have_more_rights_is_not_published(application, monkeypatch):
    """Somebody changes it behind our back, and again each time that it is made level."""
    store = application.world.store()
    monkeypatch.setattr(rotating.Overlap, "_level", lambda self, journal: None)
    create = rotating.Overlap._create

    def and_widen(self, journal):
        made = create(self, journal)
        store.change_key(journal.new, None, Key(parent=application.parent, policy=objects_of("*")))
        return made

    monkeypatch.setattr(rotating.Overlap, "_create", and_widen)
    with pytest.raises(StorageError, match=r"may read and write in bucket .* and the old one do nothing"):
        application.rotate(select="all")
    assert application.current.access_key == application.first.access_key
    monkeypatch.undo()
    application.everything()
    assert application.keys() == {application.current.access_key}


def test_a_place_to_write_to(application):
    done = application.rotate(select="all", wanted={"proof": f"{application.bucket}/.proof/"})
    assert one(done)["state"] == "published"
    assert application.store.contents(application.bucket, 5) == []
    assert f"wrote and read in {application.bucket}" in (application.folder / "rotation/audit.jsonl").read_text()


def test_what_cannot_be_rotated(application):
    with pytest.raises(RequestError, match="application nobody: the credential store has no key of it"):
        application.rotate(select="all", wanted={"name": "nobody"})
    key = application.store.key(application.first.access_key)
    application.store.change_key(application.first.access_key, None, Key(**{**vars(key), "enabled": False}))
    with pytest.raises(StorageError, match="is disabled"):
        application.rotate(select="all")
    assert application.keys() == {application.first.access_key}


def test_a_user_in_place(application):
    user = {"kind": "user", "name": application.parent}
    consumed = {"wanted": {**user, "consumed": True}}
    with pytest.raises(RequestError, match="its secret has no overlap"):
        application.rotate(names=[application.parent], **consumed)
    skipped = application.rotate(select="all", **consumed)
    assert (skipped["changed"], "no overlap" in one(skipped)["skipped"]) == (False, True)
    groups = application.store.user(application.parent)
    done = application.rotate(select="all", allow_gap=True, **consumed)
    assert (one(done)["state"], one(done)["changed"]) == ("deleted", True)
    assert 0 <= one(done)["gap_seconds"] < 30
    kept = application.kept.find("users", application.parent)
    assert kept.secret_key != "a-secret-of-the-user"
    assert application.lets_in(kept)
    assert not application.world.store().accepts(application.parent, "a-secret-of-the-user")
    assert application.store.user(application.parent) == groups
    assert application.rotate(wanted=user)["changed"] is False
    assert application.lets_in(application.current)


def test_who_asks_cannot_change_their_own_secret_and_says_so(application):
    """The key of the automation has a user, as whom the server takes every request that the key signs."""
    parent, first = application.parent, application.first
    application.store.set_policy(f"{parent}-all", AUTOMATION)
    application.store.attach(parent, [f"{parent}-all"], group=False)
    application.store.change_key(first.access_key, None, Key(parent=parent))
    asks = application.world.store().signed_by(first.access_key, first.secret_key)
    own = {"wanted": {"kind": "user", "name": parent}, "access_key": first.access_key}
    skipped = application.rotate(asks, select="all", **own)
    assert (skipped["changed"], "lets nobody change their own secret" in one(skipped)["skipped"]) == (False, True)
    with pytest.raises(RequestError, match="lets nobody change their own secret"):
        application.rotate(asks, names=[f"user/{parent}"], **own)
    assert application.lets_in(application.kept.find("users", parent))
    # One name for both: the key is replaced.
    done = application.rotate(asks, names=[f"application/{application.name}"], access_key=first.access_key)
    assert one(done)["state"] == "published"


def test_a_user_whose_rotation_was_cut_off_is_nobody_s_drift(application):
    user = {"kind": "user", "name": application.parent}
    item = rotating.UserInPlace(tools(application), application.parent)
    journal, _ = item.do("generate", item.look()[0])
    item.do("create", journal)
    assert application.changes_of_others() == []
    assert one(application.rotate(select="none", wanted=user))["state"] == "deleted"
    assert application.lets_in(application.kept.find("users", application.parent))


def test_one_run_at_a_time(application):
    application.rotate()
    with pytest.raises(RequestError, match=r"rotates credentials, and was at work .* rotation_take_over"):
        application.rotate(run="another")
    assert "take the place" in application.rotate(run="another", take_over=True)["actions"][0]
    application.rotate(run="another", release=True)
    application.rotate(run="a third")
    lock = application.folder / "rotation/lock.json"
    told = json.loads(lock.read_text())
    lock.write_text(json.dumps({**told, "at": (datetime.now(UTC) - timedelta(minutes=11)).isoformat()}))
    assert "silent" in application.rotate(run="a fourth")["actions"][0]
    lock.write_text("half a")
    application.rotate(run="a fifth")


def test_a_full_disk(application, monkeypatch):
    """Nothing is begun that could not be written down, and the next run carries on."""

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(credentials.os, "fsync", full)
    with pytest.raises(StorageError, match="cannot be written: No space left on device"):
        application.rotate(select="all")
    monkeypatch.undo()
    assert application.current == application.first
    assert application.keys() == {application.first.access_key}
    assert one(application.everything())["state"] == "deleted"


class WithoutOne(FakeStore):
    """A store with a node that does not answer."""

    def may(self, bucket):
        if self.node == "minio1":
            raise StoreError("no answer of minio1")
        return super().may(bucket)


def test_a_node_that_is_down(name, tmp_path):
    """Nothing is published before every node has said yes."""
    application = Application(Fake(), name, tmp_path / "credentials")
    application.store.make_bucket(CANARY)
    with pytest.raises(StorageError) as refused:
        application.rotate(WithoutOne(application.world.world), select="all")
    assert refused.value.message == (
        f"application {application.name} stays created: no answer of minio1. A second run goes on from there"
    )
    assert application.current.access_key == application.first.access_key
    assert application.lets_in(application.first)
    application.everything()
    assert application.keys() == {application.current.access_key}


# Killed at every step


class Killer:
    """Ends this process before, or after, the n-th thing that is written to the server or to the disk."""

    def __init__(self, at):
        self.at, self.count = at, 0

    def __call__(self, function):
        def counted(*arguments, **options):
            self.point()
            done = function(*arguments, **options)
            self.point()
            return done

        return counted

    def point(self):
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def killed(application, at, doing):
    """Whether the process was killed; it ends by itself once there are fewer points than that."""
    child = os.fork()
    if child == 0:
        try:
            kill = Killer(at)
            for module in (credentials, journals):
                module.write_file = kill(module.write_file)
            store = application.world.store()
            for name in ("add_key", "change_key", "remove_key", "set_user"):
                setattr(store, name, kill(getattr(store, name)))
            doing(store)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, at
    return False


@pytest.fixture
def real_application(server, client, name, tmp_path):
    world = Real(server, client)
    if CANARY not in world.store().buckets():
        world.store().make_bucket(CANARY)
    return Application(world, name, tmp_path / "credentials")


def test_killed_at_every_step(real_application):
    """At every instant a valid key is published; the next run ends where an unbroken one does."""
    application, at, kills = real_application, 0, 0
    while True:
        at += 1
        before = application.current

        was_killed = killed(application, at, application.to_the_end)
        assert application.lets_in(application.current), at
        assert application.changes_of_others() == [], at
        assert application.lets_in(application.current), at
        if not was_killed:
            break
        kills += 1
        # What was begun goes on without being chosen; where nothing was begun, nothing is.
        application.rotate(take_over=True)
        application.rotate(state="retired", revoke_now=True, release=True)
        assert application.keys() == {application.current.access_key}, at
        assert application.lets_in(application.current), at
        if application.current.access_key != before.access_key:
            assert not application.lets_in(before), at
        assert application.journal.state in ("idle", "deleted"), at
        assert (application.current.successor, application.current.replaces) == ("", ""), at
        # A secret that was made and never used is there for the next time.
        unused = [] if application.current.access_key != before.access_key else [".pending"]
        left = {path.suffix for path in (application.folder / "rotation").glob("*.p*")}
        assert left <= set(unused), at
    assert kills > 20


def test_a_user_killed_at_every_step(real_application):
    application, at = real_application, 0
    user = {"kind": "user", "name": application.parent}
    while True:
        at += 1
        was_killed = killed(application, at, partial(application.rotate, select="all", take_over=True, wanted=user))
        assert application.changes_of_others() == [], at
        application.rotate(take_over=True, wanted=user)
        assert application.lets_in(application.kept.find("users", application.parent)), at
        assert application.lets_in(application.current), at
        if not was_killed:
            break
    assert at > 8


# Root


@pytest.fixture
def root(restarted, tmp_path):
    """A server that is started again with the password of the day."""
    folder = tmp_path / "credentials"
    server = restarted()
    CredentialStore(str(folder)).keep("root", "root", credentials.Credential(server.access_key, server.secret_key))
    return server, folder


def rotate_root(server, folder, **options):
    wanted = {"kind": "root", "name": "root", "max_age_days": 0, "proof": None, "consumed": False}
    params = {
        **DEFAULTS,
        "access_key": server.access_key,
        "credentials_dir": str(folder),
        "nodes": [],
        "credentials": [wanted],
        **options,
    }
    return one(rotating.rotate(Real(server, None).store(), params))


def test_root_waits_for_a_restart(root, minio_binary, tmp_path):
    server, folder = root
    kept = CredentialStore(str(folder))
    assert rotate_root(server, folder)["changed"] is False
    first = rotate_root(server, folder, select="all")
    assert (first["state"], first["needs_restart"]) == ("generated", True)
    again = rotate_root(server, folder)
    assert (again["state"], again["needs_restart"], again["changed"]) == ("generated", True, False)
    pending = journals.Journals(kept).unseal("pending", "root", "root", kept.find("root", "root"))
    assert pending.access_key == server.access_key
    back = rotate_root(server, folder, state="restored", names=["root"])
    assert (back["state"], back["needs_restart"]) == ("idle", False)
    assert kept.find("root", "root").secret_key == server.secret_key


def test_root_is_published_when_all_nodes_have_it(root, minio_binary, tmp_path):
    server, folder = root
    kept = CredentialStore(str(folder))
    rotate_root(server, folder, select="all")
    pending = journals.Journals(kept).unseal("pending", "root", "root", kept.find("root", "root"))
    fresh = replace(server, port=server.port + 1, secret_key=pending.secret_key)
    other = tmp_path / "other"
    other.mkdir()
    with running(minio_binary, other, server=fresh):
        done = rotate_root(fresh, folder)
        assert (done["state"], done["needs_restart"]) == ("deleted", False)
    assert kept.find("root", "root").secret_key == pending.secret_key
    assert not list(Path(folder / "rotation").glob("*.pending"))


def test_the_module_says_what_it_did(module, server, client, name, tmp_path):
    application = Application(Real(server, client), name, tmp_path / "credentials")
    options = {
        "credentials_dir": str(application.folder),
        "credentials": [{"kind": "application", "name": application.name}],
        "select": "all",
    }
    checked = module("minio_credential", options, "--check", "--diff")
    done = module("minio_credential", options, "--diff")
    assert done.code == 0, done.output
    assert (checked.result["changed"], done.result["changed"]) == (True, True)
    assert checked.result["actions"] == done.result["actions"]
    assert done.result["credentials"][0]["state"] == "published"
    for secret in (application.first.secret_key, application.current.secret_key):
        assert secret not in done.output + checked.output
    assert module("minio_credential", options).result["changed"] is False
    refused = module("minio_credential", {**options, "credentials": [{"kind": "application", "name": "no"}]})
    assert (refused.code, "Apply its declaration first" in refused.result["msg"]) == (2, True)
