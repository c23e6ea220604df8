"""What is in a store is what was asked for: the resource that all modules on its content share.

One way for one item and for all: options → `Wish`; a few requests → `State`; both → steps. A module that manages a
single item says a wish with one item in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import settings
from .credentials import APPLICATIONS, USERS, Credential, CredentialStore, mint
from .errors import NotEmptyError, RequestError
from .iam import Iam, Key
from .identities import CANARY, GATEWAY, check_expiry
from .journals import Journals, known_keys, pending_secret
from .lacking import refuse_what_is_lacking
from .plan import SETTINGS, Step, steps
from .policies import BUILT_IN, Policy
from .state import Bucket, Group, ServiceAccount, Settings, State, User
from .tiers import Tier
from .wish import Wish, check_references, target

if TYPE_CHECKING:
    from .store import Store

Params = Mapping[str, Any]
# How many of the things that keep a bucket from being removed are named.
NAMED = 5
# Secrets that are asked for at once.
PROBES = 8
IAM_KINDS = frozenset({"policies", "users", "groups", "service_accounts"})


class Access:
    """Reads, plans and writes. Holds the secrets of a run, which are in no state and no step."""

    def __init__(self, api: Store, params: Params, wish: Wish) -> None:
        self._api = api
        self._params = params
        self._store = CredentialStore(params.get("credentials_dir"))
        self._logins = self._store.read(USERS)
        self._applications = self._store.read(APPLICATIONS)
        # While a key is replaced there is another one of the same application.
        self._rotating = known_keys(self._store, self._applications)
        self.wish = self._protecting(wish)

    # Reading

    def current(self) -> State:
        """A constant number of requests, unless the server's export may not be asked."""
        state = self._iam() if self.wish.items.keys() & IAM_KINDS else State()
        if "buckets" in self.wish.items:
            state = replace(state, buckets=self._buckets())
        if self.wish.of("settings"):
            told = self._api.settings()
            waits = frozenset(name for name in self.wish.of("settings") if name in told and told[name].waits)
            state = replace(state, settings=dict(self._settings(told)), waits=waits)
        return replace(state, tiers=self._tiers()) if self.wish.of("tiers") else state

    def with_keys(self, state: State) -> State:
        """A folded state with what no step says: the access keys that were made for applications."""
        known = {
            name: replace(account, access_key=self._applications[name].access_key)
            for name, account in state.service_accounts.items()
            if not account.access_key and name in self._applications
        }
        return replace(state, service_accounts={**state.service_accounts, **known})

    def _settings(self, told: Mapping[str, settings.Told]) -> Iterator[tuple[str, Settings]]:
        """What is managed of them."""
        self._switched_off = {name for name, each in told.items() if each.values.get(settings.ENABLE) == "off"}
        for name, wanted in self.wish.of("settings").items():
            if name in told and not told[name].removed:
                keys = [key for key, _ in wanted.values.get("values", ())]
                settings.refuse_overruled(name, told[name], keys)
                values = settings.shown_values(told[name].values, keys, self._declared_settings(name, keys))
                yield name, Settings(name, values)

    def _declared_settings(self, name: str, keys: Iterable[str]) -> dict[str, str]:
        """Secrets among them."""
        given = {key: self.wish.secrets.get(("settings", f"{name} {key}")) for key in keys}
        return {key: value for key, value in given.items() if value is not None}

    def _tiers(self) -> dict[str, Tier]:
        """Those that are declared are tried: their secrets cannot be read."""
        tiers = self._api.tiers()
        tried = {name for name, wanted in self.wish.of("tiers").items() if wanted.present and name in tiers}
        broken = {name for name in tried if not self._api.tier_works(name)}
        return {name: replace(tier, credentials_work=name not in broken) for name, tier in tiers.items()}

    def _buckets(self) -> dict[str, Bucket]:
        return {name: Bucket(name, **values) for name, values in self._api.bucket_settings().items()}

    def _iam(self) -> State:
        iam = self._api.iam_by_export() if self._params["secrets"] == "export" else self._api.iam_by_lists()
        wrong = self._wrong_secrets(iam)
        return State(
            policies={name: Policy.read(name, document) for name, document in iam.policies.items()},
            users={
                name: User(name, user.enabled, user.policies, name not in wrong) for name, user in iam.users.items()
            },
            groups={
                name: Group(name, group.enabled, group.members, group.policies) for name, group in iam.groups.items()
            },
            service_accounts=dict(self._accounts(iam, wrong)),
        )

    def _accounts(self, iam: Iam, wrong: frozenset[str]) -> Iterator[tuple[str, ServiceAccount]]:
        by_key = {credential.access_key: name for name, credential in self._applications.items()}
        for access_key, key in iam.keys.items():
            application = by_key.get(access_key, access_key)
            yield application, _account(application, access_key, key, access_key not in wrong)

    def _wrong_secrets(self, iam: Iam) -> frozenset[str]:
        """Access keys of users and applications whose secret is another one than the credential store has."""
        by_key = {credential.access_key: credential for credential in self._applications.values()}
        told = [(name, self._login(name), user.enabled, user.secret) for name, user in iam.users.items()]
        told += [(name, by_key.get(name), key.enabled, key.secret) for name, key in iam.keys.items()]
        with ThreadPoolExecutor(PROBES) as pool:
            right = list(pool.map(lambda each: self._is_right(*each[1:]), told))
        return frozenset(each[0] for each, is_right in zip(told, right, strict=True) if not is_right)

    def _is_right(self, known: Credential | None, enabled: bool, told: str | None) -> bool:
        """Whether a secret is the one that the credential store has. What nobody has told cannot be wrong."""
        if known is None or (told is None and not (self._params["secrets"] == "probe" and enabled)):
            return True

        def is_it(secret: str) -> bool:
            return told == secret if told is not None else self._api.accepts(known.access_key, secret)

        # What is pending is read only where it is not the one in use.
        return is_it(known.secret_key) or any(map(is_it, filter(None, [pending_secret(self._store, known)])))

    # Planning

    def steps(self, current: State) -> list[Step]:
        after = target(current, self.wish)
        check_references(self.wish, current, after)
        planned = [*steps(current, after), *self._left_behind(current)]
        for step in planned:
            if (step.kind, step.verb) == ("buckets", "remove"):
                self._refuse_full(step.name)
            if step.kind == "tiers" and step.after is not None and not self.wish.secrets.get(("tiers", step.name)):
                raise RequestError(f"{step.sentence}: set remote.secret_key, which the server does not tell")
            if step.verb == "create" and step.kind in ("users", "service_accounts"):
                self._refuse_homeless(step)
            if step.kind == "service_accounts" and step.after and (step.verb == "create" or "expires" in step.names):
                check_expiry(step.name, step.after.expires, datetime.now(UTC))
        refuse_what_is_lacking(self._api, planned, frozenset(after.tiers))
        return planned

    def _left_behind(self, current: State) -> Iterator[Step]:
        """Secrets of what is to be gone, and is: a run was killed, or somebody else has removed it."""
        for kind, noun, kept in (
            ("users", "user", self._logins),
            ("service_accounts", "service account", self._applications),
        ):
            for name, wanted in self.wish.of(kind).items():
                if not wanted.present and name in kept and name not in current.of(kind):
                    yield Step(kind, name, "forget", f"forget the secret of {noun} {name}", None)

    def _refuse_homeless(self, step: Step) -> None:
        """A secret that is made has to be kept."""
        if not self._store.usable and not (step.kind == "users" and self._login(step.name)):
            raise RequestError(f"{step.sentence}: set credentials_dir, where its secret is kept")

    def _refuse_full(self, bucket: str) -> None:
        contents = self._api.contents(bucket, NAMED + 1)
        if contents:
            named = ", ".join(contents[:NAMED]) + (", ..." if len(contents) > NAMED else "")
            raise NotEmptyError(
                f"Bucket {bucket} is not removed, because it holds {named}. Empty it first, old versions included"
            )

    def _protecting(self, wish: Wish) -> Wish:
        """Nobody declares these, and nobody removes them: what comes with a server, and what this project needs."""
        own = {self._params["access_key"]}
        protected = {
            "buckets": frozenset({CANARY}),
            "policies": BUILT_IN | {CANARY},
            "users": frozenset(own | {GATEWAY}),
            "service_accounts": frozenset(own | {GATEWAY, *self._applications, *self._rotating}),
        }
        return replace(wish, protected=protected)

    # Writing

    def apply(self, step: Step) -> None:
        """The only writer."""
        WRITES[step.kind, step.verb](self, step)

    def held(self) -> AbstractContextManager[None]:
        """Nobody else writes meanwhile."""
        return self._store.held()

    def _set_user(self, step: Step) -> None:
        credential = self._logins[step.name] = self._login(step.name) or mint(step.name)
        if self._store.usable:
            self._store.keep(USERS, step.name, credential)
        self._api.set_user(step.name, credential.secret_key, step.after.enabled)

    def _login(self, name: str) -> Credential | None:
        """What the credential store has; a secret that is given is the first one only."""
        given = self.wish.secrets.get(("users", name))
        return self._logins.get(name) or (Credential(name, given) if given else None)

    def _set_settings(self, step: Step) -> None:
        """The keys that change. Whatever is set is switched on by that, unless the same request says otherwise."""
        values = {key: value for key, value in step.after.values if key in step.names}
        values |= self._declared_settings(step.name, values)
        if step.name in self._switched_off and settings.ENABLE not in dict(step.after.values):
            values[settings.ENABLE] = "off"
        self._api.set_settings(step.name, values)

    def _remove_user(self, step: Step) -> None:
        self._api.remove_user(step.name)
        if self._logins.pop(step.name, None):
            self._store.forget(USERS, step.name)

    def _create_account(self, step: Step) -> None:
        credential = self._applications[step.name] = self._applications.get(step.name) or mint()
        self._store.keep(APPLICATIONS, step.name, credential)
        self._api.add_key(credential.access_key, credential.secret_key, _key(step.after))

    def _change_account(self, step: Step) -> None:
        credential = self._applications.get(step.name) or Credential(step.name, "")
        secret = credential.secret_key if "secret_is_right" in step.names else None
        self._api.change_key(credential.access_key, secret, _key(step.after))

    def _remove_account(self, step: Step) -> None:
        credential = self._applications.pop(step.name, None)
        self._api.remove_key(credential.access_key if credential else step.name)
        for other in [key for key, application in self._rotating.items() if application == step.name]:
            if self._api.key(other) is not None:
                self._api.remove_key(other)
        if credential:
            Journals(self._store).forget("application", step.name)
            self._store.forget(APPLICATIONS, step.name)


