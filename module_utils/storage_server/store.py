"""The store as the modules see it: a narrow protocol. client.py has its only implementation on a real server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .iam import Iam, Key, Login
from .settings import Told
from .tiers import Tier


@dataclass(frozen=True)
class Answer:
    """The answer to a request that needs no credentials. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]


class Store(Protocol):
    """What the modules need of a store."""

    read_only: bool

    def at(self, node: str) -> Store:
        """The same store, asked through one node."""

    def signed_by(self, access_key: str, secret_key: str) -> Store:
        """The same store, asked with other credentials."""

    def accepts(self, access_key: str, secret_key: str) -> bool:
        """Whether these credentials would be let in."""

    def probe(self, path: str) -> Answer:
        """GET without credentials."""

    def info(self) -> dict[str, Any]:
        """Servers, drives, usage and backend."""

    def buckets(self) -> list[str]:
        """Names of all buckets, sorted."""

    def make_bucket(self, bucket: str, *, object_lock: bool = False) -> None:
        """Create it. A lock brings versioning, and can be had from the beginning only."""

    def remove_bucket(self, bucket: str) -> None:
        """Remove it; the server refuses where it holds objects."""

    def empty(self, bucket: str) -> tuple[int, list[str]]:
        """Remove all that it holds. How many versions went, and names of those that are locked or held and stay."""

    def bucket_settings(self) -> dict[str, dict[str, Any]]:
        """The settings of every bucket, in the forms of bucket_settings.py, in one request."""

    def set_bucket(self, bucket: str, what: str, settings: Mapping[str, Any]) -> None:
        """Set one of them, or clear it; `versioning` includes what is left out of it."""

    def settings(self) -> dict[str, Told]:
        """The server's own, as the node runs with them, and what waits for a restart."""

    def set_settings(self, name: str, values: Mapping[str, str]) -> None:
        """Set these keys of a sub-system or target, which is switched on by that."""

    def reset_settings(self, name: str) -> None:
        """Remove a target, or set a sub-system back to its defaults."""

    def tiers(self) -> dict[str, Tier]:
        """Other stores that old objects move to."""

    def tier_works(self, name: str) -> bool:
        """Whether the other store lets the server write, read and remove."""

    def add_tier(self, tier: Tier, secret: str) -> None:
        """Add it; the server tries it first."""

    def change_tier(self, tier: Tier, secret: str) -> None:
        """Change its credentials; the server tries them first."""

    def remove_tier(self, name: str) -> None:
        """Remove it; the server refuses where it holds objects."""

    def notification_targets(self) -> dict[str, str]:
        """ARNs of those who can be told of events, by type and name."""

    def encrypts(self) -> bool:
        """Whether the server has a key to encrypt objects with."""

    def contents(self, bucket: str, limit: int) -> list[str]:
        """The first few things that the bucket holds, in words."""

    def iam_by_export(self) -> Iam:
        """Policies, users, groups and keys in one request, secrets included: only where nobody listens."""

    def iam_by_lists(self) -> Iam:
        """The same without secrets, in five requests and one for each group and key."""

    def set_policy(self, name: str, document: Mapping[str, Any]) -> None:
        """Create or replace it."""

    def remove_policy(self, name: str) -> None:
        """Remove it; the server refuses while it is attached."""

    def set_user(self, name: str, secret: str, enabled: bool) -> None:
        """Create it, or change its secret; its status is always set."""

    def set_user_status(self, name: str, enabled: bool) -> None:
        """Enable or disable it."""

    def remove_user(self, name: str) -> None:
        """Remove it, and its keys and memberships."""

    def attach(self, name: str, policies: Sequence[str], *, group: bool) -> None:
        """Exactly these policies."""

    def change_members(self, name: str, members: Sequence[str], *, remove: bool) -> None:
        """Add or remove members. A group that is not there is made; removing nobody removes the group."""

    def set_group_status(self, name: str, enabled: bool) -> None:
        """Enable or disable it."""

    def add_key(self, access_key: str, secret: str, key: Key) -> None:
        """Create a service account."""

    def change_key(self, access_key: str, secret: str | None, key: Key) -> None:
        """Set everything of it; its secret if one is given."""

    def remove_key(self, access_key: str) -> None:
        """Remove a service account."""

    def user(self, name: str) -> Login | None:
        """A user, without its secret; None if there is none."""

    def key(self, access_key: str) -> Key | None:
        """A service account, without its secret; None if there is none."""

    def may(self, bucket: str) -> frozenset[str]:
        """`read`, `write`: what these credentials may do with objects. Nothing is written to find out."""

    def put(self, bucket: str, name: str, data: bytes) -> str | None:
        """Write an object; returns its version if it has one."""

    def get(self, bucket: str, name: str) -> bytes:
        """Read an object."""

    def remove(self, bucket: str, name: str, version: str | None) -> None:
        """Remove an object, or one version of it."""
