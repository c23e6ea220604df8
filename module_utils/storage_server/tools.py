"""What every rotation works with."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .credentials import CredentialStore
from .journals import Journals
from .proof import Ways

if TYPE_CHECKING:
    from .store import Store


@dataclass(frozen=True)
class Tools:
    """The store as the automation asks it; the ways that a key is tried by; and where things are written down."""

    api: Store
    # The gateway, and every node through it.
    ways: Ways
    store: CredentialStore
    journals: Journals
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def actor() -> str:
    """Who runs this."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
