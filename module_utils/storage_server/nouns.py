"""The modules on a store's content: how options become a wish, and a state becomes an answer. Pure.

A module that manages one item says a wish with that item alone. Everything else is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import bucket_settings, settings
from .buckets import valid_name
from .errors import RequestError
from .identities import GATEWAY, check_account, check_user, expiry
from .policies import BUILT_IN, VERSION, Policy, access_policy, normal
from .runner import is_secret
from .state import CONTENT, ServiceAccount, State, shown
from .tiers import wanted_tier
from .wish import Wanted, Wish, unmanaged

Params = Mapping[str, Any]
Result = dict[str, Any]
KEPT_BY_THE_SERVER = "policy {0}: every server has it, and nobody changes it. Use another name"


@dataclass(frozen=True)
class Noun:
    """`noun` is what a module returns; `desired` and `show` are its two ends."""

    noun: str
    desired: Callable[[Params], Wish]
    show: Callable[[State, Wish], Result]


def secret_of_user(params: Params) -> dict[str, str]:
    return {params["name"]: params["secret"]} if params["secret"] else {}


def secret_of_tier(params: Params) -> dict[str, str]:
    secret = (params["remote"] or {}).get("secret_key")
    return {params["name"]: secret} if secret else {}


def hidden_settings(params: Params) -> dict[str, str]:
    """By the name of the settings and the key."""
    name, values = params["name"], params["values"] or {}
    return {f"{name} {key}": value for key, value in settings.wanted(name, values).items() if is_secret(key, value)}


SECRETS: Mapping[str, Callable[[Params], dict[str, str]]] = {
    "users": secret_of_user,
    "tiers": secret_of_tier,
    "settings": hidden_settings,
}


def single(noun: str, kind: str, key: str, wanted: Callable[[Params], Mapping[str, Any]]) -> Noun:
    """A noun for one item of a kind, told by the option `key`."""

    def desired(params: Params) -> Wish:
        present = params["state"] == "present"
        item = Wanted(wanted(params)) if present else Wanted(present=False)
        return Wish({kind: {params[key]: item}}, secrets=_secrets(kind, [params]))

    def show(state: State, wish: Wish) -> Result:
        name = next(iter(wish.of(kind)))
        item = state.of(kind).get(name)
        waits = {"restart_required": name in state.waits} if kind == "settings" else {}
        return {key: name, "state": "absent", **waits} if item is None else {**shown(item), "state": "present", **waits}

    return Noun(noun, desired, show)


def _secrets(kind: str, entries: Sequence[Params]) -> dict[tuple[str, str], str]:
    """By kind and name."""
    if kind not in SECRETS:
        return {}
    return {(kind, name): secret for entry in entries for name, secret in SECRETS[kind](entry).items()}


def wanted_settings(params: Params) -> Result:
    name, keys = params["name"], settings.wanted(params["name"], params["values"] or {})
    if not keys:
        raise RequestError(f"settings {name}: values are missing")
    return {"values": settings.shown_values(keys, keys, keys)}


def wanted_bucket(params: Params) -> Result:
    valid_name(params["name"])
    return bucket_settings.wanted(params)


def wanted_policy(params: Params) -> Result:
    name = params["name"]
    if name in BUILT_IN:
        raise RequestError(KEPT_BY_THE_SERVER.format(name))
    if params["document"] is None:
        raise RequestError(f"policy {name}: document is missing")
    return {"policy": Policy.of(name, params["document"])}


def wanted_user(params: Params) -> Result:
    name, secret = params["name"], params["secret"]
    check_user(name, secret)
    return {"enabled": params["enabled"], "policies": _set(params["policies"]), "secret_is_right": True}


def wanted_group(params: Params) -> Result:
    return {"enabled": params["enabled"], "members": _set(params["members"]), "policies": _set(params["policies"])}


def wanted_service_account(params: Params) -> Result:
    application, document = params["application"], params["policy"]
    if not params["parent"]:
        raise RequestError(f"service account {application}: parent is missing: name the user whose rights it has")
    wanted = {key: params[key] for key in ("parent", "name", "description", "enabled")}
    check_account(application, params["name"], params["description"])
    wanted |= {"secret_is_right": True, "expires": expiry(application, params["expires"])}
    if document is not None:
        wanted["policy"] = Policy.inline(document, f"service account {application}")
    return wanted


SETTINGS = single("settings", "settings", "name", wanted_settings)
TIER = single("tier", "tiers", "name", wanted_tier)
BUCKET = single("bucket", "buckets", "name", wanted_bucket)
POLICY = single("policy", "policies", "name", wanted_policy)
USER = single("user", "users", "name", wanted_user)
GROUP = single("group", "groups", "name", wanted_group)
SERVICE_ACCOUNT = single("service_account", "service_accounts", "application", wanted_service_account)


# The whole state


def wanted_everything(params: Params) -> Wish:
    """All kinds in one wish; a kind that is left out is not managed."""
    items: dict[str, dict[str, Wanted]] = {}
    for kind, key, wanted in KINDS:
        if params[kind] is not None:
            items[kind] = {entry[key]: _wanted(entry, wanted) for entry in _unique(params[kind], kind, key)}
    _grant(items, params["buckets"] or [])
    secrets: dict[tuple[str, str], str] = {}
    for kind in SECRETS:
        secrets |= _secrets(kind, params[kind] or [])
    remove = frozenset(kind for kind, mode in (params["unmanaged"] or {}).items() if mode == "remove")
    missing = sorted(kind for kind in remove if params[kind] is None)
    if missing:
        raise RequestError(f"unmanaged: {missing[0]} are to be removed, but none are declared: {missing[0]}: [] if so")
    return Wish(items, remove, secrets=secrets)


def _wanted(entry: Params, wanted: Callable[[Params], Mapping[str, Any]]) -> Wanted:
    return Wanted(wanted(entry)) if entry["state"] == "present" else Wanted(present=False)


def _unique(entries: Sequence[Params], kind: str, key: str) -> Sequence[Params]:
    names = [entry[key] for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise RequestError(f"{kind}: {twice[0]} is declared twice")
    return entries


def _grant(items: dict[str, dict[str, Wanted]], buckets: Sequence[Params]) -> None:
    """The shorthand: a policy for each bucket and right, attached to the users and groups that are named."""
    for bucket in buckets:
        for right, holders in (bucket.get("access") or {}).items():
            policy = access_policy(bucket["name"], right)
            items.setdefault("policies", {})[policy.name] = Wanted({"policy": policy})
            for holder in holders or []:
                _attach(items, bucket["name"], holder, policy.name)


def _attach(items: dict[str, dict[str, Wanted]], bucket: str, holder: str, policy: str) -> None:
    for kind in ("users", "groups"):
        known = items.get(kind, {}).get(holder)
        if known:
            policies = frozenset(known.values.get("policies") or ()) | {policy}
            items[kind][holder] = Wanted({**known.values, "policies": policies}, known.present)
            return
    raise RequestError(
        f"bucket {bucket}: access is given to {holder}, but no user and no group of that name is declared"
    )


def summary(state: State, wish: Wish) -> Result:
    """What an operator wants to know afterwards: the names of the keys, never their secrets."""
    return {
        "service_accounts": {
            name: state.service_accounts[name].access_key
            for name in sorted(wish.of("service_accounts"))
            if name in state.service_accounts
        },
        "unmanaged": {kind: unmanaged(state, wish, kind) for kind in sorted(wish.items.keys() & CONTENT)},
        "restart_required": sorted(state.waits),
    }


def declared(state: State, wish: Wish) -> Result:
    """The options that describe this state, but for what nobody declares."""
    return {
        "buckets": [_without_nothing(shown(item)) for item in _undeclared(state, wish, "buckets")],
        "policies": [
            {"name": item.name, "document": {"Version": VERSION, "Statement": normal(item.canonical)}}
            for item in _undeclared(state, wish, "policies")
        ],
        **{
            kind: [_without_nothing({**shown(item), "secret": None}) for item in _undeclared(state, wish, kind)]
            for kind in ("users", "groups")
        },
        "service_accounts": [
            _declared_account(account)
            for account in state.service_accounts.values()
            if account.access_key not in wish.protected["users"]
            and account.parent != GATEWAY
            and (
                account.application != account.access_key
                or account.access_key not in wish.protected["service_accounts"]
            )
        ],
    }


def _undeclared(state: State, wish: Wish, kind: str) -> list[Any]:
    return [state.of(kind)[name] for name in unmanaged(state, wish, kind)]


def _declared_account(account: ServiceAccount) -> Result:
    plain = {**shown(account), "secret": None, "access_key": None}
    if account.policy:
        plain["policy"] = {"Version": VERSION, "Statement": normal(account.policy.canonical)}
    return _without_nothing(plain)


def _without_nothing(plain: Result) -> Result:
    """An option that would say nothing is left out."""
    return {key: value for key, value in plain.items() if value is not None and value != ""}


KINDS = (
    ("settings", "name", wanted_settings),
    ("tiers", "name", wanted_tier),
    ("buckets", "name", wanted_bucket),
    ("policies", "name", wanted_policy),
    ("users", "name", wanted_user),
    ("groups", "name", wanted_group),
    ("service_accounts", "application", wanted_service_account),
)
EVERYTHING = Noun("access", wanted_everything, summary)


def _set(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
