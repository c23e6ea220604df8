"""What a run in check mode printed, and what is made of it."""

import json

import pytest

from plugins.module_utils.storage_server.drift import drift
from plugins.module_utils.storage_server.errors import RequestError


def output(*tasks):
    plays = [{"play": {"name": "Deploy"}, "tasks": [{"task": {"name": n}, "hosts": {"store": r}} for n, r in tasks]}]
    return "[WARNING]: something\n" + json.dumps({"plays": plays, "stats": {}}, indent=4) + "\n[WARNING]: more\n"


def report(*tasks, code=0):
    return drift({"output": output(*tasks), "code": code})


def test_nothing_differs():
    found = report(("drives : Judge", {"changed": False}), ("Look", {"skipped": True}))
    assert found["state"] == "ok"
    assert {name: layer["state"] for name, layer in found["layers"].items()} == {"drives": "ok", "Deploy": "ok"}
    assert found["summary"] == ["drives: ok", "Deploy: ok"]


@pytest.mark.parametrize(
    ("result", "details"),
    [
        ({"actions": ["enable user alice", "create bucket models"]}, ["enable user alice", "create bucket models"]),
        ({"dest": "/opt/storageserver/nginx/nginx.conf"}, ["/opt/storageserver/nginx/nginx.conf"]),
        ({"actions": [{"id": "minio1"}], "cmd": ["docker", "compose"]}, ["docker compose"]),
        ({"results": [{"changed": True, "path": "/a"}, {"changed": False, "path": "/b"}]}, ["/a"]),
        ({"results": [{"changed": True, "item": {"mount_point": "/mnt/a", "size": 1}}]}, ["/mnt/a"]),
        ({"diff": [{"before": "", "before_header": "/etc/x", "after": ""}]}, ["/etc/x"]),
        ({"diff": {"before_header": "/etc/y"}}, ["/etc/y"]),
        ({"censored": "hidden"}, []),
    ],
)
def test_what_would_change_is_named(result, details):
    found = report(("access : Apply", {"changed": True, **result}))
    assert found["state"] == "drift"
    assert found["layers"]["access"]["changes"] == [{"host": "store", "task": "Apply", "details": details}]
    assert found["summary"][0] == "access: drift"


def test_an_error_is_worse_than_drift():
    failed = {"failed": True, "changed": True, "msg": "This cluster holds data"}
    found = report(("access : Apply", {"changed": True}), ("cluster : Refuse", failed), code=2)
    assert found["state"] == "error"
    assert found["layers"]["cluster"]["errors"] == [
        {"host": "store", "task": "Refuse", "message": "This cluster holds data"}
    ]
    assert "  store: Refuse failed: This cluster holds data" in found["summary"]


def test_a_host_that_cannot_be_reached_is_an_error():
    assert report(("drives : Judge", {"unreachable": True, "msg": "no route"}), code=4)["state"] == "error"


def test_a_run_that_failed_somewhere_else_is_an_error():
    assert report(("drives : Judge", {"changed": False}), code=1)["state"] == "error"


def test_a_run_of_nothing_is_an_error():
    assert drift({"output": '{\n"plays": []}', "code": 0})["state"] == "error"


@pytest.mark.parametrize("text", ["", "ERROR! the playbook could not be found", '{\n"x": 1}'])
def test_a_run_that_gave_no_report_says_what_it_said(text):
    with pytest.raises(RequestError, match=r"gave no report: ."):
        drift({"output": text, "code": 1})
