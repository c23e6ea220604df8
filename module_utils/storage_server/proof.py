"""Whether a new key is as good as the old one, and an old one is refused: asked of the gateway and every node."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .credentials import Credential
from .errors import AccessDeniedError, CredentialsError, StoreError
from .identities import CANARY

if TYPE_CHECKING:
    from .store import Store

# Buckets in which rights are compared, beside one that the key must stay out of.
COMPARED = 3
# Seconds that a node gets to know of a change. It is told at once, unless it was away.
PATIENCE = 20.0
Ways = Sequence[tuple[str, "Store"]]


def prove(ways: Ways, new: Credential, old: Credential, place: str) -> str:
    """Raise unless every way lets the new key do exactly what the old one may. What was found, in words.

    `place` is a bucket and prefix where the key writes, reads and removes an object; empty: nothing is written, and a
    write whose checksum is wrong tells who may write.
    """
    allowed = _signed(ways[0][1], old)
    try:
        buckets = _buckets(ways[0][1], allowed)
        expected = {bucket: allowed.may(bucket) for bucket in buckets}
    except CredentialsError:
        # The old one is not let in: there is nothing to compare with.
        buckets, expected = [], {}
    for title, way in ways:
        _patiently(partial(_as_good, title, _signed(way, new), expected))
        if place:
            _patiently(partial(_written, _signed(way, new), place))
    denied = [bucket for bucket, rights in expected.items() if not rights]
    where = f"wrote and read in {place}, " if place else ""
    return (
        f"{where}same rights as the old one in {len(buckets)} buckets (denied in {', '.join(denied) or 'none'}),"
        f" by {_titles(ways)}"
    )


def refused(ways: Ways, credential: Credential) -> str:
    """Raise unless no way lets these credentials in."""
    for title, way in ways:
        _patiently(partial(_refuses, title, way, credential))
    return f"refused by {_titles(ways)}"


def accepted(ways: Ways, credential: Credential) -> str:
    """Raise unless every way lets these credentials in."""
    for title, way in ways:
        _patiently(partial(_accepts, title, way, credential))
    return f"let in by {_titles(ways)}"


def _signed(way: Store, credential: Credential) -> Store:
    return way.signed_by(credential.access_key, credential.secret_key)


def _buckets(root: Store, allowed: Store) -> list[str]:
    """Some that the old key sees, and some that it does not."""
    try:
        seen = allowed.buckets()
    except AccessDeniedError:
        seen = []
    hidden = [bucket for bucket in root.buckets() if bucket not in seen]
    return list(dict.fromkeys([*seen[:COMPARED], *hidden[:COMPARED], CANARY]))


def _as_good(title: str, way: Store, expected: Mapping[str, frozenset[str]]) -> None:
    if not expected:
        with contextlib.suppress(AccessDeniedError):
            way.buckets()
    for bucket, rights in expected.items():
        mine = way.may(bucket)
        if mine != rights:
            raise StoreError(
                f"The new key may {_rights(mine)} in bucket {bucket} by {title}, and the old one {_rights(rights)}:"
                " it is not published"
            )


def _written(way: Store, place: str) -> None:
    bucket, _, prefix = place.partition("/")
    name, data = f"{prefix}proof-{uuid.uuid4().hex}", uuid.uuid4().bytes
    version = way.put(bucket, name, data)
    try:
        if way.get(bucket, name) != data:
            raise StoreError(f"{bucket}/{name} was written and came back as something else")
    finally:
        # Who may write need not be able to remove.
        with contextlib.suppress(AccessDeniedError):
            way.remove(bucket, name, version)


def _refuses(title: str, way: Store, credential: Credential) -> None:
    if way.accepts(credential.access_key, credential.secret_key):
        raise CredentialsError(f"{credential.access_key} is still let in by {title}")


def _accepts(title: str, way: Store, credential: Credential) -> None:
    if not way.accepts(credential.access_key, credential.secret_key):
        raise CredentialsError(f"{credential.access_key} is not let in by {title}")


def _patiently(ask: Callable[[], None]) -> None:
    """A node may need a moment to know; what does not answer at all fails at once."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            ask()
        except CredentialsError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
        else:
            return


def _rights(rights: Iterable[str]) -> str:
    return " and ".join(sorted(rights)) or "do nothing"


def _titles(ways: Ways) -> str:
    return ", ".join(title for title, _ in ways)
