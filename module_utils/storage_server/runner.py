"""The one way through a module: check mode, errors and secrets are decided here and nowhere else.

It needs nothing but Ansible: modules that talk to no store, and those that run on a host, bring no more than this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .errors import StorageError

Params = Mapping[str, Any]
Result = dict[str, Any]


def report(noun: str, spec: Mapping[str, Any], answer: Callable[[Params], Result]) -> None:
    """Return what a pure function makes of the options."""
    execute(spec, lambda params, _: {"changed": False, "actions": [], noun: answer(params)})


def execute(spec: Mapping[str, Any], work: Callable[[Params, bool], Result]) -> None:
    """Do the work, which is told whether nothing may be written, and exit with its result or its error."""
    module = AnsibleModule(argument_spec=dict(spec), supports_check_mode=True)
    # Ansible masks the values of no_log options by itself. What sits inside a dictionary has to be named.
    inner = {name: value for name, value in module.params.items() if not isinstance(value, str)}
    module.no_log_values.update(hidden_values(inner))
    try:
        result = work(module.params, module.check_mode)
    except StorageError as error:
        details = {"code": error.code, "status": error.status, "request_id": error.request_id}
        module.fail_json(msg=error.message, error=details, **error.result)
    module.exit_json(**result)


SECRET_WORDS = ("password", "secret", "token", "private", "connection_string", "dsn_string", "api_key", "license")
# A password within a URL.
SECRET_VALUE = re.compile(r"://[^/\s]*:[^/\s]*@")


def is_secret(name: str, value: str = "") -> bool:
    """Whether the value under this name must never be shown."""
    return any(word in name.lower() for word in SECRET_WORDS) or bool(SECRET_VALUE.search(value))


def hidden_values(value: object) -> set[str]:
    """Values of all keys that name a secret, however deep."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str) and inner and is_secret(str(key), inner):
                found.add(inner)
            else:
                found |= hidden_values(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            found |= hidden_values(inner)
    return found
