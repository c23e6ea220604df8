"""Policies, users, groups and keys as the server keeps them: what was read, and the requests that read and change it.

Reading takes one request by the server's export, which holds the secrets too, or five and one for each group and key by
its lists, which hold none. Both give the same, but for the secrets.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .errors import StoreError

Found = TypeVar("Found")
# What the server says, and takes, for a key that does not expire.
NEVER = "1970-01-01T00:00:00Z"
# Keys and groups that are asked for at once. To decrypt an answer takes 64 MiB.
READERS = 2
EXPORTED = ("policies", "users", "groups", "svcaccts", "user_mappings", "group_mappings")


@dataclass(frozen=True)
class Login:
    """A user. `secret` is None where it could not be read."""

    enabled: bool
    policies: frozenset[str] = frozenset()
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Circle:
    """A group."""

    enabled: bool
    members: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Key:
    """A service account. `policy` is None where it has all the rights of its parent."""

    parent: str
    enabled: bool = True
    policy: Mapping[str, Any] | None = None
    name: str = ""
    description: str = ""
    expires: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Iam:
    """Everything about who may do what, by name."""

    policies: Mapping[str, Mapping[str, Any]]
    users: Mapping[str, Login]
    groups: Mapping[str, Circle]
    keys: Mapping[str, Key]


class IamRequests:
    """The part of a store's client that speaks of policies, users, groups and keys."""

    # What the client provides.
    _call: Callable[..., bytes]
    _seal: Callable[[Mapping[str, Any]], bytes]
    _unseal: Callable[..., Any]
    _doing: Callable[[str], AbstractContextManager[None]]

    def iam_by_export(self) -> Iam:
        """In one request, secrets included: only over TLS or loopback."""
        return parse_export(self._call("export users and policies", "GET", "export-iam"))

    def iam_by_lists(self) -> Iam:
        """Without secrets."""
        with ThreadPoolExecutor(READERS) as pool:
            # First what takes longest: for each user the server goes through all of them.
            told_keys = pool.submit(
                self._unseal, "list the keys", "list-access-keys-bulk", listType="svcacc-only", all="true"
            )
            told_policies = pool.submit(self._call, "list the policies", "GET", "list-canned-policies")
            told_groups = pool.submit(self._call, "list the groups", "GET", "groups")
            users = self._unseal("list the users", "list-users")
            attached = _attached(self._unseal("list what policies are attached to", "idp/builtin/policy-entities"))
            names = json.loads(told_groups.result()) or []
            keys = told_keys.result()
            owned = [key["accessKey"] for of_user in keys.values() for key in of_user.get("serviceAccounts") or []]
            groups = dict(zip(names, pool.map(lambda name: self._circle(name, attached), names), strict=True))
            found = dict(zip(owned, pool.map(self._key, owned), strict=True))
        return Iam(
            policies=json.loads(told_policies.result()),
            users={name: _login(user) for name, user in users.items()},
            groups=groups,
            keys=found,
        )

    def set_policy(self, name: str, document: Mapping[str, Any]) -> None:
        self._call(f"set policy {name}", "PUT", "add-canned-policy", json.dumps(document).encode(), name=name)

    def remove_policy(self, name: str) -> None:
        self._call(f"remove policy {name}", "DELETE", "remove-canned-policy", name=name)

    def set_user(self, name: str, secret: str, enabled: bool) -> None:
        """Create it, or change its secret; its status is always set."""
        body = self._seal({"secretKey": secret, "status": _status(enabled)})
        self._call(f"set user {name}", "PUT", "add-user", body, accessKey=name)

    def set_user_status(self, name: str, enabled: bool) -> None:
        what = f"{'enable' if enabled else 'disable'} user {name}"
        self._call(what, "PUT", "set-user-status", accessKey=name, status=_status(enabled))

    def remove_user(self, name: str) -> None:
        self._call(f"remove user {name}", "DELETE", "remove-user", accessKey=name)

    def attach(self, name: str, policies: Sequence[str], *, group: bool) -> None:
        """Exactly these policies."""
        query = {"policyName": ",".join(sorted(policies)), "userOrGroup": name, "isGroup": str(group).lower()}
        self._call(f"attach policies to {name}", "PUT", "set-user-or-group-policy", **query)

    def change_members(self, name: str, members: Sequence[str], *, remove: bool) -> None:
        """Add or remove members. A group that is not there is made; removing nobody removes the group."""
        body = {"group": name, "members": sorted(members), "isRemove": remove, "groupStatus": "enabled"}
        self._call(f"change the members of group {name}", "PUT", "update-group-members", json.dumps(body).encode())

    def set_group_status(self, name: str, enabled: bool) -> None:
        what = f"{'enable' if enabled else 'disable'} group {name}"
        self._call(what, "PUT", "set-group-status", group=name, status=_status(enabled))

    def user(self, name: str) -> Login | None:
        """A user; None if there is none."""
        told = _or_none(lambda: self._call(f"read user {name}", "GET", "user-info", accessKey=name))
        return _login(json.loads(told)) if told else None

    def key(self, access_key: str) -> Key | None:
        """A service account; None if there is none."""
        return _or_none(lambda: self._key(access_key))

    def add_key(self, access_key: str, secret: str, key: Key) -> None:
        body = {
            "accessKey": access_key,
            "secretKey": secret,
            "targetUser": key.parent,
            "name": key.name,
            "description": key.description,
        }
        if key.policy is not None:
            body["policy"] = key.policy  # type: ignore[assignment]
        if key.expires:
            body["expiration"] = key.expires
        self._call(f"create a key of {key.parent}", "PUT", "add-service-account", self._seal(body))

    def change_key(self, access_key: str, secret: str | None, key: Key) -> None:
        """Everything of it is sent: a key whose policy is left out would get the rights of its parent."""
        body: dict[str, Any] = {
            "newStatus": "on" if key.enabled else "off",
            "newName": key.name,
            "newDescription": key.description,
            "newExpiration": key.expires or NEVER,
        }
        if key.policy is not None:
            body["newPolicy"] = key.policy
        if secret:
            body["newSecretKey"] = secret
        self._call(f"change key {access_key}", "POST", "update-service-account", self._seal(body), accessKey=access_key)
        if key.policy is not None and self._key(access_key).policy is None:
            raise StoreError(f"Key {access_key} has lost its policy: it has the rights of {key.parent}. Disable it now")

    def remove_key(self, access_key: str) -> None:
        self._call(f"remove key {access_key}", "DELETE", "delete-service-account", accessKey=access_key)

    def _circle(self, name: str, attached: Mapping[str, frozenset[str]]) -> Circle:
        group = json.loads(self._call(f"read group {name}", "GET", "group", group=name))
        members = frozenset(group.get("members") or ())
        return Circle(group.get("status") == "enabled", members, attached.get(name, frozenset()))

    def _key(self, access_key: str) -> Key:
        found = self._unseal(f"read key {access_key}", "info-service-account", accessKey=access_key)
        implied = found.get("impliedPolicy", False)
        return Key(
            parent=found["parentUser"],
            enabled=found["accountStatus"] in ("on", "enabled"),
            policy=None if implied or not found.get("policy") else json.loads(found["policy"]),
            name=found.get("name") or "",
            description=found.get("description") or "",
            expires=_expiry(found.get("expiration")),
        )


