"""Names, secrets and expiries that the server refuses, and the one form of a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.module_utils.storage_server.errors import RequestError
from plugins.module_utils.storage_server.identities import check_account, check_expiry, check_user, expiry

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: check_user("ab", None), "names of 3 characters or more"),
        (lambda: check_user("a=b", None), "without = and comma"),
        (lambda: check_user("a,b", None), "without = and comma"),
        (lambda: check_user("alice", "short"), "less than 8 characters"),
        (lambda: check_account("app", "1st", None), "begins with a letter"),
        (lambda: check_account("app", "a" * 33, None), "up to 32"),
        (lambda: check_account("app", "a name", None), "letters, digits, _ and -"),
        (lambda: check_account("app", None, "ü" * 129), "more than 256 bytes"),
        (lambda: expiry("app", "tomorrow"), "expires is 'tomorrow'"),
        (lambda: check_expiry("app", "2026-11-26T12:14:00Z", NOW), "15 minutes to 365 days"),
        (lambda: check_expiry("app", "2025-01-01T00:00:00Z", NOW), "15 minutes to 365 days"),
        (lambda: check_expiry("app", "2027-11-27T00:00:00Z", NOW), "15 minutes to 365 days"),
    ],
)
def test_what_the_server_refuses(check, words):
    with pytest.raises(RequestError, match=words):
        check()


def test_what_it_takes():
    check_user("abc", "12345678")
    check_account("app", "a" + "_" * 31, "ü" * 128)
    check_account("app", None, None)
    check_expiry("app", "", NOW)
    for later in (timedelta(minutes=15), timedelta(days=365)):
        check_expiry("app", (NOW + later).strftime("%Y-%m-%dT%H:%M:%SZ"), NOW)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("2031-01-31", "2031-01-31T00:00:00Z"),
        ("2031-01-31T12:00:00Z", "2031-01-31T12:00:00Z"),
        ("2031-01-31 12:00:00", "2031-01-31T12:00:00Z"),
        ("2031-01-31T12:00:00+02:00", "2031-01-31T10:00:00Z"),
        ("", ""),
        (None, None),
    ],
)
def test_a_moment_has_one_form(given, canonical):
    assert expiry("app", given) == canonical
