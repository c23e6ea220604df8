"""storage_drift, as Ansible runs it."""

import json

from tests.harness import run_module


def test_it_reports_by_layer():
    tasks = [
        {"task": {"name": "access : Apply"}, "hosts": {"store": {"changed": True, "actions": ["enable user alice"]}}}
    ]
    output = json.dumps({"plays": [{"play": {"name": "Apply"}, "tasks": tasks}], "stats": {}}, indent=4)
    outcome = run_module("storage_drift", {"output": output, "code": 0})
    assert (outcome.code, outcome.result["changed"]) == (0, False), outcome.output
    assert outcome.result["drift"]["state"] == "drift"
    assert outcome.result["drift"]["summary"] == ["access: drift", "  store: Apply\n    enable user alice"]
