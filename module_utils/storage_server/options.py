"""Options of the items in a store: written once, for the modules on one item and for the module on all of them."""

from __future__ import annotations

from typing import Any

from .state import CONTENT

Options = dict[str, dict[str, Any]]

NAME: Options = {"name": {"type": "str", "required": True}}
STATE: Options = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
NAMES: dict[str, Any] = {"type": "list", "elements": "str"}

RULE: Options = {
    "enabled": {"type": "bool", "default": True},
    "prefix": {"type": "str"},
    "tags": {"type": "dict"},
    "expire_days": {"type": "int"},
    "expire_date": {"type": "str"},
    "expire_delete_markers": {"type": "bool"},
    "noncurrent_expire_days": {"type": "int"},
    "noncurrent_keep": {"type": "int"},
    "transition_days": {"type": "int"},
    "transition_tier": {"type": "str"},
    "noncurrent_transition_days": {"type": "int"},
    "noncurrent_transition_tier": {"type": "str"},
}
RETENTION: Options = {
    "mode": {"type": "str", "choices": ["governance", "compliance"]},
    "days": {"type": "int"},
    "years": {"type": "int"},
}
ENCRYPTION: Options = {
    "type": {"type": "str", "choices": ["sse-s3", "sse-kms"]},
    "key": {"type": "str", "no_log": False},
}
NOTIFICATION: Options = {
    "target": {"type": "str", "required": True},
    "events": {**NAMES, "required": True},
    "prefix": {"type": "str"},
    "suffix": {"type": "str"},
}
REMOTE: Options = {
    "endpoint": {"type": "str", "required": True},
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str"},
    "region": {"type": "str"},
    "storage_class": {"type": "str"},
    "access_key": {"type": "str", "required": True},
    "secret_key": {"type": "str", "no_log": True},
}
SETTINGS: Options = {**NAME, **STATE, "values": {"type": "dict"}}
TIER: Options = {
    **NAME,
    **STATE,
    "type": {"type": "str", "choices": ["minio", "s3"], "default": "minio"},
    "remote": {"type": "dict", "options": REMOTE},
}
BUCKET: Options = {
    **NAME,
    **STATE,
    "versioning": {"type": "str", "choices": ["enabled", "suspended"]},
    "excluded_prefixes": NAMES,
    "exclude_folders": {"type": "bool"},
    "object_lock": {"type": "bool"},
    "retention": {"type": "dict", "options": RETENTION},
    "quota": {"type": "bytes"},
    "tags": {"type": "dict"},
    "lifecycle": {"type": "list", "elements": "dict", "options": RULE},
    "encryption": {"type": "dict", "options": ENCRYPTION},
    "notifications": {"type": "list", "elements": "dict", "options": NOTIFICATION},
    "policy": {"type": "raw"},
}
POLICY: Options = {**NAME, **STATE, "document": {"type": "raw"}}
USER: Options = {
    **NAME,
    **STATE,
    "secret": {"type": "str", "no_log": True},
    "enabled": {"type": "bool"},
    "policies": NAMES,
}
GROUP: Options = {**NAME, **STATE, "enabled": {"type": "bool"}, "members": NAMES, "policies": NAMES}
SERVICE_ACCOUNT: Options = {
    "application": {"type": "str", "required": True},
    **STATE,
    "parent": {"type": "str"},
    "policy": {"type": "raw"},
    "name": {"type": "str"},
    "description": {"type": "str"},
    "expires": {"type": "str"},
    "enabled": {"type": "bool"},
}

ACCESS: Options = {"access": {"type": "dict", "options": {"read": NAMES, "write": NAMES}}}
KINDS: Options = {
    kind: {"type": "list", "elements": "dict", "options": options}
    for kind, options in (
        ("settings", SETTINGS),
        ("tiers", TIER),
        ("buckets", {**BUCKET, **ACCESS}),
        ("policies", POLICY),
        ("users", USER),
        ("groups", GROUP),
        ("service_accounts", SERVICE_ACCOUNT),
    )
}
UNMANAGED: dict[str, Any] = {
    "type": "dict",
    "options": {kind: {"type": "str", "choices": ["report", "remove"], "default": "report"} for kind in CONTENT},
}
