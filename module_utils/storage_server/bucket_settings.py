"""Settings of a bucket: what is asked for, how the server writes it down, and one form to compare both by. Pure.

The server gives all settings of all buckets in one archive, a file for each: XML, or JSON for quota and policy. Here
they become plain values, and back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from .errors import RequestError
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
    "policy": "",
}
RULE = {
    "prefix": "Filter/Prefix",
    "expire_days": "Expiration/Days",
    "expire_date": "Expiration/Date",
    "expire_delete_markers": "Expiration/ExpiredObjectDeleteMarker",
    "noncurrent_expire_days": "NoncurrentVersionExpiration/NoncurrentDays",
    "noncurrent_keep": "NoncurrentVersionExpiration/NewerNoncurrentVersions",
    "transition_days": "Transition/Days",
    "transition_tier": "Transition/StorageClass",
    "noncurrent_transition_days": "NoncurrentVersionTransition/NoncurrentDays",
    "noncurrent_transition_tier": "NoncurrentVersionTransition/StorageClass",
}
NUMBERS = frozenset(name for name in RULE if name.endswith(("_days", "_keep")))
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
    if "versioning.xml" in files:
        root = _xml(files["versioning.xml"])
        found["versioning"] = (_text(root, "Status") or "").lower() or None
        found["excluded_prefixes"] = frozenset(each.text or "" for each in root.findall("ExcludedPrefixes/Prefix"))
        found["exclude_folders"] = _text(root, "ExcludeFolders") == "true"
    if "object-lock.xml" in files:
        root = _xml(files["object-lock.xml"])
        found["object_lock"] = _text(root, "ObjectLockEnabled") == "Enabled"
        found["retention"] = _retention_of(root)
    if "tagging.xml" in files:
        tags = _xml(files["tagging.xml"]).findall("TagSet/Tag")
        found["tags"] = frozenset((_text(tag, "Key") or "", _text(tag, "Value") or "") for tag in tags)
    if "lifecycle.xml" in files:
        rules = [_rule_of(rule) for rule in _xml(files["lifecycle.xml"]).findall("Rule")]
        found["lifecycle"] = _canonical_rules(rules)
    if "quota.json" in files:
        found["quota"] = _quota_of(json.loads(files["quota.json"]))
    if "policy.json" in files:
        document = json.loads(files["policy.json"])
        found["policy"] = canonical(document) if document.get("Statement") else ""
    return found


def _xml(content: bytes) -> ElementTree.Element:
    """Without namespaces: the server writes some files with and some without."""
    root = ElementTree.fromstring(content)  # noqa: S314 - the server's own, and it is trusted with much more
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _text(element: ElementTree.Element, path: str) -> str | None:
    return element.findtext(path)


def _retention_of(root: ElementTree.Element) -> str:
    rule = root.find("Rule/DefaultRetention")
    if rule is None:
        return ""
    unit = "Days" if rule.find("Days") is not None else "Years"
    return f"{(_text(rule, 'Mode') or '').lower()} {_text(rule, unit)} {unit.lower()}"


def _quota_of(quota: Mapping[str, Any]) -> int:
    return int(quota.get("size") or quota.get("quota") or 0)


def _rule_of(rule: ElementTree.Element) -> Settings:
    # Its name is made up by the server, and says nothing.
    found: Settings = {"enabled": _text(rule, "Status") == "Enabled"}
    for name, path in RULE.items():
        value = _text(rule, path)
        # A prefix stands alone, or beside tags, or, in old rules, outside of a filter.
        if value is None and name == "prefix":
            value = _text(rule, "Filter/And/Prefix") or _text(rule, "Prefix")
        if value not in (None, "", "0", "false"):
            found[name] = int(value or 0) if name in NUMBERS else value == "true" if value == "true" else value
    tags = {
        _text(tag, "Key") or "": _text(tag, "Value") or ""
        for path in ("Filter/Tag", "Filter/And/Tag")
        for tag in rule.findall(path)
    }
    return {**found, "tags": tags} if tags else found


# What is asked for


def wanted(options: Mapping[str, Any]) -> Settings:
    """Values that options ask for; None is not managed."""
    bucket, rules, tags = options["name"], options.get("lifecycle"), options.get("tags")
    prefixes, retention = options.get("excluded_prefixes"), _retention(bucket, options.get("retention"))
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
        "lifecycle": None if rules is None else _canonical_rules(_rule(bucket, rule) for rule in rules),
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


def _rule(bucket: str, given: Mapping[str, Any]) -> Settings:
    rule = {key: value for key, value in given.items() if value not in (None, "", 0, {}) and key != "enabled"}
    rule = {key: value for key, value in rule.items() if value is not False}
    if not set(rule) - {"prefix", "tags"}:
        raise RequestError(
            f"bucket {bucket}: a lifecycle rule without an action; name an expire_ or transition_ option"
        )
    for tier, days in (
        ("transition_tier", "transition_days"),
        ("noncurrent_transition_tier", "noncurrent_transition_days"),
    ):
        if (tier in rule) != (days in rule):
            raise RequestError(f"bucket {bucket}: a lifecycle rule has {tier} and {days} together")
    if "expire_date" in rule and not str(rule["expire_date"]).endswith("T00:00:00Z"):
        rule["expire_date"] = f"{rule['expire_date']}T00:00:00Z"
    enabled = given.get("enabled")
    return {**rule, "enabled": True if enabled is None else enabled}


def _canonical_rules(rules: Any) -> str:
    """Rules in the order of what they say."""
    return json.dumps(
        sorted((dict(rule) for rule in rules), key=lambda rule: json.dumps(rule, sort_keys=True)), sort_keys=True
    )


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


def lifecycle_xml(lifecycle: str) -> bytes:
    """The rules as the server takes them."""
    root = ElementTree.Element("LifecycleConfiguration")
    for rule in json.loads(lifecycle):
        root.append(_rule_xml(rule))
    return ElementTree.tostring(root)


def _rule_xml(rule: Mapping[str, Any]) -> ElementTree.Element:
    element = ElementTree.Element("Rule")
    _put(element, "Status", "Enabled" if rule["enabled"] else "Disabled")
    tags = rule.get("tags") or {}
    holder = _put(element, "Filter")
    if tags and (rule.get("prefix") or len(tags) > 1):
        holder = _put(holder, "And")
    if rule.get("prefix") or not tags:
        _put(holder, "Prefix", rule.get("prefix", ""))
    for key, value in tags.items():
        tag = _put(holder, "Tag")
        _put(tag, "Key", key)
        _put(tag, "Value", value)
    for name, path in RULE.items():
        if name != "prefix" and name in rule:
            parent, _, leaf = path.partition("/")
            known = element.find(parent)
            _put(known if known is not None else _put(element, parent), leaf, _said(rule[name]))
    return element


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _put(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text or None
    return element


def versioning_xml(settings: Mapping[str, Any]) -> bytes:
    """Versioning and what is left out of it, which are one thing to the server."""
    root = ElementTree.Element("VersioningConfiguration")
    _put(root, "Status", (settings["versioning"] or "").capitalize())
    for prefix in sorted(settings["excluded_prefixes"]):
        _put(_put(root, "ExcludedPrefixes"), "Prefix", prefix)
    if settings["exclude_folders"]:
        _put(root, "ExcludeFolders", "true")
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
        elif key == "lifecycle":
            yield key, json.loads(value)
        elif key == "retention":
            yield key, _retention_shown(value)
        elif key == "policy":
            yield key, policy_document(value)
        else:
            yield key, value


def _retention_shown(retention: str) -> Settings:
    mode, number, unit = retention.split()
    return {"mode": mode, unit: int(number)}
