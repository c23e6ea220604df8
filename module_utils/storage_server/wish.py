"""What an operator asks for, and what the store would look like then. Pure.

An option that is left out is None: it is not managed, and stays what it is. An empty value clears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from .errors import RequestError
from .policies import BUILT_IN, Policy
from .state import KINDS, Bucket, Group, Item, ServiceAccount, Settings, State, User
from .tiers import Tier

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Wanted:
    """One item: that it be there with these values, or that it be gone."""

    values: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True


@dataclass(frozen=True)
class Wish:
    """Wanted items by kind and name; `remove` are the kinds of which nothing else may be there.

    `protected` are items that are never removed for being unmanaged, by kind; `secrets` are those that were
    given, by kind and name.
    """

    items: Mapping[str, Mapping[str, Wanted]]
    remove: frozenset[str] = frozenset()
    protected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def of(self, kind: str) -> Mapping[str, Wanted]:
        return self.items.get(kind, {})


BLANK: Mapping[str, Any] = {
    "settings": lambda name: Settings(name),
    "tiers": lambda name: Tier(name),
    "buckets": lambda name: Bucket(name),
    "policies": lambda name: Policy(name, {}, ""),
    "users": lambda name: User(name),
    "groups": lambda name: Group(name),
    "service_accounts": lambda name: ServiceAccount(name, ""),
}


def target(current: State, wish: Wish) -> State:
    """The store as it would be: what is wanted over what is there."""
    after: dict[str, Any] = {kind: dict(current.of(kind)) for kind in KINDS}
    for kind in KINDS:
        for name in unmanaged(current, wish, kind) if kind in wish.remove else ():
            del after[kind][name]
        for name, wanted in wish.of(kind).items():
            if wanted.present:
                after[kind][name] = _over(current.of(kind).get(name) or BLANK[kind](name), wanted)
            else:
                after[kind].pop(name, None)
    gone = frozenset(current.users) - frozenset(after["users"])
    return _consistent(State(**after), gone)


def unmanaged(current: State, wish: Wish, kind: str) -> list[str]:
    """What is in the store and was never declared."""
    known = set(wish.of(kind)) | wish.protected.get(kind, frozenset())
    return sorted(set(current.of(kind)) - known)


def _over(item: Any, wanted: Wanted) -> Item:
    given = {key: value for key, value in wanted.values.items() if value is not None}
    if isinstance(item, Policy):
        return given.get("policy", item)  # type: ignore[no-any-return]
    if isinstance(item, Settings):
        return replace(item, values=frozenset({**dict(item.values), **dict(given["values"])}.items()))
    over: Item = replace(item, **given)
    if isinstance(over, Bucket) and over.object_lock and over.versioning is None:
        # The lock brings it.
        over = replace(over, versioning="enabled")
    return over


def _consistent(state: State, gone: frozenset[str]) -> State:
    """A user that goes takes its keys and memberships along."""
    return replace(
        state,
        groups={name: replace(group, members=group.members - gone) for name, group in state.groups.items()},
        service_accounts={
            name: account for name, account in state.service_accounts.items() if account.parent not in gone
        },
    )


def check_references(wish: Wish, current: State, after: State) -> None:
    """Refuse names of policies, users and parents that will not be there."""
    policies, users = frozenset(after.policies) | BUILT_IN, frozenset(after.users)
    removed = frozenset(current.policies) - policies
    _refuse_orphans(wish, current, after)
    for kind, noun in (("users", "user"), ("groups", "group")):
        for name, item in after.of(kind).items():
            if item.policies & removed:
                attached = ", ".join(sorted(item.policies & removed))
                raise RequestError(f"policy {attached} is not removed, because {noun} {name} has it: detach it first")
        for name, wanted in _present(wish.of(kind)):
            _refuse_missing(f"{noun} {name}", "policy", wanted.values.get("policies"), policies)
    for name, wanted in _present(wish.of("groups")):
        _refuse_missing(f"group {name}", "user", wanted.values.get("members"), users)
    for name, wanted in _present(wish.of("service_accounts")):
        _refuse_missing(f"service account {name}", "user", [wanted.values["parent"]], users)


def _refuse_orphans(wish: Wish, current: State, after: State) -> None:
    """A key that the credential store knows is somebody's: it goes when that is said, not because its parent goes."""
    asked = {name for name, wanted in wish.of("service_accounts").items() if not wanted.present}
    for name in sorted(set(current.service_accounts) - set(after.service_accounts) - asked):
        if name in wish.protected.get("service_accounts", ()):
            parent = current.service_accounts[name].parent
            raise RequestError(
                f"user {parent} is not removed, because the application {name} has a key of it. Declare that"
                " service account absent first"
            )


def _present(items: Mapping[str, Wanted]) -> Iterable[tuple[str, Wanted]]:
    return [(name, wanted) for name, wanted in items.items() if wanted.present]


def _refuse_missing(subject: str, noun: str, names: Iterable[str] | None, known: frozenset[str]) -> None:
    missing = sorted(set(names or ()) - known)
    if missing:
        raise RequestError(f"{subject}: there is no {noun} {', '.join(missing)}, and none is declared")
