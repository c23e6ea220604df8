"""Other stores that old objects move to: what is asked for, and how the server writes it down. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RequestError

NAME = re.compile(r"[A-Z][A-Z0-9_-]*")
RESERVED = frozenset({"STANDARD", "REDUCED_REDUNDANCY"})
# Types that are managed, and where the server keeps the rest of them.
HOLDERS = {"minio": "MinIO", "s3": "S3"}
FIELDS = {
    "endpoint": "Endpoint",
    "bucket": "Bucket",
    "prefix": "Prefix",
    "region": "Region",
    "storage_class": "StorageClass",
    "access_key": "AccessKey",
}


@dataclass(frozen=True)
class Tier:
    """`credentials_work`: whether the other store lets the server in. Their secret is in no state."""

    name: str
    type: str = ""
    endpoint: str = ""
    bucket: str = ""
    prefix: str = ""
    region: str = ""
    storage_class: str = ""
    access_key: str = ""
    credentials_work: bool = True


def tier_of(told: Mapping[str, Any]) -> Tier:
    """A tier that the server has. Of a type that is not managed, no more than its type."""
    held = told.get(HOLDERS.get(told["Type"], "")) or {}
    fields: dict[str, Any] = {field: held.get(spelling) or "" for field, spelling in FIELDS.items()}
    return Tier(told["Name"], told["Type"], **fields)


def wanted_tier(params: Mapping[str, Any]) -> dict[str, Any]:
    """Values that options ask for."""
    name, remote = params["name"], params["remote"] or {}
    if not NAME.fullmatch(name) or name in RESERVED:
        raise RequestError(f"tier {name}: expected a name in upper case, and none of {', '.join(sorted(RESERVED))}")
    missing = [option for option in ("endpoint", "bucket", "access_key") if not remote.get(option)]
    if missing:
        raise RequestError(f"tier {name}: remote.{missing[0]} is missing")
    if not remote["endpoint"].startswith(("http://", "https://")):
        raise RequestError(f"tier {name}: remote.endpoint: expected a URL such as https://archive:9000")
    if remote.get("storage_class") and params["type"] != "s3":
        raise RequestError(f"tier {name}: remote.storage_class is for type s3")
    wanted = {field: remote.get(field) for field in FIELDS}
    return {**wanted, "type": params["type"], "credentials_work": True}


def tier_body(tier: Tier, secret: str) -> dict[str, Any]:
    """As the server takes it."""
    given = {spelling: getattr(tier, field) for field, spelling in FIELDS.items() if getattr(tier, field)}
    holder = HOLDERS[tier.type]
    return {"Version": "v1", "Type": tier.type, "Name": tier.name, holder: {**given, "SecretKey": secret}}
