"""The server's own settings, as its text has them: `SUBSYSTEM[:TARGET] key=value key="value with spaces"`. Pure.

A line for each; what is switched off stands behind a #, and so does what the nodes' environment sets, which wins. A key
`enable` that is on is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .errors import RequestError
from .runner import is_secret

Values = dict[str, str]
Pairs = frozenset[tuple[str, str]]

# What the server applies at once (internal/config/config.go, SubSystemsDynamic); all others wait for a restart.
DYNAMIC = frozenset(
    {
        "api",
        "audit_kafka",
        "audit_webhook",
        "batch",
        "browser",
        "callhome",
        "compression",
        "drive",
        "heal",
        "ilm",
        "logger_webhook",
        "scanner",
        "storage_class",
        "subnet",
    }
)
NAME = re.compile(r"[a-z_]+(:[A-Za-z0-9_-]+)?")
KEY = re.compile(r"[a-z][a-z0-9_]*")
PAIR = re.compile(rf'({KEY.pattern})=("[^"]*"|\S*)')
ENABLE = "enable"
REMOVED = "removed"
RIGHT, ANOTHER = "as declared", "another"


@dataclass(frozen=True)
class Told:
    """What the server says of one of them: its values, and which variables of the environment overrule it.

    `waits`: it was changed since the nodes started, and they run with what it was before.
    """

    values: Mapping[str, str] = field(repr=False)
    overruled: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False
    removed: bool = False


def parse(text: str) -> dict[str, Told]:
    """All settings by name."""
    found: dict[str, Told] = {}
    overruled: Values = {}
    for each in text.splitlines():
        variable, is_one, _ = each.removeprefix("# MINIO_").partition("=")
        if each.startswith("# MINIO_") and is_one:
            overruled[variable.lower()] = f"MINIO_{variable}"
        for name, values in _lines(each):
            found[name] = Told(values, dict(_overruled(name, overruled)))
            overruled = {}
    return found


def _overruled(name: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys and their variables: MINIO_NOTIFY_WEBHOOK_ENDPOINT_radar is `endpoint` of `notify_webhook:radar`."""
    subsystem, _, target = name.lower().partition(":")
    for variable, spelling in variables.items():
        rest = variable.removesuffix(f"_{target}") if target else variable
        if rest.startswith(f"{subsystem}_"):
            yield rest.removeprefix(f"{subsystem}_"), spelling


def with_pending(told: Mapping[str, Told], changes: Iterable[str]) -> dict[str, Told]:
    """With what was set since the nodes started: a node tells what it runs with, and not what it was told."""
    found = dict(told)
    for name, values in (pair for change in changes for pair in _lines(change)):
        if name.partition(":")[0] not in DYNAMIC:
            known = found.get(name, Told({}))
            removed = values.get("comment") == REMOVED
            # Whatever is set is switched on by that.
            values = {**({} if removed else known.values), ENABLE: "on", **values}
            found[name] = Told(values, known.overruled, waits=True, removed=removed)
    return found


def _lines(text: str) -> Iterator[tuple[str, Values]]:
    for line in text.splitlines():
        name, _, rest = line.removeprefix("# ").partition(" ")
        if NAME.fullmatch(name):
            yield name, {key: value.strip('"') for key, value in PAIR.findall(rest)}


def wanted(name: str, given: Mapping[str, object]) -> Values:
    """Values that options ask for, as the server writes them; refuses what it could not tell apart."""
    if not NAME.fullmatch(name):
        raise RequestError(f"settings {name}: expected the name of a sub-system, such as api or notify_webhook:radar")
    if name == "region":
        raise RequestError(
            "settings region: after the next restart every client that signs for another region would be refused. Set"
            " MINIO_REGION in cluster_environment, before the store holds data"
        )
    values = {key: _text(value) for key, value in given.items()}
    for key, value in values.items():
        if not KEY.fullmatch(key) or any(sign in value for sign in '"\n\r'):
            raise RequestError(f"settings {name}: {key} has a quotation mark or a line break, which the server drops")
    return values


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def refuse_overruled(name: str, told: Told, keys: Iterable[str]) -> None:
    """A variable of the nodes' environment wins over what is set."""
    for key in sorted(set(keys) & set(told.overruled)):
        raise RequestError(
            f"settings {name}: {key} is what the nodes' environment says, whatever is set here: remove"
            f" {told.overruled[key]} from cluster_environment first"
        )


def shown_values(values: Mapping[str, str], keys: Iterable[str], declared: Mapping[str, str]) -> Pairs:
    """Of these keys; of what must not be shown no more than whether it is as declared."""

    def shown(key: str) -> str:
        value, asked = values.get(key, "on" if key == ENABLE else ""), declared.get(key, "")
        if not is_secret(key, value) and not is_secret(key, asked):
            return value
        return RIGHT if value == asked else ANOTHER

    return frozenset((key, shown(key)) for key in keys)


def line(name: str, values: Mapping[str, str]) -> str:
    """As the server takes it."""
    return " ".join([name, *(f'{key}="{value}"' for key, value in values.items())])
