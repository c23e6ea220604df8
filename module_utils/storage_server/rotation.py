"""How a credential is replaced: states, and what comes next. Pure.

    idle -> generated -> created -> proven -> published -> grace -> disabled -> deleted (which is idle again)

A key of an application has an overlap: the new one is made beside the old one, which goes last. A user's secret and
root's have none: there `created` is the moment from which the old one is refused, and `published` is the end.

The journal says how far a run had come, and when. What the server and the credential store say wins over it: `located`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

APPLICATION, USER, ROOT = "application", "user", "root"

IDLE, GENERATED, CREATED, PROVEN = "idle", "generated", "created", "proven"
PUBLISHED, GRACE, DISABLED, DELETED = "published", "grace", "disabled", "deleted"
STATES = (IDLE, GENERATED, CREATED, PROVEN, PUBLISHED, GRACE, DISABLED, DELETED)
DONE = frozenset({IDLE, DELETED})
# A new one that nobody can use any more, because its secret was lost before it was published.
ORPHANED = "orphaned"

# What the server says of a key.
ON, OFF, GONE = "on", "off", "gone"

GENERATE, CREATE, PROVE, PUBLISH = "generate", "create", "prove", "publish"
WAIT, DISABLE, DELETE, DISCARD = "wait", "disable", "delete", "discard"
# The step out of each state, and where it leads.
NEXT: Mapping[str, tuple[str, str]] = {
    IDLE: (GENERATE, GENERATED),
    ORPHANED: (DISCARD, IDLE),
    GENERATED: (CREATE, CREATED),
    CREATED: (PROVE, PROVEN),
    PROVEN: (PUBLISH, PUBLISHED),
    PUBLISHED: (WAIT, GRACE),
    GRACE: (DISABLE, DISABLED),
    DISABLED: (DELETE, DELETED),
}


@dataclass(frozen=True)
class Journal:
    """How far the replacement of one credential had come. `old` and `new` are access keys; no secret is in here."""

    kind: str
    name: str
    state: str = IDLE
    old: str = ""
    new: str = ""
    # When each state was reached, in ISO form.
    times: Mapping[str, str] = field(default_factory=dict)
    actor: str = ""
    run: str = ""

    @property
    def title(self) -> str:
        return ROOT if self.kind == ROOT else f"{self.kind} {self.name}"

    def at(self, state: str, now: datetime) -> Journal:
        """The same, one state later. A new round has times of its own."""
        times = {} if state == GENERATED else self.times
        return replace(self, state=state, times={**times, state: now.isoformat(timespec="seconds")})


@dataclass(frozen=True)
class Seen:
    """What is there: the store's own access key, whether a pending secret can be read, and both keys on the server."""

    current: str
    pending: bool = False
    old: str = GONE
    new: str = GONE


@dataclass(frozen=True)
class Rules:
    """How long an old key stays enabled, and then disabled."""

    grace: timedelta = timedelta(days=1)
    retire: timedelta = timedelta(days=1)


def located(journal: Journal, seen: Seen) -> str:
    """The state that a key of an application really is in, whatever the journal says."""
    if not journal.new:
        return IDLE
    if seen.current == journal.old:
        if seen.new == GONE:
            return GENERATED if seen.pending else IDLE
        if not seen.pending:
            return ORPHANED
        return PROVEN if journal.state == PROVEN else CREATED
    if seen.old == ON:
        return GRACE if journal.state == GRACE else PUBLISHED
    if journal.state == DELETED and seen.old == GONE:
        return DELETED
    return DISABLED


def located_in_place(journal: Journal, pending: bool, taken: bool) -> str:
    """The same of a secret that is changed in place. `taken`: the server lets in with the pending one."""
    if not pending:
        return DELETED if journal.state == DELETED else IDLE
    if not taken:
        return GENERATED
    return PROVEN if journal.state == PROVEN else CREATED


def moment(journal: Journal, state: str, now: datetime) -> datetime:
    """When a state was reached; a journal that was lost says now."""
    return time_of(journal.times[state]) if state in journal.times else now


def due(journal: Journal, state: str, rules: Rules, now: datetime) -> datetime:
    """When the step out of a state may be done."""
    if state == GRACE:
        return moment(journal, GRACE, now) + rules.grace
    if state == DISABLED:
        return moment(journal, DISABLED, now) + rules.retire
    return now


def replacing(state: str, chosen: bool, at_once: bool = False) -> Sequence[str]:
    """The steps up to `published`. What has begun goes on, chosen or not.

    `at_once`: what consumers have is to go, although it has not outlived the key before it, which goes first then.
    """
    steps: list[str] = []
    while chosen and at_once and state in (GRACE, DISABLED):
        step, state = NEXT[state]
        steps.append(step)
    if state in DONE and not chosen:
        return steps
    state = IDLE if state == DELETED else state
    while state in (IDLE, ORPHANED, GENERATED, CREATED, PROVEN) and not (state == IDLE and not chosen):
        step, state = NEXT[state]
        steps.append(step)
    return steps


def retiring(journal: Journal, state: str, rules: Rules, now: datetime, old: str = ON) -> Sequence[str]:
    """The steps after `published` that are due. An old key that is gone only has to be refused."""
    steps: list[str] = []
    while state in (PUBLISHED, GRACE, DISABLED) and (old == GONE or due(journal, state, rules, now) <= now):
        step, state = NEXT[state]
        journal = journal.at(state, now)
        steps.append(step)
    return steps


def restoring(state: str) -> Sequence[str]:
    """The steps of a rollback."""
    return [] if state in DONE else ["restore"]


def renewal(created: str, max_age: timedelta) -> datetime | None:
    """When a credential is to be replaced by its age; None is never."""
    return time_of(created) + max_age if max_age else None


def time_of(text: str) -> datetime:
    """A time in ISO form; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
