"""The credential store on the controller: the one place where secrets live.

One file for each credential, below the folder of an inventory: `root.json`, `users/NAME.json` and
`applications/NAME.json`, 0600 in folders of 0700. A secret is written here before the server learns it: a run that is
killed in between is repeated with the same secret.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from .errors import RequestError, StorageError

USERS, APPLICATIONS = "users", "applications"
ROOT = "root"
KEY_LENGTH, SECRET_LENGTH = 20, 40


@dataclass(frozen=True)
class Credential:
    """What one request is signed with.

    `created` is when it was made, in ISO form. While a key is replaced, its file names the other one too: `successor`
    before it is published, `replaces` after that.
    """

    access_key: str
    secret_key: str = field(repr=False)
    created: str = ""
    replaces: str = ""
    successor: str = ""


class CredentialStore:
    """Reads whole folders, and writes single files atomically."""

    def __init__(self, folder: str | None) -> None:
        self._given = folder

    @property
    def usable(self) -> bool:
        """Whether there is a store: without one, secrets are what was given, and none is made."""
        return bool(self._given)

    @property
    def folder(self) -> Path:
        return Path(self._given or "")

    def read(self, kind: str) -> dict[str, Credential]:
        """All credentials of a kind, by the name of the user or application."""
        paths = sorted((self.folder / kind).glob("*.json")) if self.usable else []
        return {unquote(path.stem): _read(path) for path in paths}

    def find(self, kind: str, name: str) -> Credential | None:
        """One of them. Root has no name but its own."""
        path = self._path(kind, name)
        return _read(path) if self.usable and path.is_file() else None

    def keep(self, kind: str, name: str, credential: Credential) -> None:
        """Write it, so that it is there after a power failure too."""
        said = {key: value for key, value in vars(credential).items() if value}
        write_file(self._path(kind, name), json.dumps(said, indent=2) + "\n")

    def forget(self, kind: str, name: str) -> None:
        """Remove it: the server knows it no more."""
        self._path(kind, name).unlink(missing_ok=True)

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / "root.json" if kind == ROOT else self.folder / kind / f"{quote(name, safe='')}.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """One run at a time writes with these credentials; another one is told so, not made to wait."""
        if not self.usable:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RequestError(
                    f"Another run is changing the store of {self.folder}: wait until it has ended", code="Busy"
                ) from error
            yield


def write_file(path: Path, text: str) -> None:
    """As a whole or not at all, and on the disk when this returns."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).rename(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync(path.parent)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}. Nothing after it was done") from error


def _sync(folder: Path) -> None:
    """The name of a new file is part of its folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def mint(access_key: str = "") -> Credential:
    """A secret that nobody has seen, and an access key that nobody can guess unless one is given."""
    letters = string.ascii_letters + string.digits
    key = access_key or "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(KEY_LENGTH))
    secret = "".join(secrets.choice(letters) for _ in range(SECRET_LENGTH))
    return Credential(key, secret, created=datetime.now(UTC).isoformat(timespec="seconds"))


def _read(path: Path) -> Credential:
    try:
        content: Mapping[str, Any] = json.loads(path.read_text())
        # Whatever was put there without saying when is as old as its file.
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        more = {key: content.get(key, "") for key in ("replaces", "successor")}
        return Credential(content["access_key"], content["secret_key"], content.get("created") or written, **more)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{path} of the credential store cannot be read ({type(error).__name__}): put it back from its copy"
        ) from error
