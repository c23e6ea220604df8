"""What the server takes as names, secrets and expiries of users and keys. Pure. It would refuse most of it half-way."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .errors import RequestError

# The bucket that the gate and the gateway write to through every node, and who the gateway is, as user and application.
CANARY, GATEWAY = "storageserver-canary", "storageserver-gateway"
# internal/auth/credentials.go
SHORTEST_NAME, SHORTEST_SECRET = 3, 8
RESERVED = "=,"
# cmd/iam.go and cmd/admin-handlers-users.go
ACCOUNT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
LONGEST_DESCRIPTION = 256
SOONEST, LATEST = timedelta(minutes=15), timedelta(days=365)


def check_user(name: str, secret: str | None) -> None:
    """Refuse a name or a secret that the server does."""
    if len(name) < SHORTEST_NAME or any(sign in name for sign in RESERVED):
        raise RequestError(
            f"user {name!r}: the server wants names of {SHORTEST_NAME} characters or more, without = and comma"
        )
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise RequestError(
            f"user {name}: its secret has less than {SHORTEST_SECRET} characters, which the server refuses"
        )


def check_account(application: str, name: str | None, description: str | None) -> None:
    """Refuse what the server does."""
    if name and not ACCOUNT_NAME.fullmatch(name):
        raise RequestError(
            f"service account {application}: its name {name!r} begins with a letter, and has up to 32 letters, digits,"
            " _ and -"
        )
    if len((description or "").encode()) > LONGEST_DESCRIPTION:
        raise RequestError(f"service account {application}: its description has more than {LONGEST_DESCRIPTION} bytes")


def expiry(application: str, given: str | None) -> str | None:
    """As the server writes it; a day is its beginning, and without a zone it is UTC. Empty is never."""
    if not given:
        return given
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise RequestError(
            f"service account {application}: expires is {given!r}, expected such as 2031-01-31T12:00:00Z"
        ) from error
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_expiry(application: str, expires: str, now: datetime) -> None:
    """Of a key that is made, or given another expiry. What has expired the server has removed."""
    if expires and not now + SOONEST <= datetime.fromisoformat(expires) <= now + LATEST:
        raise RequestError(
            f"service account {application}: expires is {expires}; the server takes 15 minutes to 365 days from now"
        )
