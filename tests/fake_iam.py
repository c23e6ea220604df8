"""Policies, users, groups and keys in memory, with the server's traps. Held equal to a real server by contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from plugins.module_utils.storage_server.errors import StoreError
from plugins.module_utils.storage_server.iam import Circle, Iam, Key, Login
from plugins.module_utils.storage_server.policies import BUILT_IN


def no_such(what: str) -> StoreError:
    return StoreError(f"no such {what}", code=f"XMinioAdminNoSuch{what}", status=404)


class FakeIam:
    """What `FakeStore` says of who may do what."""

    world: Any
    access_key: str | None
    _writing: Callable[[str], AbstractContextManager[None]]
    _authenticated: Callable[[], None]

    def iam_by_export(self) -> Iam:
        self._authenticated()
        return replace(self.world.iam)

    def iam_by_lists(self) -> Iam:
        iam = self.iam_by_export()
        return replace(
            iam,
            users={name: replace(user, secret=None) for name, user in iam.users.items()},
            keys={name: replace(key, secret=None) for name, key in iam.keys.items()},
        )

    def set_policy(self, name: str, document: dict[str, Any]) -> None:
        with self._writing(f"set_policy {name}"):
            self._put("policies", name, document)

    def remove_policy(self, name: str) -> None:
        with self._writing(f"remove_policy {name}"):
            iam = self.world.iam
            if any(name in item.policies for item in (*iam.users.values(), *iam.groups.values())):
                raise StoreError("the policy is in use", code="XMinioIAMPolicyInUse", status=400)
            self._put("policies", name, None)

    def set_user(self, name: str, secret: str, enabled: bool) -> None:
        with self._writing(f"set_user {name}"):
            known = self.world.iam.users.get(name, Login(enabled))
            self._put("users", name, replace(known, enabled=enabled, secret=secret))

    def set_user_status(self, name: str, enabled: bool) -> None:
        with self._writing(f"set_user_status {name} {enabled}"):
            self._put("users", name, replace(self._user(name), enabled=enabled))

    def remove_user(self, name: str) -> None:
        with self._writing(f"remove_user {name}"):
            self._user(name)
            iam = self.world.iam
            self._put("users", name, None)
            for group, circle in list(iam.groups.items()):
                self._put("groups", group, replace(circle, members=circle.members - {name}))
            for access_key, key in list(iam.keys.items()):
                if key.parent == name:
                    self._put("keys", access_key, None)

    def attach(self, name: str, policies: Sequence[str], *, group: bool) -> None:
        with self._writing(f"attach {name}"):
            for policy in policies:
                if policy not in self.world.iam.policies and policy not in BUILT_IN:
                    raise no_such("Policy")
            kind = "groups" if group else "users"
            holder = self._group(name) if group else self._user(name)
            if not group and not holder.enabled:
                # It takes a disabled user for one that is not there.
                raise no_such("User")
            self._put(kind, name, replace(holder, policies=frozenset(policies)))

    def change_members(self, name: str, members: Sequence[str], *, remove: bool) -> None:
        with self._writing(f"change_members {name}"):
            for member in members:
                self._user(member)
            circle = self._group(name) if remove else self.world.iam.groups.get(name, Circle(True))
            if remove and not members:
                if circle.members:
                    raise StoreError("the group is not empty", code="XMinioAdminGroupNotEmpty", status=400)
                self._put("groups", name, None)
                return
            changed = circle.members - set(members) if remove else circle.members | set(members)
            self._put("groups", name, replace(circle, members=changed))

    def set_group_status(self, name: str, enabled: bool) -> None:
        with self._writing(f"set_group_status {name} {enabled}"):
            self._put("groups", name, replace(self._group(name), enabled=enabled))

    def user(self, name: str) -> Login | None:
        self._authenticated()
        found = self.world.iam.users.get(name)
        return found and replace(found, secret=None)

    def key(self, access_key: str) -> Key | None:
        self._authenticated()
        found = self.world.iam.keys.get(access_key)
        return found and replace(found, secret=None)

    def add_key(self, access_key: str, secret: str, key: Key) -> None:
        with self._writing(f"add_key {access_key}"):
            if not self._user(key.parent).enabled:
                raise no_such("User")
            self._put("keys", access_key, replace(key, enabled=True, secret=secret))

    def change_key(self, access_key: str, secret: str | None, key: Key) -> None:
        with self._writing(f"change_key {access_key}"):
            known = self._key(access_key)
            self._put(
                "keys",
                access_key,
                # An empty name or description means: keep it.
                replace(
                    key,
                    secret=secret or known.secret,
                    name=key.name or known.name,
                    description=key.description or known.description,
                ),
            )

    def remove_key(self, access_key: str) -> None:
        with self._writing(f"remove_key {access_key}"):
            self._key(access_key)
            self._put("keys", access_key, None)

    def _secrets(self) -> dict[str, str | None]:
        """Of everybody who is let in."""
        iam = self.world.iam
        users = {name: user.secret for name, user in iam.users.items() if user.enabled}
        alive = {*users, self.world.access_key}
        keys = {name: key.secret for name, key in iam.keys.items() if key.enabled and key.parent in alive}
        return {**self.world.accounts, **users, **keys, self.world.access_key: self.world.secret_key}

    def _is_allowed(self, right: str, bucket: str) -> bool:
        """Statements that allow, with a `*` at the end of names: what the tests have."""
        if self.access_key in (None, self.world.access_key):
            return True
        key = self.world.iam.keys.get(self.access_key)
        own = True if key is None or key.policy is None else _allows(key.policy, right, bucket)
        user = key.parent if key else self.access_key
        if user == self.world.access_key:
            return own
        attached = set(self.world.iam.users[user].policies)
        for circle in self.world.iam.groups.values():
            attached |= circle.policies if user in circle.members and circle.enabled else set()
        return own and any(_allows(self.world.iam.policies.get(name, {}), right, bucket) for name in attached)

    def _put(self, kind: str, name: str, value: object) -> None:
        items = {key: item for key, item in getattr(self.world.iam, kind).items() if key != name}
        if value is not None:
            items[name] = value
        self.world.iam = replace(self.world.iam, **{kind: items})

    def _user(self, name: str) -> Login:
        if name not in self.world.iam.users:
            raise no_such("User")
        return self.world.iam.users[name]

    def _group(self, name: str) -> Circle:
        if name not in self.world.iam.groups:
            raise no_such("Group")
        return self.world.iam.groups[name]

    def _key(self, access_key: str) -> Key:
        if access_key not in self.world.iam.keys:
            raise no_such("ServiceAccount")
        return self.world.iam.keys[access_key]


ACTIONS = {"read": "s3:GetObject", "write": "s3:PutObject", "list": "s3:ListBucket"}


def _allows(policy: Mapping[str, Any], right: str, bucket: str) -> bool:
    name = f"arn:aws:s3:::{bucket}" + ("" if right == "list" else "/x")

    def fits(patterns: str | Sequence[str], word: str) -> bool:
        return any(fnmatchcase(word, each) for each in ([patterns] if isinstance(patterns, str) else patterns))

    return any(
        fits(each["Action"], ACTIONS[right]) and fits(each["Resource"], name) for each in policy.get("Statement", [])
    )
