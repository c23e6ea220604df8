"""What a bucket tells others about: what is asked for, how the server writes it down, and one form of both. Pure.

The server names a receiver by an ARN, `arn:minio:sqs:REGION:NAME:TYPE`. Here it is `TYPE:NAME`, as in its settings
(`notify_webhook:radar`), because the region is the server's and says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from .errors import RequestError
from .markup import add, text

Notification = dict[str, Any]

# The server refuses a word that it does not know; this refuses what can be none before anything is sent.
EVENT = re.compile(r"s3:[A-Z][A-Za-z]+(:([A-Z][A-Za-z]+|\*))?")
TARGET = re.compile(r"[a-z]+:[A-Za-z0-9_-]+")
FILTERS = ("prefix", "suffix")


def notifications_of(root: ElementTree.Element) -> str:
    """Notifications that the server has."""
    return _canonical(_notification_of(queue) for queue in root.findall("QueueConfiguration"))


def _notification_of(queue: ElementTree.Element) -> Notification:
    rules = queue.findall("Filter/S3Key/FilterRule")
    filters = {(text(rule, "Name") or "").lower(): text(rule, "Value") or "" for rule in rules}
    events = sorted(event.text or "" for event in queue.findall("Event"))
    return {"target": target_of(text(queue, "Queue") or ""), "events": events, **filters}


def target_of(arn: str) -> str:
    """`TYPE:NAME` of an ARN."""
    *_, name, kind = arn.split(":")
    return f"{kind}:{name}"


def wanted_notifications(bucket: str, given: Iterable[Mapping[str, Any]]) -> str:
    """Notifications that options ask for."""
    return _canonical(_notification(bucket, each) for each in given)


def _notification(bucket: str, given: Mapping[str, Any]) -> Notification:
    target, events = given["target"], given["events"]
    if not TARGET.fullmatch(target):
        raise RequestError(f"bucket {bucket}: {target} is no target: expected its type and name, such as webhook:radar")
    wrong = [event for event in events if not EVENT.fullmatch(event)]
    if wrong or not events:
        named = f"{wrong[0]} is no event" if wrong else f"a notification to {target} without events"
        raise RequestError(f"bucket {bucket}: {named}: expected such as s3:ObjectCreated:*")
    filters = {key: given[key] for key in FILTERS if given.get(key)}
    return {"target": target, "events": sorted(set(events)), **filters}


def _canonical(notifications: Iterable[Notification]) -> str:
    return json.dumps(sorted(notifications, key=lambda each: json.dumps(each, sort_keys=True)), sort_keys=True)


def targets(notifications: str) -> frozenset[str]:
    """Who is told."""
    return frozenset(each["target"] for each in json.loads(notifications))


def notifications_xml(notifications: str, arns: Mapping[str, str]) -> bytes:
    """As the server takes them; `arns` has the ARN of each target."""
    root = ElementTree.Element("NotificationConfiguration")
    for each in json.loads(notifications):
        queue = add(root, "QueueConfiguration")
        add(queue, "Queue", arns[each["target"]])
        for event in each["events"]:
            add(queue, "Event", event)
        given = [key for key in FILTERS if key in each]
        key_filter = add(add(queue, "Filter"), "S3Key") if given else queue
        for key in given:
            rule = add(key_filter, "FilterRule")
            add(rule, "Name", key)
            add(rule, "Value", each[key])
    return ElementTree.tostring(root)
