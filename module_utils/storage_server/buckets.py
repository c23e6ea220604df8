"""Names that a bucket can have. Pure."""

from __future__ import annotations

import ipaddress
import re

from .errors import RequestError


def valid_name(name: str) -> str:
    """The name, or why no bucket can be called that."""
    reason = _flaw(name)
    if reason:
        raise RequestError(f"name {name!r}: {reason}", code="InvalidBucketName")
    return name


def _flaw(name: str) -> str | None:
    if not 3 <= len(name) <= 63:
        return "the name of a bucket has 3 to 63 characters"
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", name):
        return (
            "the name of a bucket has lower-case letters, digits, dots and hyphens, not one of the last two at an end"
        )
    if re.search(r"\.\.|\.-|-\.", name):
        return "a dot in the name of a bucket stands between letters or digits"
    if name == "minio":
        return "the server keeps this name for itself"
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return None
    return "the name of a bucket cannot be an IP address"
