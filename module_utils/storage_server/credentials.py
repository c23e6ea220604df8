"""The credential store on the controller: the one place where secrets live.

One file for each credential, below the folder of an inventory: `users/NAME.json` and `applications/NAME.json`, 0600
in folders of 0700. A secret is written here before the server learns it: a run that is killed in between is repeated
with the same secret.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import string
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from .errors import RequestError

USERS, APPLICATIONS = "users", "applications"
KEY_LENGTH, SECRET_LENGTH = 20, 40


@dataclass(frozen=True)
class Credential:
    """What one request is signed with."""

    access_key: str
    secret_key: str = field(repr=False)


class CredentialStore:
    """Reads whole folders, and writes single files atomically."""

    def __init__(self, folder: str | None) -> None:
        self._given = folder

    @property
    def usable(self) -> bool:
        """Whether there is a store: without one, secrets are what was given, and none is made."""
        return bool(self._given)

    @property
    def _folder(self) -> Path:
        return Path(self._given or "")

    def read(self, kind: str) -> dict[str, Credential]:
        """All credentials of a kind, by the name of the user or application."""
        paths = sorted((self._folder / kind).glob("*.json")) if self.usable else []
        return {unquote(path.stem): _read(path) for path in paths}

    def keep(self, kind: str, name: str, credential: Credential) -> None:
        """Write it, so that it is there after a power failure too."""
        folder = self._folder / kind
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps({"access_key": credential.access_key, "secret_key": credential.secret_key}, indent=2)
        descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(draft).rename(folder / f"{quote(name, safe='')}.json")
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise

    def forget(self, kind: str, name: str) -> None:
        """Remove it: the server knows it no more."""
        (self._folder / kind / f"{quote(name, safe='')}.json").unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """One run at a time writes with these credentials; another one is told so, not made to wait."""
        if not self.usable:
            yield
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RequestError(
                    f"Another run is changing the store of {self._folder}: wait until it has ended", code="Busy"
                ) from error
            yield


def mint(access_key: str = "") -> Credential:
    """A secret that nobody has seen, and an access key that nobody can guess unless one is given."""
    letters = string.ascii_letters + string.digits
    key = access_key or "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(KEY_LENGTH))
    return Credential(key, "".join(secrets.choice(letters) for _ in range(SECRET_LENGTH)))


def _read(path: Path) -> Credential:
    try:
        content: Mapping[str, Any] = json.loads(path.read_text())
        return Credential(content["access_key"], content["secret_key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{path} of the credential store cannot be read ({type(error).__name__}): put it back from its copy"
        ) from error
