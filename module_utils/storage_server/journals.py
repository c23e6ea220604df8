"""What is written down of rotations, below `rotation/` of the credential store: journals, sealed secrets, audit, lock.

A journal is written before each step, and holds no secret. The new secret is sealed under the one in use before the
server knows it; from the publication on, the old one is sealed under the new. So a copy of this folder alone opens
nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .credentials import Credential, CredentialStore, write_file
from .errors import RequestError, StorageError
from .rotation import APPLICATION, DONE, USER, Journal
from .sealing import seal_file, unseal_file

PENDING, PREVIOUS = "pending", "previous"
# A run that has been silent for so many seconds is taken for dead.
SILENCE = 600


class Journals:
    """Reads and writes them; each write is on the disk when it returns."""

    def __init__(self, store: CredentialStore) -> None:
        self._folder = store.folder / "rotation"
        self._appending = threading.Lock()

    def read(self, kind: str, name: str) -> Journal:
        path = self._path(kind, name, "json")
        return _journal(path) if path.is_file() else Journal(kind, name)

    def all(self) -> Iterator[Journal]:
        """Of every credential that was ever rotated."""
        for path in sorted(self._folder.glob("*-*.json")):
            yield _journal(path)

    def write(self, journal: Journal) -> None:
        write_file(self._path(journal.kind, journal.name, "json"), json.dumps(asdict(journal), indent=2) + "\n")

    def forget(self, kind: str, name: str) -> None:
        """Everything about it."""
        for what in ("json", PENDING, PREVIOUS):
            self.drop(what, kind, name)

    def seal(self, what: str, journal: Journal, other: Credential, under: Credential) -> None:
        """Keep the other credential, pending or previous, so that only who has the one in use can read it."""
        text = json.dumps({key: value for key, value in vars(other).items() if value})
        write_file(self._path(journal.kind, journal.name, what), seal_file(text, under.secret_key) + "\n")

    def unseal(self, what: str, kind: str, name: str, under: Credential) -> Credential | None:
        """The other credential; None where there is none, or none that the one in use opens."""
        path = self._path(kind, name, what)
        text = unseal_file(path.read_text().strip(), under.secret_key) if path.is_file() else None
        return Credential(**json.loads(text)) if text else None

    def drop(self, what: str, kind: str, name: str) -> None:
        self._path(kind, name, what).unlink(missing_ok=True)

    def audit(self, journal: Journal, step: str, evidence: str, now: datetime) -> None:
        """One line more in the record, which is never rewritten."""
        said = {
            "at": now.isoformat(timespec="milliseconds"),
            "actor": journal.actor,
            "run": journal.run,
            "kind": journal.kind,
            "name": journal.name,
            "step": step,
            "old": journal.old,
            "new": journal.new,
            "evidence": evidence,
        }
        path = self._folder / "audit.jsonl"
        try:
            with self._appending, path.open("a") as record:
                os.chmod(path, 0o600)
                record.write(json.dumps(said) + "\n")
                record.flush()
                os.fsync(record.fileno())
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}. Nothing after it was done") from error

    # The lock of a whole playbook, which asks several times

    def lock(self, run: str, owner: str, take_over: bool, now: datetime) -> str:
        """Take or keep it for a run. What is to be said about the one before, if it did not end well."""
        held = self._lock()
        mine = {"run": run, "owner": owner, "at": now.isoformat(timespec="seconds")}
        said = ""
        if held and held["run"] != run:
            silent = (now - datetime.fromisoformat(held["at"])).total_seconds()
            if silent < SILENCE and not take_over:
                raise RequestError(
                    f"{held['owner']} rotates credentials, and was at work {silent:.0f} s ago. Wait for it. If it is"
                    f" dead: it counts as such after {SILENCE} s of silence, or at once with"
                    " -e rotation_take_over=true; this run then finishes what it left",
                    code="Busy",
                )
            said = f"take the place of the run of {held['owner']}, which was silent for {silent:.0f} s"
        write_file(self._folder / "lock.json", json.dumps(mine) + "\n")
        return said

    def release(self, run: str) -> None:
        """Give it back, if it is this run's."""
        if self._lock().get("run") == run:
            (self._folder / "lock.json").unlink(missing_ok=True)

    def _lock(self) -> Mapping[str, Any]:
        try:
            held: Mapping[str, Any] = json.loads((self._folder / "lock.json").read_text())
            return held if {"run", "owner", "at"} <= held.keys() else {}
        except (FileNotFoundError, ValueError):
            return {}

    def _path(self, kind: str, name: str, what: str) -> Path:
        return self._folder / f"{kind}-{quote(name, safe='')}.{what}"


def known_keys(store: CredentialStore, applications: Mapping[str, Credential]) -> dict[str, str]:
    """Keys beside those in use that a rotation has made or will remove, and the application of each."""
    in_use = {each.access_key for each in applications.values()}
    found = {key: name for name, each in applications.items() for key in (each.replaces, each.successor)}
    for journal in Journals(store).all() if store.usable else ():
        if journal.kind == APPLICATION and journal.state not in DONE:
            found |= {journal.old: journal.name, journal.new: journal.name}
    return {key: name for key, name in found.items() if key and key not in in_use}


def pending_secret(store: CredentialStore, user: Credential) -> str | None:
    """What the server may have of a user already, where a rotation was cut off: it is the next one to be kept."""
    pending = Journals(store).unseal(PENDING, USER, user.access_key, user) if store.usable else None
    return pending.secret_key if pending else None


def _journal(path: Path) -> Journal:
    try:
        return replace(Journal("", ""), **json.loads(path.read_text()))
    except (ValueError, TypeError, OSError) as error:
        raise RequestError(
            f"{path} cannot be read ({type(error).__name__}): put it back from its copy, or remove it, and what was"
            " begun is found out by asking the server"
        ) from error
