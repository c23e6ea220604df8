"""Health: what makes a cluster unhealthy, that waiting ends, and that canaries leave nothing behind."""

from dataclasses import dataclass, field

import pytest

from plugins.module_utils.storage_server.errors import (
    CredentialsError,
    RequestError,
    UnhealthyError,
    UnreachableError,
)
from plugins.module_utils.storage_server.health import Gate, capacity, health, quorum
from plugins.module_utils.storage_server.store import Answer
from tests.fake_store import FakeBucket, FakeNode, FakeStore, World

NODES = ["minio1", "minio2", "minio3", "minio4"]


@pytest.fixture
def world():
    return World(nodes={name: FakeNode() for name in NODES})


def params(**changes):
    return {
        "endpoint": "http://store:9000",
        "nodes": NODES,
        "drives": 4,
        "canary": True,
        "canary_bucket": "canaries",
        "maintenance": False,
        "timeout": 0,
        "fail": False,
        **changes,
    }


@dataclass
class Clock:
    """Time that passes only while somebody sleeps; `events` happen on the way."""

    now: float = 0.0
    events: dict = field(default_factory=dict)

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for due in [due for due in self.events if due <= self.now]:
            self.events.pop(due)()


def objects(world):
    return [version.name for bucket in world.buckets.values() for version in bucket.versions]


def test_a_healthy_cluster(world):
    result = health(FakeStore(world), params())
    assert result["healthy"]
    assert result["problems"] == []
    assert result["quorum"] == {"write": 2, "read": 2}
    assert [node["canary"] for node in result["nodes"]] == ["passed"] * 4
    assert result["nodes"][0]["drives"] == [
        {"path": "/data", "state": "ok", "total": 100, "used": 10, "free": 90, "healing": False}
    ]
    assert result["versions_equal"]
    assert result["capacity"] == {"raw": 400, "usable": 200, "used": 20}
    assert result["default_credentials_refused"] is True


@pytest.mark.parametrize("versioning", [None, "enabled", "suspended"])
def test_canaries_leave_nothing_but_the_bucket(world, versioning):
    world.buckets["canaries"] = FakeBucket(versioning)
    health(FakeStore(world), params())
    assert list(world.buckets) == ["canaries"]
    assert objects(world) == []


def test_check_mode_writes_nothing(world):
    result = health(FakeStore(world, read_only=True), params())
    assert result["healthy"]
    assert [node["canary"] for node in result["nodes"]] == ["skipped"] * 4
    assert world.writes == []


def test_no_canary_where_none_is_wanted(world):
    assert health(FakeStore(world), params(canary=False))["healthy"]
    assert world.writes == []


def lag(world):
    world.nodes["minio3"].refuses_writes = True


def corrupt(world):
    world.nodes["minio3"].corrupts = True


def not_ready(world):
    world.nodes["minio3"].status = 503


def not_initialised(world):
    world.nodes["minio3"].offline_header = True


def offline(world):
    world.nodes["minio3"].state = "offline"


def unknown(world):
    del world.nodes["minio3"]


def drive_lost(world):
    world.nodes["minio3"].drive = "offline"


def other_version(world):
    world.nodes["minio3"].version = "2025-01-01T00:00:00Z"


def default_credentials(world):
    world.accounts["minioadmin"] = "minioadmin"


def misled(world):
    world.nodes["minio3"].answers_for = "minio1:9000"


def no_bucket(world):
    world.nodes[""] = FakeNode(refuses_writes=True)


def gone(world):
    world.outage = UnreachableError("no answer")


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (lag, "minio3: canary: please reduce your request rate"),
        (corrupt, "minio3: canary: what was read is not what was written"),
        (not_ready, "minio3: its health check answers 503"),
        (not_initialised, "minio3: its health check answers 200, offline"),
        (offline, "minio3: the servers call it offline"),
        (unknown, "minio3: the servers call it missing"),
        (drive_lost, "minio3: drive /data is offline"),
        (drive_lost, "3 of 4 drives are ok"),
        (other_version, "minio3 has 2025-01-01T00:00:00Z"),
        (default_credentials, "default credentials minioadmin:minioadmin are accepted"),
        (gone, "minio3: no answer"),
        (gone, "cluster: no answer"),
        (misled, "minio3: another node answered for it"),
        (no_bucket, "canary bucket: please reduce your request rate"),
    ],
)
def test_faults_are_named(world, fault, problem):
    fault(world)
    result = health(FakeStore(world), params())
    assert not result["healthy"]
    assert any(problem in each for each in result["problems"]), result["problems"]
    with pytest.raises(UnhealthyError, match=r"http://store:9000 is not healthy") as failed:
        health(FakeStore(world), params(fail=True))
    assert problem in str(failed.value)
    assert failed.value.result["health"]["healthy"] is False


