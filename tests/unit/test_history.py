"""The checker of a load's history finds what it is made to find, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load.history import ABSENT, UNKNOWN, Operation, check

A, B = "a" * 64, "b" * 64


def operations(*kinds_and_shas, error=""):
    return [
        Operation(0, kind, "load/0/1", float(at), at + 0.5, sha, error)
        for at, (kind, sha) in enumerate(kinds_and_shas, start=1)
    ]


def failing(operation):
    return replace(operation, error="SlowDownWrite", sha=UNKNOWN)


GOOD = operations(("put", A), ("get", A), ("put", B), ("get", B), ("delete", ABSENT), ("get", ABSENT), ("put", A))


def test_what_is_right_is_clean():
    report = check(GOOD, {"load/0/1": A})
    assert report.clean
    assert (report.done, report.longest_gap, report.longest_wait) == (7, 1.0, 0.5)


@pytest.mark.parametrize(
    ("history", "final", "found"),
    [
        (operations(("put", A), ("get", ABSENT)), A, "denied"),
        (operations(("put", A), ("get", B)), A, "wrong"),
        (operations(("put", A), ("delete", ABSENT), ("get", A)), ABSENT, "undead"),
        (operations(("put", A)), ABSENT, "lost"),
        (operations(("put", A)), B, "lost"),
        (operations(("delete", ABSENT)), A, "lost"),
    ],
)
def test_each_wrong_is_found(history, final, found):
    report = check(history, {"load/0/1": final})
    assert getattr(report, found) == 1
    assert not report.clean
    others = {"denied", "wrong", "undead", "lost"} - {found}
    assert [getattr(report, other) for other in others] == [0, 0, 0]


def test_a_list_is_compared_with_what_is_known():
    one, two = "load/0/1", "load/0/2"
    writes = [
        Operation(0, "put", one, 1, 2, A),
        Operation(0, "put", two, 2, 3, B),
        Operation(0, "delete", two, 3, 4, ABSENT),
        Operation(1, "put", "load/1/1", 3, 4, A),
    ]
    final = {one: A, "load/1/1": A}
    seen = Operation(0, "list", "load/0/", 5, 6, listed=frozenset({one}))
    assert check([*writes, seen], final).clean
    assert check([*writes, replace(seen, listed=frozenset())], final).denied == 1
    assert check([*writes, replace(seen, listed=frozenset({one, two}))], final).undead == 1


def test_after_a_write_that_failed_nobody_knows():
    put, get = operations(("put", B), ("get", A))
    before = Operation(0, "put", "load/0/1", 0, 0.5, A)
    for final in (A, B, ABSENT):
        report = check([before, failing(put), get], {"load/0/1": final})
        assert (report.failed, report.lost, report.wrong) == ({"SlowDownWrite": 1}, 0, 0)


@given(st.lists(st.sampled_from(["put", "delete", "get", "fail"])), st.data())
def test_a_store_that_does_what_it_says_is_never_blamed(kinds, data):
    """Also where a write that failed was done all the same."""
    held, history = ABSENT, []
    for at, kind in enumerate(kinds):
        sha = str(at) * 8
        if kind == "fail":
            held = data.draw(st.sampled_from([held, sha]))
            history.append(Operation(0, "put", "k", at, at + 1, UNKNOWN, "SlowDownWrite"))
            continue
        held = {"put": sha, "delete": ABSENT, "get": held}[kind]
        history.append(Operation(0, kind, "k", at, at + 1, held))
    report = check(history, {"k": held})
    assert (report.denied, report.wrong, report.undead, report.lost) == (0, 0, 0, 0)
    assert sum(report.failed.values()) == kinds.count("fail")


def test_who_is_waited_for_alone_is_no_gap():
    history = [
        Operation(1, "put", "a", 0, 1, "sha"),
        Operation(1, "put", "b", 1, 40, "sha"),
        Operation(2, "put", "c", 0, 9, "sha"),
    ]
    final = {"a": "sha", "b": "sha", "c": "sha"}
    assert check(history, final).longest_gap == 31
    assert check(history, final, stopped=10).longest_gap == 8
