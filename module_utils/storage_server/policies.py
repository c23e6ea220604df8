"""Policy documents: what is refused, what is equal, and the shorthand that compiles to them. Pure.

The server gives a document back in another form than it took it: single values become lists, lists come in random
order, `*` as a resource becomes `**`, addresses become networks, numbers and booleans in conditions change between
text and value, duplicate statements and unknown keys are gone. So two documents are compared by their canonical form,
never by their text.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import PolicyError

VERSION = "2012-10-17"
# Of one document, as the server takes it.
MAXIMUM_BYTES = 20 * 1024
# Policies that every server has. Nobody declares, changes or removes them.
BUILT_IN = frozenset({"consoleAdmin", "diagnostics", "readonly", "readwrite", "writeonly"})
STATEMENT_KEYS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"})
SETS = ("Action", "Resource", "NotResource")
ADDRESSES = ("IpAddress", "NotIpAddress")
SERVICES = ("s3:", "admin:", "kms:", "sts:")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """A named document. Two are equal if they allow and deny the same, whatever they are written like."""

    name: str
    document: Document = field(compare=False, repr=False)
    canonical: str = ""

    @classmethod
    def of(cls, name: str, document: Document | str) -> Policy:
        """From what an operator wrote. Whatever would break the server is refused here, before anything is sent."""
        parsed = parse(document, f"policy {name}")
        check_name(name)
        return cls(name, parsed, canonical(parsed))

    @classmethod
    def inline(cls, document: Document | str, subject: str) -> Policy:
        """The policy of a key, which has no name."""
        parsed = parse(document, subject)
        return cls("", parsed, canonical(parsed))

    @classmethod
    def read(cls, name: str, document: Document) -> Policy:
        """From what the server has: taken as it is."""
        return cls(name, document, canonical(document))


def check_name(name: str) -> None:
    """Names that the server would refuse, or that a list of names could not hold."""
    if not name or name != name.strip() or "," in name:
        raise PolicyError(f"policy name {name!r}: a name has no comma, and no blank at its ends")


def parse(document: Document | str, subject: str, *, principals: bool = False) -> Document:
    """The document, if it is one that the server takes and can give back. `principals`: it is a bucket's own policy."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            raise PolicyError(f"{subject}: not JSON ({error})") from error
    if not isinstance(document, Mapping):
        raise PolicyError(f"{subject}: expected a document with Version and Statement, got {type(document).__name__}")
    for flaw in _flaws(document, principals):
        raise PolicyError(f"{subject}: {flaw}")
    # A single statement is written without a list by others, but the server wants one.
    whole = {**document, "Statement": _listed(document["Statement"])}
    if len(json.dumps(whole)) > MAXIMUM_BYTES:
        raise PolicyError(f"{subject}: the document is larger than {MAXIMUM_BYTES // 1024} KiB, the server's limit")
    return whole


def _flaws(document: Document, principals: bool) -> Iterator[str]:
    unknown = sorted(set(document) - {"Version", "Statement", "ID", "Id"})
    if unknown:
        yield f"the server drops the unknown key {unknown[0]}: take it out"
    if document.get("Version") != VERSION:
        yield f"set Version to {VERSION!r}, the only one that the server takes"
    statements = document.get("Statement")
    if not isinstance(statements, list | Mapping) or not statements:
        yield "Statement has to be a list of one statement or more"
        return
    for number, statement in enumerate(_listed(statements), start=1):
        if not isinstance(statement, Mapping):
            yield f"statement {number} is not a dictionary"
            return
        for flaw in _statement_flaws(statement, principals):
            yield f"statement {number}: {flaw}"


