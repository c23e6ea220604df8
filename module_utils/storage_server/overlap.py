"""Replacing the key of an application: the new one is made beside the old one, which goes last."""

from __future__ import annotations

from dataclasses import replace

from . import proof, rotation
from .credentials import APPLICATIONS, Credential, mint
from .errors import RequestError, StoreError
from .iam import Key
from .journals import PENDING, PREVIOUS
from .policies import Policy
from .rotation import APPLICATION, GONE, OFF, ON, Journal, Seen
from .tools import Tools


class Overlap:
    """One key, and the steps of its replacement. Each of them can be done again."""

    def __init__(self, tools: Tools, name: str, place: str = "") -> None:
        self._tools = tools
        self._place = place
        self.name = name
        found = tools.store.find(APPLICATIONS, name)
        if found is None:
            raise RequestError(
                f"application {name}: the credential store has no key of it. Apply its declaration first"
            )
        self.current: Credential = found
        self._keys: dict[str, Key | None] = {}

    def look(self) -> tuple[Journal, str, Seen]:
        """The journal, corrected, and the state that things are in."""
        journal = self._told()
        if not journal.new:
            return journal, journal.state, Seen(self.current.access_key)
        pending = self._other(PENDING)
        seen = Seen(
            self.current.access_key,
            pending is not None and pending.access_key == journal.new,
            self._status(journal.old),
            self._status(journal.new),
        )
        return journal, rotation.located(journal, seen), seen

    def _told(self) -> Journal:
        """What the journal says, or else the file of the key itself: it names the other one too."""
        journal, own = self._tools.journals.read(APPLICATION, self.name), self.current.access_key
        is_open = journal.state not in rotation.DONE and own in (journal.old, journal.new)
        if is_open and (self.current.successor or self.current.replaces or journal.state != rotation.IDLE):
            return journal
        if self.current.successor:
            return Journal(APPLICATION, self.name, rotation.GENERATED, old=own, new=self.current.successor)
        if self.current.replaces:
            return Journal(APPLICATION, self.name, rotation.PUBLISHED, old=self.current.replaces, new=own)
        return Journal(APPLICATION, self.name, rotation.IDLE)

    def do(self, step: str, journal: Journal) -> tuple[Journal, str]:
        """One step. What the journal says then, and the evidence."""
        return getattr(self, f"_{step}")(journal)  # type: ignore[no-any-return]

    def _generate(self, journal: Journal) -> tuple[Journal, str]:
        """A run that was killed here is repeated with the same secret."""
        new = self._other(PENDING) or mint()
        journal = replace(journal, old=self.current.access_key, new=new.access_key)
        self._tools.journals.seal(PENDING, journal, new, self.current)
        self._keep(replace(self.current, successor=new.access_key))
        return journal, "sealed in the credential store"

    def _create(self, journal: Journal) -> tuple[Journal, str]:
        old = self._of_the_old(journal)
        new = self._pending(journal)
        if self._key(new.access_key) is None:
            self._tools.api.add_key(new.access_key, new.secret_key, old)
            self._keys[new.access_key] = old
        return journal, f"parent {old.parent}, {'own policy' if old.policy is not None else 'the rights of its parent'}"

    def _prove(self, journal: Journal) -> tuple[Journal, str]:
        self._level(journal)
        return journal, proof.prove(self._tools.ways, self._pending(journal), self.current, self._place)

    def _publish(self, journal: Journal) -> tuple[Journal, str]:
        self._level(journal)
        new, old = self._pending(journal), replace(self.current, successor="")
        self._tools.journals.seal(PREVIOUS, journal, old, new)
        self._keep(replace(new, replaces=old.access_key))
        self._tools.journals.drop(PENDING, APPLICATION, self.name)
        return journal, "in the credential store"

    def _wait(self, journal: Journal) -> tuple[Journal, str]:
        return journal, "consumers have been written"

    def _disable(self, journal: Journal) -> tuple[Journal, str]:
        key = self._key(journal.old)
        if key is not None and key.enabled:
            self._change(journal.old, replace(key, enabled=False))
        return journal, self._refused(journal.old)

    def _delete(self, journal: Journal) -> tuple[Journal, str]:
        self._remove(journal.old)
        evidence = self._refused(journal.old)
        self._keep(replace(self.current, replaces="", successor=""))
        self._drop_all()
        return journal, evidence

    def _discard(self, journal: Journal) -> tuple[Journal, str]:
        self._remove(journal.new)
        self._keep(replace(self.current, successor=""))
        self._drop_all()
        return replace(journal, new="", times={}), "removed: its secret was never published"

    def _restore(self, journal: Journal) -> tuple[Journal, str]:
        """Back to the old key; before its publication the new one is just dropped."""
        if self.current.access_key == journal.old:
            return self._discard(journal)
        old, key = self._other(PREVIOUS), self._key(journal.old)
        if old is None or key is None:
            raise RequestError(
                f"application {self.name}: its old key {journal.old} is gone, or its secret is. There is no way back:"
                " rotate it again"
            )
        self._change(old.access_key, replace(key, enabled=True))
        evidence = proof.accepted(self._tools.ways, old)
        self._keep(replace(old, replaces="", successor=journal.new))
        self._discard(journal)
        return replace(journal, new="", times={}), evidence

    def _level(self, journal: Journal) -> None:
        """Exactly the rights of the old one, whatever has been declared meanwhile."""
        old, new = self._of_the_old(journal), self._key(journal.new)
        if new is None:
            raise StoreError(f"application {self.name}: its new key {journal.new} is gone from the server. Run again")
        if not _same(old, new):
            self._change(journal.new, old)

    def _of_the_old(self, journal: Journal) -> Key:
        key = self._key(journal.old)
        if key is None or not key.enabled:
            why = "is not on the server" if key is None else "is disabled"
            raise RequestError(
                f"application {self.name}: its key {journal.old} {why}. Apply its declaration, or enable it there first"
            )
        return key

    def _refused(self, access_key: str) -> str:
        old = self._other(PREVIOUS)
        if old is not None:
            return proof.refused(self._tools.ways, old)
        on = [title for title, way in self._tools.ways if (key := way.key(access_key)) is not None and key.enabled]
        if on:
            raise StoreError(f"application {self.name}: its old key {access_key} is still enabled by {', '.join(on)}")
        return "not enabled by any node (its secret is lost, so it was not tried)"

    def _remove(self, access_key: str) -> None:
        if self._key(access_key) is not None:
            self._tools.api.remove_key(access_key)
            self._keys[access_key] = None

    def _status(self, access_key: str) -> str:
        key = self._key(access_key)
        return GONE if key is None else ON if key.enabled else OFF

    def _key(self, access_key: str) -> Key | None:
        """As the server has it. Asked once in a call, which knows what it has changed since: answers are costly."""
        if access_key not in self._keys:
            self._keys[access_key] = self._tools.api.key(access_key)
        return self._keys[access_key]

    def _change(self, access_key: str, key: Key) -> None:
        self._tools.api.change_key(access_key, None, key)
        self._keys[access_key] = key

    def _pending(self, journal: Journal) -> Credential:
        new = self._other(PENDING)
        if new is None or new.access_key != journal.new:
            raise RequestError(f"application {self.name}: the secret of its new key {journal.new} is lost. Run again")
        return new

    def _other(self, what: str) -> Credential | None:
        return self._tools.journals.unseal(what, APPLICATION, self.name, self.current)

    def _keep(self, credential: Credential) -> None:
        self._tools.store.keep(APPLICATIONS, self.name, credential)
        self.current = credential

    def _drop_all(self) -> None:
        for what in (PENDING, PREVIOUS):
            self._tools.journals.drop(what, APPLICATION, self.name)


def _same(one: Key, other: Key) -> bool:
    return replace(one, policy=None) == replace(other, policy=None) and (
        (one.policy is None) == (other.policy is None)
        and (one.policy is None or Policy.read("", one.policy) == Policy.read("", other.policy or {}))
    )
