"""The states of a rotation: where one is, whatever the journal says, and what comes next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server import rotation
from plugins.module_utils.storage_server.rotation import GONE, OFF, ON, STATES, Journal, Rules, Seen

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def journal(state, **times):
    said = {name: (NOW - ago).isoformat() for name, ago in times.items()}
    return Journal("application", "ingest", state, "OLD", "NEW", said)


@pytest.mark.parametrize(
    ("told", "seen", "state"),
    [
        # Before the publication: the credential store has the old one.
        ("generated", Seen("OLD", True, ON, GONE), "generated"),
        ("created", Seen("OLD", True, ON, GONE), "generated"),
        ("generated", Seen("OLD", True, ON, ON), "created"),
        ("proven", Seen("OLD", True, ON, ON), "proven"),
        ("created", Seen("OLD", False, ON, ON), "orphaned"),
        ("generated", Seen("OLD", False, ON, GONE), "idle"),
        # After it.
        ("proven", Seen("NEW", False, ON, ON), "published"),
        ("grace", Seen("NEW", False, ON, ON), "grace"),
        ("published", Seen("NEW", False, OFF, ON), "disabled"),
        ("grace", Seen("NEW", False, OFF, ON), "disabled"),
        ("disabled", Seen("NEW", False, ON, ON), "published"),
        # That it is gone does not say that every node refuses it.
        ("disabled", Seen("NEW", False, GONE, ON), "disabled"),
        ("deleted", Seen("NEW", False, GONE, ON), "deleted"),
    ],
)
def test_what_is_there_wins_over_the_journal(told, seen, state):
    assert rotation.located(journal(told), seen) == state


@pytest.mark.parametrize(
    ("told", "pending", "taken", "state"),
    [
        ("idle", False, False, "idle"),
        ("idle", True, False, "generated"),
        ("created", True, False, "generated"),
        ("generated", True, True, "created"),
        ("proven", True, True, "proven"),
        ("proven", False, False, "idle"),
        ("deleted", False, False, "deleted"),
    ],
)
def test_a_secret_that_is_changed_in_place(told, pending, taken, state):
    assert rotation.located_in_place(journal(told), pending, taken) == state


def test_only_what_was_chosen_begins_and_all_that_has_begun_goes_on():
    assert rotation.replacing("idle", chosen=False) == []
    assert rotation.replacing("deleted", chosen=True) == ["generate", "create", "prove", "publish"]
    assert rotation.replacing("created", chosen=False) == ["prove", "publish"]
    assert rotation.replacing("orphaned", chosen=False) == ["discard"]
    assert rotation.replacing("orphaned", chosen=True) == ["discard", "generate", "create", "prove", "publish"]
    for state in ("published", "grace", "disabled"):
        assert rotation.replacing(state, chosen=True) == []


def test_in_an_emergency_what_consumers_have_goes_too():
    anew = ["generate", "create", "prove", "publish"]
    assert rotation.replacing("idle", chosen=True, at_once=True) == anew
    # They have not read the new one yet: it is the old one that goes.
    assert rotation.replacing("published", chosen=True, at_once=True) == []
    assert rotation.replacing("grace", chosen=True, at_once=True) == ["disable", "delete", *anew]
    assert rotation.replacing("disabled", chosen=True, at_once=True) == ["delete", *anew]
    assert rotation.replacing("disabled", chosen=False, at_once=True) == []


def test_an_old_key_goes_when_its_time_has_come():
    day = Rules(24 * HOUR, 24 * HOUR)
    assert rotation.retiring(journal("published"), "published", day, NOW) == ["wait"]
    assert rotation.retiring(journal("grace", grace=23 * HOUR), "grace", day, NOW) == []
    assert rotation.retiring(journal("grace", grace=24 * HOUR), "grace", day, NOW) == ["disable"]
    assert rotation.retiring(journal("disabled", disabled=25 * HOUR), "disabled", day, NOW) == ["delete"]
    assert rotation.retiring(journal("published"), "published", Rules(0 * HOUR, 0 * HOUR), NOW) == [
        "wait",
        "disable",
        "delete",
    ]
    assert rotation.retiring(journal("disabled"), "disabled", day, NOW, GONE) == ["delete"]
    for state in ("idle", "generated", "created", "proven", "deleted"):
        assert rotation.retiring(journal(state), state, Rules(0 * HOUR, 0 * HOUR), NOW) == []


def test_a_journal_that_was_lost_begins_the_grace_anew():
    assert rotation.due(journal("grace"), "grace", Rules(HOUR, HOUR), NOW) == NOW + HOUR


def test_by_age():
    assert rotation.renewal(NOW.isoformat(), timedelta(days=90)) == NOW + timedelta(days=90)
    assert rotation.renewal("2026-11-26T12:00:00", timedelta(days=90)) == NOW + timedelta(days=90)
    assert rotation.renewal(NOW.isoformat(), timedelta()) is None


@given(st.sampled_from(STATES), st.sampled_from(STATES), st.sampled_from([ON, OFF, GONE]), st.sampled_from([ON, GONE]))
def test_from_anywhere_the_end_is_reached(told, state, old, new):
    """Whatever a run finds: with no time to wait, two calls bring it to its end."""
    current = "NEW" if state in ("published", "grace", "disabled", "deleted") else "OLD"
    found = rotation.located(journal(told), Seen(current, current == "OLD", old, new))
    for step in rotation.replacing(found, chosen=False):
        found = next(leads for made, leads in rotation.NEXT.values() if made == step)
    for step in rotation.retiring(journal(found), found, Rules(0 * HOUR, 0 * HOUR), NOW, old):
        found = next(leads for made, leads in rotation.NEXT.values() if made == step)
    assert found in rotation.DONE