def _statement_flaws(statement: Document, principals: bool) -> Iterator[str]:
    if "NotAction" in statement:
        # The server stores it, and can then read no policy at all, also not after a restart.
        yield "NotAction breaks the server's policies, all of them: list the actions, or deny what is not wanted"
    unknown = sorted(set(statement) - STATEMENT_KEYS - {"NotAction"})
    if unknown:
        yield f"the server drops the unknown key {unknown[0]}: take it out"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect is Allow or Deny"
    if ("Principal" in statement) != principals:
        yield "Principal is missing: say who" if principals else "Principal belongs to a bucket's own policy only"
    actions = _listed(statement.get("Action", []))
    if not actions:
        yield "Action is missing"
    for action in actions:
        if not isinstance(action, str) or not (action == "*" or action.startswith(SERVICES)):
            yield f"action {action!r} is none: they begin with {', '.join(SERVICES)}"
    is_s3 = any(isinstance(action, str) and action.startswith("s3:") for action in actions)
    if is_s3 and not _listed(statement.get("Resource", [])) and not _listed(statement.get("NotResource", [])):
        yield "Resource is missing"
    if is_s3 and any(isinstance(action, str) and action.startswith(SERVICES[1:]) for action in actions):
        yield "actions on objects (s3:) and on the server (admin:, kms:, sts:) do not go together: write two statements"
    yield from _condition_flaws(statement)


def _condition_flaws(statement: Document) -> Iterator[str]:
    if "Condition" not in statement:
        return
    condition = statement["Condition"]
    if not isinstance(condition, Mapping) or not condition:
        yield "Condition has to be a dictionary that is not empty: take it out"
        return
    for operator, keys in condition.items():
        if not isinstance(keys, Mapping) or not keys:
            yield f"condition {operator} has to be a dictionary of keys that is not empty: take it out"
            return
        for key, value in ((key, value) for key, values in keys.items() for value in _listed(values)):
            if operator in ADDRESSES and not isinstance(value, str):
                yield f"condition {operator} {key}: {value!r} is no address"
            elif operator in ADDRESSES and ":" in value and "/" not in value:
                # The server would make ::1 the network ::/32.
                yield f"condition {operator} {key}: the server reads {value} as {value}/32; write {value}/128"


def canonical(document: Document) -> str:
    """The same text for all documents that mean the same."""
    statements = {_canonical_statement(statement) for statement in _listed(document.get("Statement") or [])}
    return json.dumps(sorted(statements))


def normal(policy: str) -> list[dict[str, Any]]:
    """A canonical form for people: statements as dictionaries, everything in order."""
    return [json.loads(statement) for statement in json.loads(policy)]


def _canonical_statement(statement: Document) -> str:
    plain: dict[str, Any] = {"Effect": statement.get("Effect", "")}
    for key in SETS:
        values = {_wide(value) if key != "Action" else value for value in _listed(statement.get(key) or [])}
        if values:
            plain[key] = sorted(values)
    if statement.get("Principal"):
        plain["Principal"] = _principal(statement["Principal"])
    conditions = {
        operator: {name: sorted({_text(value, operator) for value in _listed(values)}) for name, values in keys.items()}
        for operator, keys in (statement.get("Condition") or {}).items()
        if keys
    }
    if conditions:
        plain["Condition"] = conditions
    return json.dumps(plain, sort_keys=True)


def _principal(principal: object) -> list[str]:
    if isinstance(principal, Mapping):
        return sorted({str(value) for value in _listed(principal.get("AWS", []))})
    return sorted({str(value) for value in _listed(principal)})


def _wide(resource: object) -> object:
    return "**" if resource == "*" else resource


def _text(value: object, operator: str) -> str:
    """Whether a number, a boolean or an address is written as text, as a value or as a network makes no difference."""
    if operator in ADDRESSES:
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_network(str(value), strict=False))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


# Shorthand: who may read and write a bucket

READ = ("s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging")
WRITE = (
    *("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
    *(
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ),
)
RIGHTS = {"read": READ, "write": WRITE}
ON_BUCKETS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")


def access_policy(bucket: str, right: str) -> Policy:
    """The policy for one right to one bucket; its name tells what it is."""
    on_bucket = [action for action in RIGHTS[right] if action in ON_BUCKETS]
    on_objects = [action for action in RIGHTS[right] if action not in ON_BUCKETS]
    document = {
        "Version": VERSION,
        "Statement": [
            {"Effect": "Allow", "Action": on_bucket, "Resource": [f"arn:aws:s3:::{bucket}"]},
            {"Effect": "Allow", "Action": on_objects, "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        ],
    }
    return Policy.of(f"{bucket}-{right}", document)
