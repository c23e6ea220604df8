"""Settings of a bucket: what is asked for, how the server writes it down, and one form to compare both by. Pure.

The server gives all settings of all buckets in one archive, a file for each: XML, or JSON for quota and policy. Here
they become plain values, and back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from .errors import RequestError
from .lifecycle import rules_of, wanted_rules
from .markup import add, parsed, text
from .notifications import notifications_of, wanted_notifications
from .policies import VERSION, canonical, parse

Settings = dict[str, Any]

# Of a bucket that nobody has set anything of.
NOTHING: Mapping[str, Any] = {
    "versioning": None,
    "excluded_prefixes": frozenset(),
    "exclude_folders": False,
    "object_lock": False,
    "retention": "",
    "quota": 0,
    "tags": frozenset(),
    "lifecycle": "[]",
    "encryption": "",
    "notifications": "[]",
    "policy": "",
}
SSE_S3, SSE_KMS = "sse-s3", "sse-kms"
# The server puts it before the name of a key.
KEY_PREFIX = "arn:aws:kms:"
PRESETS: Mapping[str, Sequence[str]] = {
    "private": (),
    "download": ("s3:GetObject",),
    "upload": ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
    "public": ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
}


# What the server has


def read(files: Mapping[str, bytes]) -> Settings:
    """Values of one bucket from its files in the server's archive."""
    found: Settings = dict(NOTHING)
    for name, reader in READERS.items():
        if name in files:
            found |= reader(json.loads(files[name]) if name.endswith(".json") else parsed(files[name]))
    return found


def _versioning_of(root: ElementTree.Element) -> Settings:
    return {
        "versioning": (text(root, "Status") or "").lower() or None,
        "excluded_prefixes": frozenset(each.text or "" for each in root.findall("ExcludedPrefixes/Prefix")),
        "exclude_folders": text(root, "ExcludeFolders") == "true",
    }


def _lock_of(root: ElementTree.Element) -> Settings:
    return {"object_lock": text(root, "ObjectLockEnabled") == "Enabled", "retention": _retention_of(root)}


def _retention_of(root: ElementTree.Element) -> str:
    rule = root.find("Rule/DefaultRetention")
    if rule is None:
        return ""
    unit = "Days" if rule.find("Days") is not None else "Years"
    return f"{(text(rule, 'Mode') or '').lower()} {text(rule, unit)} {unit.lower()}"


def _tags_of(root: ElementTree.Element) -> Settings:
    tags = root.findall("TagSet/Tag")
    return {"tags": frozenset((text(tag, "Key") or "", text(tag, "Value") or "") for tag in tags)}


def _encryption_of(root: ElementTree.Element) -> Settings:
    rule = root.find("Rule/ApplyServerSideEncryptionByDefault")
    if rule is None:
        return {}
    key = (text(rule, "KMSMasterKeyID") or "").removeprefix(KEY_PREFIX)
    return {"encryption": f"{SSE_KMS} {key}" if text(rule, "SSEAlgorithm") == "aws:kms" else SSE_S3}


def _quota_of(quota: Mapping[str, Any]) -> Settings:
    return {"quota": int(quota.get("size") or quota.get("quota") or 0)}


def _policy_of(document: Mapping[str, Any]) -> Settings:
    return {"policy": canonical(document) if document.get("Statement") else ""}


READERS: Mapping[str, Callable[[Any], Settings]] = {
    "versioning.xml": _versioning_of,
    "object-lock.xml": _lock_of,
    "tagging.xml": _tags_of,
    "lifecycle.xml": lambda root: {"lifecycle": rules_of(root)},
    "bucket-encryption.xml": _encryption_of,
    "notification.xml": lambda root: {"notifications": notifications_of(root)},
    "quota.json": _quota_of,
    "policy.json": _policy_of,
}


# What is asked for


