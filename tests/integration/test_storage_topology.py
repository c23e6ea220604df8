"""storage_topology as Ansible runs it; what it computes is in tests/unit/test_topology.py."""

from tests.harness import run_module

NODES = [
    {"name": "minio1", "host": "store", "drives": ["/mnt/drive3"]},
    {"name": "minio2", "host": "store", "drives": ["/mnt/drive2"]},
]
OPTIONS = {"nodes": NODES, "hosts": ["store"], "gateways": ["store"], "subnet": "172.16.90.0/24"}


def test_it_answers_in_check_mode_too():
    for flags in ([], ["--check"]):
        outcome = run_module("storage_topology", OPTIONS, *flags)
        assert (outcome.code, outcome.result["changed"]) == (0, False)
        assert outcome.result["topology"]["arguments"] == ["http://minio{1...2}/data"]


def test_a_refusal_names_the_variable():
    outcome = run_module("storage_topology", {**OPTIONS, "routes": [{"dst": "172.16.0.0/16", "dev": "eth0"}]})
    assert outcome.code != 0
    assert outcome.result["error"]["code"] == "Topology"
    assert outcome.result["msg"].startswith("storage_subnet: 172.16.90.0/24 overlaps the host's route 172.16.0.0/16")
