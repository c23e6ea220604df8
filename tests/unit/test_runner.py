"""The runner with the fake: check mode, diff, actions, errors and secrets."""

import json

import pytest
from ansible.module_utils.testing import patch_module_args

from plugins.module_utils.storage_server import converge, runner
from plugins.module_utils.storage_server.errors import RequestError, StoreError
from plugins.modules import minio_bucket, minio_health, storage_deployment, storage_topology
from tests.fake_store import FakeBucket, FakeNode, FakeStore, World

CONNECTION = {"endpoint": "http://store:9000", "access_key": "storageadmin", "secret_key": "sesame-open"}


@pytest.fixture
def world(monkeypatch):
    world = World(nodes={"minio1": FakeNode()})
    monkeypatch.setattr(converge, "connect", lambda params, *, read_only: FakeStore(world, read_only))
    return world


@pytest.fixture
def call(capsys):
    def call(module, check=False, **options):
        with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            module.main()
        output = capsys.readouterr().out
        assert "sesame-open" not in output
        return json.loads(output)

    return call


def test_check_apply_again_drift_repair_absent_absent(world, call):
    want = {**CONNECTION, "name": "models", "versioning": "enabled"}
    absent = {"name": "models", "state": "absent"}
    present = {"name": "models", "state": "present", "versioning": "enabled"}
    actions = ["create bucket models", "set versioning of bucket models to enabled"]

    checked = call(minio_bucket, check=True, **want)
    assert world.writes == []
    applied = call(minio_bucket, **want)
    for result in (checked, applied):
        assert (result["changed"], result["actions"]) == (True, actions)
        assert result["bucket"] == present
        after = {"buckets": {"models": {"name": "models", "versioning": "enabled"}}}
        assert result["diff"] == {"before": {}, "after": after}

    again = call(minio_bucket, **want)
    assert (again["changed"], again["actions"], again["bucket"]) == (False, [], present)
    assert again["diff"]["before"] == again["diff"]["after"]

    world.buckets["models"].versioning = "suspended"
    assert call(minio_bucket, **want)["actions"] == actions[1:]

    assert call(minio_bucket, **CONNECTION, name="models", state="absent")["actions"] == ["remove bucket models"]
    gone = call(minio_bucket, **CONNECTION, name="models", state="absent")
    assert (gone["changed"], gone["bucket"]) == (False, absent)


def test_an_error_says_what_and_why(world, call):
    world.buckets["models"] = FakeBucket()
    world.outage = StoreError("Failed to look", code="SlowDown", status=503, request_id="17F")
    result = call(minio_bucket, **CONNECTION, name="models")
    assert result["failed"]
    assert result["msg"] == "Failed to look"
    assert result["error"] == {"code": "SlowDown", "status": 503, "request_id": "17F"}


def test_options_are_checked_before_anything_is_asked(world, call):
    world.outage = StoreError("must not be asked")
    result = call(minio_bucket, **CONNECTION, name="No")
    assert result["error"]["code"] == "InvalidBucketName"


def test_health_fails_with_what_was_found(world, call):
    assert call(minio_health, **CONNECTION, nodes=["minio1"])["health"]["healthy"]
    result = call(minio_health, **CONNECTION, nodes=["minio1", "minio2"], timeout=0)
    assert result["failed"]
    assert result["error"]["code"] == "Unhealthy"
    assert result["health"]["nodes"][1]["state"] == "missing"
    checked = call(minio_health, check=True, **CONNECTION, nodes=["minio1"])
    assert checked["health"]["nodes"][0]["canary"] == "skipped"


def test_pure_modules_need_no_store(call):
    nodes = [{"name": "minio1", "host": "store", "drives": ["/a", "/b"]}]
    common = {"nodes": nodes, "subnet": "172.16.90.0/24", "gateways": ["store"]}
    result = call(storage_topology, hosts=["store"], **common)
    assert (result["changed"], result["topology"]["arguments"]) == (False, ["http://minio1/data/{1...2}"])
    assert call(storage_topology, hosts=[], **common)["error"]["code"] == "Topology"


def test_secrets_inside_dictionaries_are_masked_wherever_they_show(call):
    def cluster(secret):
        node = {"image": "a", "command": [], "volumes": [], "environment": {"MINIO_KMS_SECRET_KEY": secret}}
        return {"host": "store", "compose": {"services": {"minio1": node}}, "root_digest": "0" * 40}

    result = call(storage_deployment, deployed=cluster("sesame-open"), desired=cluster("sesame-open-2"), data=False)
    assert "sesame" not in json.dumps(result)
    assert "0" * 40 not in json.dumps(result)


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"MINIO_ROOT_PASSWORD": "a"}, {"a"}),
        ({"list": [{"auth_token": "b"}, {"image": "c"}], "secret_key": ""}, {"b"}),
        ({"secrets": {"inner": "d", "password": "e"}}, {"e"}),
        ("password", set()),
    ],
)
def test_hidden_values(value, hidden):
    assert runner.hidden_values(value) == hidden


def test_a_connection_is_made_from_the_options_without_a_request():
    options = {**CONNECTION, "region": "us-east-1", "validate_certs": True, "ca_path": None}
    assert converge.connect(options, read_only=True).read_only


def test_a_python_without_the_sdk_is_told_which_one_to_use(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "plugins.module_utils.storage_server.client", None)
    with pytest.raises(RequestError, match="virtual environment") as missing:
        converge.connect(CONNECTION, read_only=True)
    assert missing.value.code == "NoSDK"
