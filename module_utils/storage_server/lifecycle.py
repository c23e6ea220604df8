"""Rules of a lifecycle: what is asked for, how the server writes it down, and one form to compare both by. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from .errors import RequestError
from .markup import add, said, text

Rule = dict[str, Any]

# The options of a rule, and where the server keeps each.
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


def canonical_rules(rules: Iterable[Rule]) -> str:
    """Rules in the order of what they say."""
    return json.dumps(sorted(rules, key=lambda rule: json.dumps(rule, sort_keys=True)), sort_keys=True)


def rules_of(root: ElementTree.Element) -> str:
    """Rules that the server has."""
    return canonical_rules(_rule_of(rule) for rule in root.findall("Rule"))


def _rule_of(rule: ElementTree.Element) -> Rule:
    # Its name is made up by the server, and says nothing.
    found: Rule = {"enabled": text(rule, "Status") == "Enabled"}
    for name, path in RULE.items():
        value = text(rule, path)
        # A prefix stands alone, or beside tags, or, in old rules, outside of a filter.
        if value is None and name == "prefix":
            value = text(rule, "Filter/And/Prefix") or text(rule, "Prefix")
        if value not in (None, "", "0", "false"):
            found[name] = int(value or 0) if name in NUMBERS else value == "true" if value == "true" else value
    tags = {
        text(tag, "Key") or "": text(tag, "Value") or ""
        for path in ("Filter/Tag", "Filter/And/Tag")
        for tag in rule.findall(path)
    }
    return {**found, "tags": tags} if tags else found


def wanted_rules(bucket: str, rules: Iterable[Mapping[str, Any]]) -> str:
    """Rules that options ask for."""
    return canonical_rules(_rule(bucket, rule) for rule in rules)


def _rule(bucket: str, given: Mapping[str, Any]) -> Rule:
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


def tiers_of(lifecycle: str) -> frozenset[str]:
    """Tiers that the rules move objects to."""
    rules = json.loads(lifecycle)
    return frozenset(rule[key] for rule in rules for key in rule if key.endswith("transition_tier"))


def lifecycle_xml(lifecycle: str) -> bytes:
    """The rules as the server takes them."""
    root = ElementTree.Element("LifecycleConfiguration")
    for rule in json.loads(lifecycle):
        root.append(_rule_xml(rule))
    return ElementTree.tostring(root)


def _rule_xml(rule: Mapping[str, Any]) -> ElementTree.Element:
    element = ElementTree.Element("Rule")
    add(element, "Status", "Enabled" if rule["enabled"] else "Disabled")
    tags = rule.get("tags") or {}
    holder = add(element, "Filter")
    if tags and (rule.get("prefix") or len(tags) > 1):
        holder = add(holder, "And")
    if rule.get("prefix") or not tags:
        add(holder, "Prefix", rule.get("prefix", ""))
    for key, value in tags.items():
        tag = add(holder, "Tag")
        add(tag, "Key", key)
        add(tag, "Value", value)
    for name, path in RULE.items():
        if name != "prefix" and name in rule:
            parent, _, leaf = path.partition("/")
            known = element.find(parent)
            add(known if known is not None else add(element, parent), leaf, said(rule[name]))
    return element
