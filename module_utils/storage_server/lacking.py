"""What settings of buckets need of the server: it refuses them itself, but after what comes before them was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import RequestError
from .lifecycle import tiers_of
from .notifications import targets

if TYPE_CHECKING:
    from .plan import Step
    from .store import Store

KEY = "key"
# What a value needs, and what is said where it is not there.
NEEDS: Mapping[str, tuple[Callable[[Any], frozenset[str]], str]] = {
    "encryption": (
        lambda value: frozenset({KEY} if value else ()),
        "a server that has a {0}: set cluster_kms_key of role cluster",
    ),
    "notifications": (
        targets,
        "the target {0}, which the server does not run with: declare its settings, and restart the nodes",
    ),
    "lifecycle": (tiers_of, "the tier {0}, which is not there: declare it"),
}


def refuse_what_is_lacking(api: Store, planned: Sequence[Step], tiers: frozenset[str]) -> None:
    """`tiers` are those that will be there, where tiers are declared. The server is asked only where it matters."""
    for what, (needs, words) in NEEDS.items():
        needed = {
            step.name: needs(getattr(step.after, what))
            for step in planned
            if (step.kind, step.verb) == ("buckets", what)
        }
        if any(needed.values()):
            there = _there(api, what, tiers)
            for bucket, names in needed.items():
                for missing in sorted(names - there):
                    raise RequestError(f"bucket {bucket}: {what} wants {words.format(missing)}")


def _there(api: Store, what: str, tiers: frozenset[str]) -> frozenset[str]:
    if what == "encryption":
        return frozenset({KEY} if api.encrypts() else ())
    if what == "notifications":
        return frozenset(api.notification_targets())
    return tiers or frozenset(api.tiers())