def parse_export(archive: bytes) -> Iam:
    """The server's export. One that broke off half-way is no state of anything."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            part = {name: json.loads(files.read(f"iam-assets/{name}.json")) or {} for name in EXPORTED}
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"The server's export of users and policies is not whole ({error}): run again") from error
    users, groups = part["user_mappings"], part["group_mappings"]
    return Iam(
        policies=part["policies"],
        users={
            name: Login(user.get("status") == "enabled", _names(users.get(name)), user.get("secretKey"))
            for name, user in part["users"].items()
        },
        groups={
            name: Circle(
                group.get("status") == "enabled", frozenset(group.get("members") or ()), _names(groups.get(name))
            )
            for name, group in part["groups"].items()
        },
        keys={name: _exported_key(key) for name, key in part["svcaccts"].items()},
    )


def _exported_key(key: Mapping[str, Any]) -> Key:
    return Key(
        parent=key["parent"],
        enabled=key.get("status") in ("on", "enabled"),
        policy=key.get("sessionPolicy") or None,
        name=key.get("name") or "",
        description=key.get("description") or "",
        expires=_expiry(key.get("expiration")),
        secret=key.get("secretKey"),
    )


def _or_none(ask: Callable[[], Found]) -> Found | None:
    """What the server does not know."""
    try:
        return ask()
    except StoreError as error:
        if error.status == 404:
            return None
        raise


def _login(user: Mapping[str, Any]) -> Login:
    return Login(user.get("status") == "enabled", _split(user.get("policyName")))


def _names(mapping: Mapping[str, Any] | None) -> frozenset[str]:
    return _split((mapping or {}).get("policy"))


def _split(names: str | None) -> frozenset[str]:
    return frozenset(filter(None, (names or "").split(",")))


def _attached(entities: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Policies by the group that they are attached to."""

    def pairs() -> Iterator[tuple[str, str]]:
        for mapping in entities.get("policyMappings") or []:
            for group in mapping.get("groups") or []:
                yield group, mapping["policy"]

    found: dict[str, frozenset[str]] = {}
    for group, policy in pairs():
        found[group] = found.get(group, frozenset()) | {policy}
    return found


def _expiry(moment: str | None) -> str | None:
    return None if not moment or moment.startswith(("1970-01-01", "0001-01-01")) else moment


def _status(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"