def _set_bucket(self: Access, step: Any) -> None:
    self._api.set_bucket(step.name, step.verb, vars(step.after))


WRITES: Mapping[tuple[str, str], Callable[[Access, Any], None]] = {
    ("settings", "set"): Access._set_settings,
    ("settings", "remove"): lambda self, step: self._api.reset_settings(step.name),
    ("tiers", "create"): lambda self, step: self._api.add_tier(step.after, self.wish.secrets["tiers", step.name]),
    ("tiers", "credentials"): lambda self, step: self._api.change_tier(
        step.after, self.wish.secrets["tiers", step.name]
    ),
    ("tiers", "remove"): lambda self, step: self._api.remove_tier(step.name),
    ("buckets", "create"): lambda self, step: self._api.make_bucket(step.name, object_lock=step.after.object_lock),
    **{("buckets", what): _set_bucket for what in ("versioning", *SETTINGS)},
    ("buckets", "remove"): lambda self, step: self._api.remove_bucket(step.name),
    ("policies", "set"): lambda self, step: self._api.set_policy(step.name, step.after.document),
    ("policies", "remove"): lambda self, step: self._api.remove_policy(step.name),
    ("users", "create"): Access._set_user,
    ("users", "secret"): Access._set_user,
    ("users", "enable"): lambda self, step: self._api.set_user_status(step.name, True),
    ("users", "disable"): lambda self, step: self._api.set_user_status(step.name, False),
    ("users", "attach"): lambda self, step: self._api.attach(step.name, sorted(step.after.policies), group=False),
    ("users", "remove"): Access._remove_user,
    ("users", "forget"): lambda self, step: self._store.forget(USERS, step.name),
    ("groups", "create"): lambda self, step: self._api.change_members(step.name, [], remove=False),
    ("groups", "enable"): lambda self, step: self._api.set_group_status(step.name, True),
    ("groups", "disable"): lambda self, step: self._api.set_group_status(step.name, False),
    ("groups", "add"): lambda self, step: self._api.change_members(step.name, sorted(step.names), remove=False),
    ("groups", "drop"): lambda self, step: self._api.change_members(step.name, sorted(step.names), remove=True),
    ("groups", "attach"): lambda self, step: self._api.attach(step.name, sorted(step.after.policies), group=True),
    ("groups", "remove"): lambda self, step: self._api.change_members(step.name, [], remove=True),
    ("service_accounts", "create"): Access._create_account,
    ("service_accounts", "change"): Access._change_account,
    ("service_accounts", "remove"): Access._remove_account,
    ("service_accounts", "forget"): lambda self, step: self._store.forget(APPLICATIONS, step.name),
}


def _account(application: str, access_key: str, key: Key, right: bool) -> ServiceAccount:
    policy = Policy.read("", key.policy) if key.policy is not None else None
    return ServiceAccount(
        application, key.parent, access_key, key.name, key.description, key.enabled, policy, key.expires or "", right
    )


def _key(account: Any) -> Key:
    return Key(
        parent=account.parent,
        enabled=account.enabled,
        policy=account.policy.document if account.policy else None,
        name=account.name,
        description=account.description,
        expires=account.expires or None,
    )
