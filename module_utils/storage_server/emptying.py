"""Emptying a bucket: everything in it goes, old versions included, but for what is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import NAMED
from .errors import NotEmptyError, RequestError
from .runner import Params, Result

if TYPE_CHECKING:
    from .store import Store


def empty(api: Store, params: Params) -> Result:
    """The answer of the module minio_empty_bucket. In check mode, what there is to remove."""
    name = params["name"]
    if params["confirm"] != name:
        raise RequestError(f"bucket {name}: confirm does not say the same name. Nothing was removed")
    contents = api.contents(name, NAMED + 1)
    found = {"name": name, "held": contents[:NAMED], "removed": 0}
    if not contents or api.read_only:
        return {**found, "changed": bool(contents)}
    removed, kept = api.empty(name)
    found["removed"] = removed
    if kept:
        raise NotEmptyError(
            f"bucket {name}: {removed} versions were removed, {len(kept)} are locked or held and stay:"
            f" {', '.join(kept[:NAMED])}{', ...' if len(kept) > NAMED else ''}",
            result={"changed": removed > 0, "bucket": found},
        )
    return {**found, "changed": True}
