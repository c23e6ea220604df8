"""Buckets: name, existence, versioning."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .errors import MissingError, NotEmptyError, RequestError
from .runner import Params, Result, Step

if TYPE_CHECKING:
    from .client import Store

# How many of the things that keep a bucket from being removed are named.
NAMED = 5


@dataclass(frozen=True)
class Bucket:
    """`versioning` is `enabled`, `suspended` or None: never set in what is there, unmanaged in what is wanted."""

    name: str
    versioning: str | None = None
    contents: tuple[str, ...] = ()


class Buckets:
    noun = "bucket"

    def desired(self, params: Params) -> Bucket | None:
        name = valid_name(params["name"])
        if params["state"] == "absent":
            return None
        return Bucket(name, params["versioning"])

    def current(self, api: Store, params: Params) -> Bucket | None:
        name = params["name"]
        try:
            versioning = api.versioning(name)
        except MissingError:
            return None
        # Looked into only when it is to go: a listing is the one read whose cost depends on what the bucket holds.
        contents = api.contents(name, NAMED + 1) if params["state"] == "absent" else []
        return Bucket(name, versioning, tuple(contents))

    def steps(self, current: Bucket | None, desired: Bucket | None) -> list[Step[Bucket]]:
        if desired is None:
            return [] if current is None else [_removal(current)]
        steps = []
        if current is None:
            current = Bucket(desired.name)
            steps.append(Step("create", f"create bucket {desired.name}", current))
        if desired.versioning and desired.versioning != current.versioning:
            after = replace(current, versioning=desired.versioning)
            verb = f"set versioning of bucket {desired.name} to {desired.versioning}"
            steps.append(Step("set versioning", verb, after))
        return steps

    def apply(self, api: Store, step: Step[Bucket], params: Params) -> None:
        name = params["name"]
        if step.verb == "create":
            api.make_bucket(name)
        elif step.verb == "remove":
            api.remove_bucket(name)
        else:
            api.set_versioning(name, params["versioning"])

    def show(self, state: Bucket | None, params: Params) -> Result:
        if state is None:
            return {"name": params["name"], "state": "absent"}
        return {"name": state.name, "state": "present", "versioning": state.versioning}


def _removal(bucket: Bucket) -> Step[Bucket]:
    if bucket.contents:
        named = ", ".join(bucket.contents[:NAMED]) + (", ..." if len(bucket.contents) > NAMED else "")
        raise NotEmptyError(
            f"Bucket {bucket.name} is not removed, because it holds {named}. Empty it first, old versions included"
        )
    return Step("remove", f"remove bucket {bucket.name}", None)


def valid_name(name: str) -> str:
    """The name, or why no bucket can be called that."""
    reason = _flaw(name)
    if reason:
        raise RequestError(f"name {name!r}: {reason}", code="InvalidBucketName")
    return name


def _flaw(name: str) -> str | None:
    if not 3 <= len(name) <= 63:
        return "the name of a bucket has 3 to 63 characters"
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", name):
        return (
            "the name of a bucket has lower-case letters, digits, dots and hyphens, not one of the last two at an end"
        )
    if re.search(r"\.\.|\.-|-\.", name):
        return "a dot in the name of a bucket stands between letters or digits"
    if name == "minio":
        return "the server keeps this name for itself"
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return None
    return "the name of a bucket cannot be an IP address"
