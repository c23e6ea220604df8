"""Modules that talk to a store: connect, read, plan, write, and say what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .access import Access
from .connection import parse
from .errors import RequestError, StorageError
from .nouns import Noun, declared
from .plan import Step, fold
from .runner import Params, Result, execute
from .state import CONTENT, State, shown
from .wish import Wish

if TYPE_CHECKING:
    from .store import Store

# A write waits for drives and peers most of its time.
WRITERS = 8


def run(noun: Noun, spec: Mapping[str, Any]) -> None:
    """Bring what the noun is about to what the options say."""
    execute(spec, lambda params, reading: converge(noun, params, reading))


def converge(noun: Noun, params: Params, reading: bool) -> Result:
    """Once. `reading`: nothing is written.

    What is there then is worked out: the server has acknowledged each step, and to read everything back would take as
    long as the rest of a run.
    """
    wish = noun.desired(params)
    api = connect(params, read_only=reading)
    access = Access(api, {**params, "secrets": how_secrets_are_checked(params)}, wish)
    before = access.current()
    steps = access.steps(before)
    if not reading:
        write(access, steps)
    after = access.with_keys(fold(steps, before))
    touched = [(step.kind, step.name) for step in steps]
    return {
        "changed": bool(steps),
        "actions": [step.sentence for step in steps],
        "diff": {"before": compared(before, touched), "after": compared(after, touched)},
        noun.noun: noun.show(after, access.wish),
    }


def info(spec: Mapping[str, Any]) -> None:
    """Return what is in the store, in the words of the module that takes it."""

    def answer(api: Store, params: Params) -> Result:
        access = Access(
            api, {**params, "secrets": how_secrets_are_checked(params)}, Wish({kind: {} for kind in CONTENT})
        )
        return declared(access.current(), access.wish)

    report_on_store("info", spec, answer)


def report_on_store(noun: str, spec: Mapping[str, Any], answer: Callable[[Store, Params], Result]) -> None:
    """Return what can be said about the store. In check mode the store cannot be written to, not even for a moment."""

    def ask(params: Params, reading: bool) -> Result:
        told = answer(connect(params, read_only=reading), params)
        return {"changed": told.pop("changed", False), "actions": [], noun: told}

    execute(spec, ask)


def how_secrets_are_checked(params: Params) -> str:
    """`export`, where nobody listens; else by asking with each of them, unless the options say how."""
    private = parse(params).private
    asked = params.get("secrets")
    if asked == "export" and not private:
        raise RequestError(
            "secrets: the export holds every secret in clear, and travels only over TLS or loopback. Use a tunnel, or"
            " set secrets to probe or trust"
        )
    return asked or ("export" if private else "probe")


def write(access: Access, steps: Sequence[Step]) -> None:
    """In order, but side by side where steps do not depend on each other. A failure says what was done."""
    if not steps:
        return
    done: set[Step] = set()
    with access.held(), ThreadPoolExecutor(WRITERS) as pool:
        for _, phase in groupby(steps, key=lambda step: step.kind):
            chains: dict[str, list[Step]] = {}
            for step in phase:
                chains.setdefault(step.name, []).append(step)
            failures: list[StorageError] = []
            list(pool.map(lambda chain, failures=failures: _chain(access, chain, done, failures), chains.values()))
            if failures:
                raise _cut_short(failures[0], steps, done)


def _chain(access: Access, chain: Sequence[Step], done: set[Step], failures: list[StorageError]) -> None:
    """All steps of one item, up to the first failure of any."""
    for step in chain:
        if failures:
            return
        try:
            access.apply(step)
            done.add(step)
        except StorageError as error:
            failures.append(error)


def _cut_short(error: StorageError, steps: Sequence[Step], done: set[Step]) -> StorageError:
    error.message += f". Done before it: {len(done)} of {len(steps)} changes; a second run does the rest"
    error.result |= {
        "changed": bool(done),
        "done": [step.sentence for step in steps if step in done],
        "not_done": [step.sentence for step in steps if step not in done],
    }
    return error


def compared(state: State, touched: Sequence[tuple[str, str]]) -> Result:
    """What is shown of a state in a diff: the items that a run is about, absent ones left out."""
    found: Result = {}
    for kind, name in dict.fromkeys(touched):
        item = state.of(kind).get(name)
        if item is not None:
            found.setdefault(kind, {})[name] = shown(item)
    return found


def connect(params: Params, *, read_only: bool) -> Store:
    """The store that the options name. The SDK is looked for here, so that modules that need no store need no SDK."""
    try:
        from .client import MinioStore
    except ImportError as error:
        raise RequestError(
            f"The Python that runs this module lacks a package ({error}): run it on the controller, with the Python of"
            " the project's virtual environment",
            code="NoSDK",
        ) from error
    return MinioStore(parse(params), read_only=read_only)
