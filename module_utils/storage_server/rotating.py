"""The module minio_credential: which credentials are due, the steps of each, and what is written down of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import rotation
from .converge import connect
from .credentials import CredentialStore
from .errors import RequestError, StorageError
from .in_place import InPlace, RootInPlace, UserInPlace
from .journals import Journals
from .overlap import Overlap
from .rotation import APPLICATION, ROOT, USER, Journal, Rules, Seen
from .runner import Params, Result, execute
from .tools import Tools, actor

if TYPE_CHECKING:
    from .store import Store

# Credentials that are replaced side by side.
ROTATORS = 8
SENTENCES: Mapping[str, str] = {
    rotation.GENERATE: "make the new secret of {title}",
    rotation.CREATE: "let the server know the new secret of {title}",
    rotation.PROVE: "prove the new secret of {title}",
    rotation.PUBLISH: "publish the new secret of {title}",
    rotation.WAIT: "begin the grace of the old key of {title}",
    rotation.DISABLE: "disable the old key of {title}",
    rotation.DELETE: "delete the old key of {title}",
    rotation.DISCARD: "remove a new key of {title} whose secret is lost",
    "restore": "go back to the old secret of {title}",
}


def run(spec: Mapping[str, Any]) -> None:
    """Bring credentials to the state that the options name."""
    execute(spec, lambda params, reading: rotate(connect(params, read_only=reading), params))


@dataclass
class Item:
    """A credential of the options, and what becomes of it."""

    wanted: Mapping[str, Any]
    rotator: Overlap | InPlace
    journal: Journal
    state: str
    seen: Seen
    steps: Sequence[str] = ()
    skipped: str = ""

    @property
    def title(self) -> str:
        return self.journal.title


def rotate(api: Store, params: Params) -> Result:
    """Once. Other credentials go on where one fails; the failure names them all."""
    store = CredentialStore(params["credentials_dir"])
    journals = Journals(store)
    ways = [("the gateway", api), *((node, api.at(node)) for node in params["nodes"])]
    work = Rotation(Tools(api, ways, store, journals), params)
    reading = api.read_only or params["state"] == "reported"
    with nullcontext() if reading else store.held():
        said = "" if reading else journals.lock(params["run"], actor(), params["take_over"], work.tools.clock())
        try:
            result = work.report() if params["state"] == "reported" else work.work(reading)
        finally:
            if params["release"] and not api.read_only:
                journals.release(params["run"])
    return {**result, "actions": [*filter(None, [said]), *result["actions"]]}


class Rotation:
    """One call of the module."""

    def __init__(self, tools: Tools, params: Params) -> None:
        self.tools = tools
        self._params = params
        over = params["revoke_now"]
        self._rules = Rules(
            timedelta(seconds=0 if over else params["grace_seconds"]),
            timedelta(seconds=0 if over else params["retire_seconds"]),
        )

    def report(self) -> Result:
        """What the store says of each; the server is not asked."""
        items = [self._item(wanted, ask=False) for wanted in self._params["credentials"]]
        shown = [self._shown(item, changed=False) for item in items]
        return {"changed": False, "actions": [], "credentials": shown}

    def work(self, reading: bool) -> Result:
        """Plan, and unless nothing may be written, do."""
        with ThreadPoolExecutor(ROTATORS) as pool:
            items = list(pool.map(self._item, self._params["credentials"]))
            for item in items:
                item.steps = self._planned(item)
            before = {item.title: item.state for item in items if item.steps}
            changed = {item.title for item in items if item.steps}
            actions = [SENTENCES[step].format(title=item.title) for item in items for step in item.steps]
            if reading:
                for item in items:
                    item.state = _after(item)
            else:
                self._do(items, pool)
        return {
            "changed": bool(changed),
            "actions": actions,
            "diff": {"before": before, "after": {item.title: item.state for item in items if item.title in changed}},
            "credentials": [self._shown(item, item.title in changed) for item in items],
        }

    def _do(self, items: Sequence[Item], pool: ThreadPoolExecutor) -> None:
        """The one that this very run works with comes last: with another key, everything else is done already."""
        failures: list[StorageError] = []
        own = self._params["access_key"]
        last = [item for item in items if own in (item.rotator.current.access_key, item.journal.old)]
        list(pool.map(lambda item: self._advance(item, failures), [item for item in items if item not in last]))
        for item in last:
            self._advance(item, failures)
        if failures:
            first = failures[0]
            first.message = "; ".join(error.message for error in failures) + ". A second run goes on from there"
            first.result |= {"credentials": [self._shown(item, bool(item.steps)) for item in items]}
            raise first

    def _advance(self, item: Item, failures: list[StorageError]) -> None:
        try:
            for step in item.steps:
                self._step(item, step)
        except StorageError as error:
            error.message = f"{item.title} stays {item.state}: {error.message}"
            failures.append(error)

    def _step(self, item: Item, step: str) -> None:
        """The journal is on the disk before the next step begins."""
        signed = replace(item.journal, actor=actor(), run=self._params["run"])
        told, evidence = item.rotator.do(step, signed)
        item.state = _leads_to(item, step)
        now = self.tools.clock()
        item.journal = told.at(item.state, now)
        self.tools.journals.write(item.journal)
        self.tools.journals.audit(item.journal, step, evidence, now)

    # Choosing

    def _item(self, wanted: Mapping[str, Any], ask: bool = True) -> Item:
        kind, name = wanted["kind"], wanted["name"]
        makers: Mapping[str, Callable[[], Overlap | InPlace]] = {
            APPLICATION: lambda: Overlap(self.tools, name, wanted["proof"] or ""),
            USER: lambda: UserInPlace(self.tools, name),
            ROOT: lambda: RootInPlace(self.tools, name),
        }
        rotator = makers[kind]()
        if not ask:
            journal = self.tools.journals.read(kind, name)
            return Item(wanted, rotator, journal, journal.state, Seen(rotator.current.access_key))
        return Item(wanted, rotator, *rotator.look())

    def _planned(self, item: Item) -> Sequence[str]:
        goal = self._params["state"]
        if goal == "retired":
            return rotation.retiring(item.journal, item.state, self._rules, self.tools.clock(), item.seen.old)
        if goal == "restored":
            return rotation.restoring(item.state) if self._is_named(item.wanted) else ()
        steps = rotation.replacing(item.state, self._is_chosen(item), self._params["revoke_now"])
        if rotation.CREATE not in steps:
            return steps
        if isinstance(item.rotator, RootInPlace):
            return steps[: steps.index(rotation.CREATE)]
        return () if item.wanted["kind"] == USER and self._is_own(item) else steps

    def _is_own(self, item: Item) -> bool:
        """Whether it is the user as whom this very run asks: the server lets nobody change their own secret."""
        if item.wanted["name"] not in self._whoami:
            return False
        item.skipped = (
            f"{item.title} is as whom this run asks, and the server lets nobody change their own secret: run it as"
            " root, with -e storage_automation="
        )
        if f"{USER}/{item.wanted['name']}" in self._params["names"]:
            raise RequestError(item.skipped)
        return True

    @cached_property
    def _whoami(self) -> Sequence[str]:
        own = self._params["access_key"]
        key = self.tools.api.key(own)
        return (own, key.parent) if key else (own,)

    def _is_chosen(self, item: Item) -> bool:
        wanted, names = item.wanted, self._params["names"]
        kinds = self._params["kinds"]
        if self._params["select"] == "none" or (kinds and wanted["kind"] not in kinds):
            return False
        if names and not self._is_named(wanted):
            return False
        renewal = rotation.renewal(item.rotator.current.created, timedelta(days=wanted["max_age_days"]))
        is_due = renewal is not None and renewal <= self.tools.clock()
        if not (names or self._params["select"] == "all" or is_due):
            return False
        if (
            item.state in rotation.DONE
            and wanted["kind"] == USER
            and wanted["consumed"]
            and not self._params["allow_gap"]
        ):
            item.skipped = (
                f"{item.title} is what a consumer works with, and its secret has no overlap: give the consumer an"
                " application's key, or set -e rotation_allow_gap=true"
            )
            if names:
                raise RequestError(item.skipped)
            return False
        return True

    def _is_named(self, wanted: Mapping[str, Any]) -> bool:
        return not {wanted["name"], f"{wanted['kind']}/{wanted['name']}"}.isdisjoint(self._params["names"])

    # Telling

    def _shown(self, item: Item, changed: bool) -> Result:
        now = self.tools.clock()
        when = self._when(item, now)
        return {
            "kind": item.wanted["kind"],
            "name": item.wanted["name"],
            "access_key": item.rotator.current.access_key,
            "state": item.state,
            "age_days": round((now - rotation.time_of(item.rotator.current.created)).total_seconds() / 86400, 2),
            "due": when.isoformat(timespec="seconds") if when else "",
            "next": _next(item, when, now),
            "old": item.journal.old if item.state in (rotation.PUBLISHED, rotation.GRACE, rotation.DISABLED) else "",
            "changed": changed,
            # All nodes are to be restarted with the pending password before it goes on.
            "needs_restart": isinstance(item.rotator, RootInPlace) and item.state == rotation.GENERATED,
            "gap_seconds": round(item.rotator.gap, 3) if isinstance(item.rotator, InPlace) else 0.0,
            "skipped": item.skipped,
        }

    def _when(self, item: Item, now: datetime) -> datetime | None:
        if item.state in rotation.DONE:
            return rotation.renewal(item.rotator.current.created, timedelta(days=item.wanted["max_age_days"]))
        return rotation.due(item.journal, item.state, self._rules, now)


def _leads_to(item: Item, step: str) -> str:
    if step == rotation.PUBLISH and isinstance(item.rotator, InPlace):
        return rotation.DELETED
    return next((state for made, state in rotation.NEXT.values() if made == step), rotation.IDLE)


def _after(item: Item) -> str:
    return _leads_to(item, item.steps[-1]) if item.steps else item.state


def _next(item: Item, when: datetime | None, now: datetime) -> str:
    if item.state in rotation.DONE:
        if when is None:
            return "replaced when asked for"
        return "replaced at the next run" if when <= now else f"replaced from {when:%Y-%m-%d} on"
    step = SENTENCES[rotation.NEXT[item.state][0]].format(title=item.title)
    return f"{step}{f' from {when:%Y-%m-%d %H:%M} UTC on' if when and when > now else ''}"
