"""The writes that lead from one state of a store to another, in an order that the server takes. Pure.

What others need comes first (policies before what they are attached to, users before their keys), removals come last
and the other way round. The server changes nothing of a user or group that is disabled: it is enabled for the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .errors import RequestError
from .settings import DYNAMIC
from .state import Bucket, Group, State, User
from .tiers import FIELDS as TIER_FIELDS


@dataclass(frozen=True)
class Step:
    """One write. `verb` is what the writer looks at, `sentence` what an operator reads, `after` what the item is then.

    `names` are what it is about: members that come or go, or fields that change.
    """

    kind: str
    name: str
    verb: str
    sentence: str
    after: Any
    names: frozenset[str] = frozenset()


def steps(current: State, target: State) -> list[Step]:
    """In order; none where the two are equal."""
    planned = [
        *_settings(current, target),
        *_tiers(current, target),
        *_buckets(current, target),
        *_policies(current, target),
        *_users(current, target),
        *_groups(current, target),
        *_service_accounts(current, target),
        *_removals(current, target),
    ]
    return [*planned, *_disabled(fold(planned, current), target)]


def fold(planned: Sequence[Step], state: State) -> State:
    """The state that the steps would lead to."""
    changed = {kind: dict(state.of(kind)) for kind in {step.kind for step in planned}}
    for step in planned:
        if step.after is None:
            changed[step.kind].pop(step.name, None)
        else:
            changed[step.kind][step.name] = step.after
    set_now = {step.name for step in planned if step.kind == "settings"}
    waits = state.waits | {name for name in set_now if name.partition(":")[0] not in DYNAMIC}
    return replace(state, **changed, waits=waits)


def _settings(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.settings.items():
        now = current.settings.get(name)
        changed = frozenset(key for key, _ in wanted.values - (now.values if now else frozenset()))
        if changed:
            yield Step("settings", name, "set", f"set {_list(changed)} of {name}", wanted, changed)


def _tiers(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.tiers.items():
        now = current.tiers.get(name)
        if now is None:
            yield Step("tiers", name, "create", f"create tier {name} in {wanted.endpoint}/{wanted.bucket}", wanted)
        elif now != wanted:
            for field in ("type", *TIER_FIELDS):
                if field != "access_key" and getattr(now, field) != getattr(wanted, field):
                    old, new = getattr(now, field), getattr(wanted, field)
                    raise RequestError(
                        f"tier {name}: its {field} is {old!r}, not {new!r}. Of a tier only the credentials can be"
                        " changed: declare another one"
                    )
            yield Step("tiers", name, "credentials", f"change the credentials of tier {name}", wanted)


# What is set of a bucket by one write each, and what it is called.
SETTINGS = {
    "retention": "default retention",
    "quota": "quota",
    "tags": "tags",
    "lifecycle": "lifecycle",
    "encryption": "encryption",
    "notifications": "notifications",
    "policy": "policy",
}


def _buckets(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.buckets.items():
        now = current.buckets.get(name)
        if now is None:
            # A lock can be had from the beginning only, and brings versioning.
            now = Bucket(name, "enabled" if wanted.object_lock else None, object_lock=wanted.object_lock)
            words = " with locks" if now.object_lock else ""
            yield Step("buckets", name, "create", f"create bucket {name}{words}", now)
        _refuse_impossible(now, wanted)
        if _versions(wanted) != _versions(now):
            prefixes, folders = wanted.excluded_prefixes, wanted.exclude_folders
            now = replace(now, versioning=wanted.versioning, excluded_prefixes=prefixes, exclude_folders=folders)
            yield Step("buckets", name, "versioning", f"set versioning of bucket {name} to {_version_words(now)}", now)
        for key, noun in SETTINGS.items():
            value = getattr(wanted, key)
            if value != getattr(now, key):
                now = replace(now, **{key: value})
                verb = "set" if value not in NOTHINGS else "clear"
                yield Step("buckets", name, key, f"{verb} {noun} of bucket {name}", now)


NOTHINGS: tuple[object, ...] = ("", 0, frozenset(), "[]")


def _versions(bucket: Bucket) -> tuple[object, ...]:
    return bucket.versioning, bucket.excluded_prefixes, bucket.exclude_folders


def _version_words(bucket: Bucket) -> str:
    left_out = sorted(bucket.excluded_prefixes) + (["folders"] if bucket.exclude_folders else [])
    return f"{bucket.versioning}{' without ' + ', '.join(left_out) if left_out else ''}"


def _refuse_impossible(now: Bucket, wanted: Bucket) -> None:
    name = wanted.name
    if wanted.object_lock != now.object_lock:
        raise RequestError(
            f"bucket {name}: object_lock is {now.object_lock}, not {wanted.object_lock}. It is decided when a bucket is"
            " made: declare another bucket"
        )
    if wanted.versioning is None and now.versioning:
        raise RequestError(f"bucket {name}: versioning is {now.versioning}, and can never be unset again")
    if wanted.object_lock and wanted.versioning != "enabled":
        raise RequestError(f"bucket {name}: object_lock wants versioning: it cannot be suspended")
    if wanted.versioning != "enabled" and (wanted.excluded_prefixes or wanted.exclude_folders):
        raise RequestError(f"bucket {name}: excluded_prefixes and exclude_folders want versioning: enabled")
    if wanted.object_lock and (wanted.excluded_prefixes or wanted.exclude_folders):
        raise RequestError(f"bucket {name}: with object_lock, nothing can be left out of versioning")
    if wanted.retention and not wanted.object_lock:
        raise RequestError(f"bucket {name}: retention wants object_lock, which is decided when a bucket is made")


def _policies(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.policies.items():
        now = current.policies.get(name)
        if now != wanted:
            verb = "create" if now is None else "change"
            yield Step("policies", name, "set", f"{verb} policy {name}", wanted)


def _users(current: State, target: State) -> Iterator[Step]:
    parents = _parents_of_changed(current, target)
    for name, wanted in target.users.items():
        now = current.users.get(name)
        if now is None:
            now = User(name)
            yield Step("users", name, "create", f"create user {name}", now)
        needs_life = wanted.policies != now.policies or name in parents
        if not now.enabled and (wanted.enabled or needs_life):
            now = replace(now, enabled=True)
            yield Step("users", name, "enable", f"enable user {name}", now)
        if not now.secret_is_right and wanted.secret_is_right:
            now = replace(now, secret_is_right=True)
            yield Step("users", name, "secret", f"set the secret of user {name}", now)
        if wanted.policies != now.policies:
            now = replace(now, policies=wanted.policies)
            yield Step("users", name, "attach", f"attach to user {name}: {_list(wanted.policies)}", now)


def _parents_of_changed(current: State, target: State) -> frozenset[str]:
    """Users of whom a key is to be made or changed: the server wants them enabled."""
    return frozenset(
        account.parent
        for name, account in target.service_accounts.items()
        if current.service_accounts.get(name) != account
    )


def _groups(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.groups.items():
        now = current.groups.get(name)
        if now is None:
            now = Group(name)
            yield Step("groups", name, "create", f"create group {name}", now)
        changes = (wanted.members, wanted.policies) != (now.members, now.policies)
        if not now.enabled and (wanted.enabled or changes):
            now = replace(now, enabled=True)
            yield Step("groups", name, "enable", f"enable group {name}", now)
        for verb, names in (("add", wanted.members - now.members), ("drop", now.members - wanted.members)):
            if names:
                now = replace(now, members=now.members | names if verb == "add" else now.members - names)
                direction = "to" if verb == "add" else "from"
                yield Step("groups", name, verb, f"{verb} {_list(names)} {direction} group {name}", now, names)
        if wanted.policies != now.policies:
            now = replace(now, policies=wanted.policies)
            yield Step("groups", name, "attach", f"attach to group {name}: {_list(wanted.policies)}", now)


def _service_accounts(current: State, target: State) -> Iterator[Step]:
    for name, wanted in target.service_accounts.items():
        now = current.service_accounts.get(name)
        if now is not None and now.parent != wanted.parent:
            raise RequestError(
                f"service account {name}: its parent is {now.parent}, not {wanted.parent}. A key cannot change its"
                " parent: declare another application"
            )
        if now is None:
            # Made whole in one write, so that it never has more rights than it should.
            made = replace(wanted, enabled=True)
            yield Step("service_accounts", name, "create", f"create service account {name} of {wanted.parent}", made)
            now = made
        if wanted != now:
            changed = [key for key in FIELDS if getattr(wanted, key) != getattr(now, key)]
            cleared = [key for key in ("name", "description") if key in changed and not getattr(wanted, key)]
            if cleared:
                raise RequestError(
                    f"service account {name}: its {cleared[0]} can be changed, but never be cleared again"
                )
            sentence = f"change {', '.join(FIELDS[key] for key in changed)} of service account {name}"
            yield Step("service_accounts", name, "change", sentence, wanted, frozenset(changed))


# What can be changed of a key, and what it is called.
FIELDS = {
    "name": "name",
    "description": "description",
    "enabled": "status",
    "policy": "policy",
    "expires": "expiry",
    "secret_is_right": "secret",
}


def _removals(current: State, target: State) -> Iterator[Step]:
    """What depends goes before what it depends on. A group wants to be empty."""
    order = (
        ("service_accounts", "service account"),
        ("groups", "group"),
        ("users", "user"),
        ("policies", "policy"),
        ("buckets", "bucket"),
        ("tiers", "tier"),
        ("settings", "settings"),
    )
    for kind, noun in order:
        for name in sorted(set(current.of(kind)) - set(target.of(kind))):
            if kind == "groups" and current.groups[name].members:
                group = current.groups[name]
                emptied = replace(group, members=frozenset())
                sentence = f"drop {_list(group.members)} from group {name}"
                yield Step(kind, name, "drop", sentence, emptied, group.members)
            if kind == "settings" and ":" not in name:
                raise RequestError(
                    f"settings {name}: the server always has them. Declare the values that they should have"
                )
            yield Step(kind, name, "remove", f"remove {noun} {name}", None)


def _disabled(changed: State, target: State) -> Iterator[Step]:
    """Last, because of what is disabled nothing can be changed."""
    for kind, noun in (("users", "user"), ("groups", "group")):
        for name, wanted in target.of(kind).items():
            if changed.of(kind)[name].enabled and not wanted.enabled:
                yield Step(kind, name, "disable", f"disable {noun} {name}", wanted)


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
