"""Changing a secret in place, of a user and of root: once the server has the new one, the old one is refused."""

from __future__ import annotations

from dataclasses import replace

from . import proof, rotation
from .credentials import ROOT as ROOT_FILE
from .credentials import USERS, Credential, mint
from .errors import RequestError, StoreError
from .journals import PENDING
from .rotation import CREATED, OFF, ON, ROOT, USER, Journal, Seen
from .tools import Tools

# What everybody tries.
DEFAULT = Credential("minioadmin", "minioadmin")


class InPlace:
    """What users and root have in common."""

    kind = USER
    folder = USERS

    def __init__(self, tools: Tools, name: str) -> None:
        self._tools = tools
        self.name = name
        found = tools.store.find(self.folder, name)
        if found is None:
            raise RequestError(
                f"{self.kind} {name}: the credential store has no secret of it. Apply its declaration first"
            )
        self.current: Credential = found
        self.gap = 0.0

    def look(self) -> tuple[Journal, str, Seen]:
        """The journal, and the state that things are in."""
        journal, pending = self._tools.journals.read(self.kind, self.name), self._pending()
        taken = pending is not None and self._is_taken(pending)
        state = rotation.located_in_place(journal, pending is not None, taken)
        seen = Seen(self.current.access_key, pending is not None, OFF if taken else ON, ON if taken else OFF)
        return journal, state, seen

    def do(self, step: str, journal: Journal) -> tuple[Journal, str]:
        """One step. What the journal says then, and the evidence."""
        return getattr(self, f"_{step}")(journal)  # type: ignore[no-any-return]

    def _generate(self, journal: Journal) -> tuple[Journal, str]:
        self._check()
        new = self._pending() or mint(self.current.access_key)
        self._tools.journals.seal(PENDING, journal, new, self.current)
        return replace(journal, old=self.current.access_key, new=new.access_key), "sealed in the credential store"

    def _prove(self, journal: Journal) -> tuple[Journal, str]:
        new = self._needed()
        told = [
            proof.accepted(self._tools.ways, new),
            f"the old one is {proof.refused(self._tools.ways, self.current)}",
        ]
        return journal, "; ".join([*told, *self._more_proof()])

    def _publish(self, journal: Journal) -> tuple[Journal, str]:
        self._tools.store.keep(self.folder, self.name, self._needed())
        self._tools.journals.drop(PENDING, self.kind, self.name)
        return journal, "in the credential store"

    def _restore(self, journal: Journal) -> tuple[Journal, str]:
        evidence = self._put_back()
        self._tools.journals.drop(PENDING, self.kind, self.name)
        return replace(journal, new="", times={}), evidence

    def _needed(self) -> Credential:
        new = self._pending()
        if new is None:
            raise RequestError(f"{self.kind} {self.name}: its new secret is lost. Run again")
        return new

    def _pending(self) -> Credential | None:
        return self._tools.journals.unseal(PENDING, self.kind, self.name, self.current)

    def _is_taken(self, pending: Credential) -> bool:
        return self._tools.api.accepts(pending.access_key, pending.secret_key)

    def _check(self) -> None:
        """Raise where it cannot work."""

    def _more_proof(self) -> list[str]:
        return []

    def _put_back(self) -> str:
        raise NotImplementedError


class UserInPlace(InPlace):
    """The server has one secret for a user: there is a gap until everybody who uses it has read the new one."""

    def _check(self) -> None:
        user = self._tools.api.user(self.name)
        if user is None or not user.enabled:
            why = "is not on the server" if user is None else "is disabled"
            raise RequestError(f"user {self.name} {why}: apply its declaration, or enable it first")

    def _create(self, journal: Journal) -> tuple[Journal, str]:
        self._check()
        self._tools.api.set_user(self.name, self._needed().secret_key, True)
        self._since = self._tools.clock()
        return journal, "changed in place"

    def _publish(self, journal: Journal) -> tuple[Journal, str]:
        done = super()._publish(journal)
        since = getattr(self, "_since", None) or rotation.moment(journal, CREATED, self._tools.clock())
        self.gap = (self._tools.clock() - since).total_seconds()
        return done

    def _put_back(self) -> str:
        if not self._is_taken(self._needed()):
            return "the server never had the new one"
        self._tools.api.set_user(self.name, self.current.secret_key, True)
        return proof.accepted(self._tools.ways, self.current)


class RootInPlace(InPlace):
    """Nodes take another password of root only when all of them are restarted with it, which is not done in here."""

    kind = ROOT
    folder = ROOT_FILE

    def _nodes(self) -> proof.Ways:
        return self._tools.ways[1:] or self._tools.ways

    def _is_taken(self, pending: Credential) -> bool:
        """Of every node; a part of them is not enough for anything."""
        taken = {title: way.accepts(pending.access_key, pending.secret_key) for title, way in self._nodes()}
        return all(taken.values())

    def _check(self) -> None:
        if not self._tools.api.accepts(self.current.access_key, self.current.secret_key):
            raise RequestError(
                "root: the store does not let root in with the password of the credential store. Where root_access is"
                " off that is as it should be, and root needs no rotation; else put the right root.json back"
            )

    def _more_proof(self) -> list[str]:
        return [f"{DEFAULT.access_key} is {proof.refused(self._tools.ways, DEFAULT)}"]

    def _put_back(self) -> str:
        try:
            return proof.accepted(self._nodes(), self.current)
        except StoreError as error:
            error.message += ": root's old password is not back on every node. Put it back there and restart all"
            raise
