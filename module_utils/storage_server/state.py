"""What is in a store, as values that can be compared. Pure. Of a secret it holds no more than whether it is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import bucket_settings
from .policies import Policy, normal
from .tiers import Tier

# Of the server itself, and of its content.
SERVER = ("settings", "tiers")
CONTENT = ("buckets", "policies", "users", "groups", "service_accounts")
KINDS = (*SERVER, *CONTENT)


@dataclass(frozen=True)
class Bucket:
    """Its settings, in the forms of bucket_settings.py. `versioning` is `enabled`, `suspended` or None: never set."""

    name: str
    versioning: str | None = None
    excluded_prefixes: frozenset[str] = frozenset()
    exclude_folders: bool = False
    object_lock: bool = False
    retention: str = ""
    quota: int = 0
    tags: frozenset[tuple[str, str]] = frozenset()
    lifecycle: str = "[]"
    encryption: str = ""
    notifications: str = "[]"
    policy: str = ""


@dataclass(frozen=True)
class User:
    name: str
    enabled: bool = True
    policies: frozenset[str] = frozenset()
    secret_is_right: bool = True


@dataclass(frozen=True)
class Group:
    name: str
    enabled: bool = True
    members: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ServiceAccount:
    """A key of an application. `policy` is None where it has all the rights of its parent, `expires` empty for never.

    A key that nobody has declared is told by its access key: it has no application that we know.
    """

    application: str
    parent: str
    access_key: str = field(default="", compare=False)
    name: str = ""
    description: str = ""
    enabled: bool = True
    policy: Policy | None = None
    expires: str = ""
    secret_is_right: bool = True


@dataclass(frozen=True)
class Settings:
    """Of a sub-system, or of one of its targets: the keys that are managed."""

    name: str
    values: frozenset[tuple[str, str]] = frozenset()


Item = Settings | Tier | Bucket | Policy | User | Group | ServiceAccount


@dataclass(frozen=True)
class State:
    """Everything in a store that is managed, by kind and name.

    `waits` names settings that the nodes will run with, or without, only after a restart.
    """

    settings: Mapping[str, Settings] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    service_accounts: Mapping[str, ServiceAccount] = field(default_factory=dict)
    waits: frozenset[str] = field(default=frozenset(), compare=False)

    def of(self, kind: str) -> Mapping[str, Any]:
        items: Mapping[str, Any] = getattr(self, kind)
        return items

    def but(self, kind: str, name: str, item: Item | None) -> State:
        """The same with one item changed, added or, as None, removed."""
        rest = {key: value for key, value in self.of(kind).items() if key != name}
        changed: dict[str, Any] = {kind: rest if item is None else {**rest, name: item}}
        return replace(self, **changed)

    def items(self) -> Iterator[tuple[str, str, Item]]:
        for kind in KINDS:
            for name, item in self.of(kind).items():
                yield kind, name, item


def shown(item: Item) -> dict[str, Any]:
    """An item as it is returned and compared in a diff: what an operator would write, in a fixed order."""
    if isinstance(item, Policy):
        return {"name": item.name, "statements": normal(item.canonical)}
    if isinstance(item, Bucket):
        return {"name": item.name, **dict(bucket_settings.shown(vars(item)))}
    if isinstance(item, Settings):
        return {"name": item.name, "values": dict(sorted(item.values))}
    plain: dict[str, Any] = {}
    for key, value in vars(item).items():
        if key == "credentials_work":
            plain["credentials"] = "work" if value else "refused"
        elif key == "secret_is_right":
            plain["secret"] = "as declared" if value else "another"
        elif isinstance(value, frozenset):
            plain[key] = sorted(value)
        elif isinstance(value, Policy):
            plain[key] = normal(value.canonical)
        else:
            plain[key] = value
    return plain