def test_it_waits_for_a_node_that_lags(world):
    lag(world)
    clock = Clock(events={17: lambda: setattr(world.nodes["minio3"], "refuses_writes", False)})
    result = health(FakeStore(world), params(timeout=40), clock, clock.sleep)
    assert result["healthy"]
    assert clock.now == 17


def test_it_gives_up_in_time(world):
    lag(world)
    clock = Clock()
    assert not health(FakeStore(world), params(timeout=40), clock, clock.sleep)["healthy"]
    assert 39 <= clock.now <= 40


def test_it_does_not_wait_for_default_credentials_to_go(world):
    default_credentials(world)
    clock = Clock()
    result = health(FakeStore(world), params(timeout=40), clock, clock.sleep)
    assert result["default_credentials_refused"] is False
    assert clock.now == 0


def test_whether_default_credentials_are_refused_is_not_known_where_nobody_answers(world):
    gone(world)
    assert health(FakeStore(world), params())["default_credentials_refused"] is None


def test_own_credentials_that_are_wrong_fail_at_once(world):
    clock = Clock()
    with pytest.raises(CredentialsError):
        health(FakeStore(world, secret_key="wrong"), params(timeout=40), clock, clock.sleep)
    assert clock.now == 0


def test_a_canary_that_its_node_keeps_is_removed_through_the_gateway(world):
    world.nodes["minio3"].refuses_removal = True
    result = health(FakeStore(world), params())
    assert result["nodes"][2]["canary"] == "failed"
    assert objects(world) == []


def test_a_canary_that_nobody_removes_is_tried_again_at_the_next_look(world):
    gate = Gate(FakeStore(world), params())
    world.nodes.update({"minio3": FakeNode(refuses_removal=True), "": FakeNode(refuses_removal=True)})
    gate.look()
    gate.sweep()
    assert len(objects(world)) == 1
    world.nodes = {name: FakeNode() for name in NODES}
    assert gate.look()["healthy"]
    assert objects(world) == []


def test_nodes_must_be_named(world):
    with pytest.raises(RequestError, match="nodes"):
        health(FakeStore(world), params(nodes=[]))


def test_the_number_of_drives_may_be_left_out(world):
    assert health(FakeStore(world), params(drives=None))["healthy"]


def test_capacity_of_pools_with_different_sets():
    def server(pool, drives):
        return {"drives": [{"totalspace": 100, "usedspace": 50, "pool_index": pool}] * drives}

    info = {
        "servers": [server(0, 4), server(1, 8), {}],
        "backend": {"standardSCParity": 2, "totalDrivesPerSet": [4, 8]},
    }
    assert capacity(info) == {"raw": 1200, "usable": 800, "used": 400}
    assert capacity({}) == {"raw": 0, "usable": 0, "used": 0}


def test_an_offline_node_is_one_problem_and_not_three(world):
    offline(world)
    world.nodes["minio3"].version = ""
    drive_lost(world)
    result = health(FakeStore(world), params(drives=None))
    assert result["problems"] == ["minio3: the servers call it offline"]
    assert not result["versions_equal"]


def test_where_the_servers_cannot_be_asked_nothing_is_said_of_drives(world):
    gone(world)
    result = health(FakeStore(world), params())
    assert not any("drives" in problem for problem in result["problems"])
    assert {node["state"] for node in result["nodes"]} == {"unknown"}


def test_quorum_that_a_server_does_not_tell():
    assert quorum(None, "read") is None
    assert quorum(Answer(503, {}), "read") is None
    assert quorum(Answer(200, {"x-minio-read-quorum": "3"}), "read") == 3


@pytest.mark.parametrize(
    ("fault", "problem"), [("needed", "minio3: it cannot be missed now"), ("healing", "drive /data is being healed")]
)
def test_whether_a_node_can_be_missed(world, fault, problem):
    setattr(world.nodes["minio3"], fault, True)
    assert health(FakeStore(world), params())["healthy"]
    found = health(FakeStore(world), params(maintenance=True))
    assert not found["healthy"]
    assert any(problem in line for line in found["problems"])