def wanted(options: Mapping[str, Any]) -> Settings:
    """Values that options ask for; None is not managed."""
    bucket, rules, tags = options["name"], options.get("lifecycle"), options.get("tags")
    prefixes, retention = options.get("excluded_prefixes"), _retention(bucket, options.get("retention"))
    told = options.get("notifications")
    if retention and options.get("object_lock") is False:
        raise RequestError(f"bucket {bucket}: retention wants object_lock, which is for new buckets only")
    return {
        "versioning": options.get("versioning"),
        "excluded_prefixes": None if prefixes is None else frozenset(prefixes),
        "exclude_folders": options.get("exclude_folders"),
        "object_lock": options.get("object_lock"),
        "retention": retention,
        "quota": options.get("quota"),
        "tags": None if tags is None else frozenset((str(key), str(value)) for key, value in tags.items()),
        "lifecycle": None if rules is None else wanted_rules(bucket, rules),
        "encryption": _encryption(bucket, options.get("encryption")),
        "notifications": None if told is None else wanted_notifications(bucket, told),
        "policy": _policy(bucket, options.get("policy")),
    }


def _retention(bucket: str, given: Mapping[str, Any] | None) -> str | None:
    if given is None:
        return None
    given = {key: value for key, value in given.items() if value is not None}
    if not given:
        return ""
    units = [unit for unit in ("days", "years") if given.get(unit)]
    if len(units) != 1 or "mode" not in given:
        raise RequestError(f"bucket {bucket}: retention has a mode, and either days or years")
    return f"{given['mode']} {given[units[0]]} {units[0]}"


def _encryption(bucket: str, given: Mapping[str, Any] | None) -> str | None:
    if given is None:
        return None
    kind, key = given.get("type"), given.get("key")
    if kind == SSE_KMS and key:
        return f"{kind} {key}"
    if (kind == SSE_KMS) != bool(key):
        raise RequestError(f"bucket {bucket}: encryption with a key of the operator's is type {SSE_KMS} and the key")
    return kind or ""


def _policy(bucket: str, given: Any) -> str | None:
    """A preset or a document, in canonical form; empty is none."""
    if given is None:
        return None
    if given in ("", {}):
        return ""
    document = preset(bucket, given) if isinstance(given, str) and given in PRESETS else given
    return canonical(parse(document, f"policy of bucket {bucket}", principals=True)) if document else ""


def preset(bucket: str, name: str) -> Settings:
    """What anonymous visitors may do, as a document."""
    if not PRESETS[name]:
        return {}
    everybody = {"AWS": ["*"]}
    about = {"Effect": "Allow", "Principal": everybody}
    on_bucket = [
        "s3:GetBucketLocation",
        "s3:ListBucket" if "s3:GetObject" in PRESETS[name] else "s3:ListBucketMultipartUploads",
    ]
    return {
        "Version": VERSION,
        "Statement": [
            {**about, "Action": on_bucket, "Resource": [f"arn:aws:s3:::{bucket}"]},
            {**about, "Action": list(PRESETS[name]), "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        ],
    }


# What is sent


def policy_document(policy: str) -> Settings:
    """The document of a canonical policy, as the server takes it."""
    statements = [json.loads(statement) for statement in json.loads(policy)]
    return {
        "Version": VERSION,
        "Statement": [{**statement, "Principal": {"AWS": statement["Principal"]}} for statement in statements],
    }


def versioning_xml(settings: Mapping[str, Any]) -> bytes:
    """Versioning and what is left out of it, which are one thing to the server."""
    root = ElementTree.Element("VersioningConfiguration")
    add(root, "Status", (settings["versioning"] or "").capitalize())
    for prefix in sorted(settings["excluded_prefixes"]):
        add(add(root, "ExcludedPrefixes"), "Prefix", prefix)
    if settings["exclude_folders"]:
        add(root, "ExcludeFolders", "true")
    return ElementTree.tostring(root)


def shown(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values as an operator would write them; of what is not set, only versioning."""
    for key in NOTHING:
        value = settings[key]
        if value == NOTHING[key] and key != "versioning":
            continue
        if key == "tags":
            yield key, dict(sorted(value))
        elif key == "excluded_prefixes":
            yield key, sorted(value)
        elif key in ("lifecycle", "notifications"):
            yield key, json.loads(value)
        elif key == "encryption":
            yield key, dict(zip(("type", "key"), value.split(), strict=False))
        elif key == "retention":
            yield key, _retention_shown(value)
        elif key == "policy":
            yield key, policy_document(value)
        else:
            yield key, value


def _retention_shown(retention: str) -> Settings:
    mode, number, unit = retention.split()
    return {"mode": mode, unit: int(number)}
