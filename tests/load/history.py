"""What clients did and were told, and what is wrong with it. Pure.

Every key belongs to one worker, which does one thing after the other: what it knows of a key must be true of it. After
a write that failed nobody knows, until the next one that is acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise

ABSENT = ""
# Of what failed: it may have been done or not.
UNKNOWN = "?"
WRITES = frozenset({"put", "multipart", "delete"})


@dataclass(frozen=True)
class Operation:
    """`sha` is what a write left behind and what a read has seen: a digest, ABSENT, or UNKNOWN where it failed.

    Times are seconds of a monotonic clock. `listed` are the keys that a LIST has seen.
    """

    worker: int
    kind: str
    key: str
    start: float
    end: float
    sha: str = UNKNOWN
    error: str = ""
    listed: frozenset[str] = frozenset()


@dataclass
class Report:
    """Counts of operations, but for the waits, which are seconds."""

    done: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    # Longest time without one success of anybody, and the longest that one success took.
    longest_gap: float = 0
    longest_wait: float = 0
    # An acknowledged object that a read or a LIST denied, one that it gave with other bytes, one that came back.
    denied: int = 0
    wrong: int = 0
    undead: int = 0
    # Acknowledged objects that are not there in the end, or not as they were.
    lost: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.failed or self.denied or self.wrong or self.undead or self.lost)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def check(history: Iterable[Operation], final: Mapping[str, str], stopped: float | None = None) -> Report:
    """What is wrong. `final` has what each key holds in the end: a digest, or ABSENT. `stopped`: when clients
    were told to begin nothing more. Who is waited for afterwards is alone, which is no gap of all.
    """
    operations = sorted(history, key=lambda operation: operation.start)
    report = Report()
    expected = _replay(operations, report)
    for key, sha in expected.items():
        if sha not in (UNKNOWN, final.get(key, ABSENT)):
            report.lost += 1
            _example(report, f"{key} was acknowledged and is {'gone' if not final.get(key) else 'another'} in the end")
    successes = sorted(each.end for each in operations if not each.error)
    report.done = len(successes)
    if operations:
        end = max(each.end for each in operations) if stopped is None else stopped
        moments = [operations[0].start, *(moment for moment in successes if moment < end), end]
        report.longest_gap = max(after - before for before, after in pairwise(moments))
    report.longest_wait = max((each.end - each.start for each in operations if not each.error), default=0)
    return report


def _replay(operations: Iterable[Operation], report: Report) -> dict[str, str]:
    """What each worker knows of its keys, step by step."""
    expected: dict[str, str] = {}
    for each in operations:
        if each.error:
            report.failed[each.error] = report.failed.get(each.error, 0) + 1
            _example(report, f"{each.kind} {each.key}: {each.error}")
            if each.kind in WRITES:
                expected[each.key] = UNKNOWN
        elif each.kind in WRITES:
            expected[each.key] = each.sha
        elif each.kind == "list":
            _check_list(each, expected, report)
        else:
            _check_read(each, expected.get(each.key, UNKNOWN), report)
    return expected


def _check_read(each: Operation, expected: str, report: Report) -> None:
    if expected in (UNKNOWN, each.sha):
        return
    if each.sha == ABSENT:
        report.denied += 1
    elif expected == ABSENT:
        report.undead += 1
    else:
        report.wrong += 1
    _example(report, f"{each.kind} {each.key}: expected {expected[:8] or 'nothing'}, got {each.sha[:8] or 'nothing'}")


def _check_list(each: Operation, expected: Mapping[str, str], report: Report) -> None:
    """`key` is the prefix of the worker's keys."""
    for key, sha in expected.items():
        if not key.startswith(each.key) or sha == UNKNOWN:
            continue
        if sha != ABSENT and key not in each.listed:
            report.denied += 1
            _example(report, f"list {each.key}: {key} is missing")
        if sha == ABSENT and key in each.listed:
            report.undead += 1
            _example(report, f"list {each.key}: {key} was deleted")


def _example(report: Report, words: str) -> None:
    if len(report.examples) < 10:
        report.examples.append(words)
