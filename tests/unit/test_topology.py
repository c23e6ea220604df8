"""Topology: what templates get, and every refusal with the thing and the variable in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.errors import TopologyError
from plugins.module_utils.storage_server.topology import topology


def node(name, *drives, host="store"):
    return {"name": name, "host": host, "drives": list(drives)}


PRODUCT = [
    node("minio1", "/mnt/drive3"),
    node("minio2", "/mnt/drive2"),
    node("minio3", "/mnt/drive4"),
    node("minio4", "/mnt/drive1"),
]


def params(**changes):
    return {
        "nodes": PRODUCT,
        "pools": [],
        "hosts": ["store"],
        "gateways": ["store"],
        "tls": False,
        "subnet": "172.16.90.0/24",
        "drive_subdirectory": "minio",
        "routes": [],
        "bridge": "storage0",
        **changes,
    }


def test_the_four_nodes_of_the_product():
    result = topology(params())
    assert result["arguments"] == ["http://minio{1...4}/data"]
    assert result["gateway_address"] == "172.16.90.1"
    assert [node["address"] for node in result["nodes"]] == [f"172.16.90.{10 + number}" for number in range(1, 5)]
    assert {node["name"]: node["volumes"] for node in result["nodes"]} == {
        "minio1": [{"source": "/mnt/drive3/minio", "target": "/data"}],
        "minio2": [{"source": "/mnt/drive2/minio", "target": "/data"}],
        "minio3": [{"source": "/mnt/drive4/minio", "target": "/data"}],
        "minio4": [{"source": "/mnt/drive1/minio", "target": "/data"}],
    }
    assert result["pools"] == [
        {"name": "pool1", "nodes": ["minio1", "minio2", "minio3", "minio4"], "argument": "http://minio{1...4}/data"}
    ]


@pytest.mark.parametrize(
    ("nodes", "pools", "arguments"),
    [
        ([node("minio1", "/a", "/b")], [], ["http://minio1/data/{1...2}"]),
        ([node("store", "/a", "/b", "/c", "/d")], [], ["http://store/data/{1...4}"]),
        (
            [node(f"n{i}", f"/d{i}", f"/e{i}") for i in range(9, 12)],
            [],
            ["http://n{9...11}/data/{1...2}"],
        ),
        ([node(f"s0{i}", f"/d{i}") for i in range(1, 5)], [], ["http://s{01...04}/data"]),
        ([node(f"a2b{i}", f"/d{i}") for i in range(3, 5)], [], ["http://a2b{3...4}/data"]),
        (
            [node(f"minio{i}", f"/d{i}") for i in range(1, 7)],
            [
                {"name": "new", "nodes": ["minio5", "minio6"]},
                {"name": "old", "nodes": ["minio1", "minio2", "minio3", "minio4"]},
            ],
            ["http://minio{5...6}/data", "http://minio{1...4}/data"],
        ),
    ],
)
def test_arguments(nodes, pools, arguments):
    assert topology(params(nodes=nodes, pools=pools))["arguments"] == arguments


def test_a_node_with_several_drives_sees_them_numbered():
    result = topology(params(nodes=[node("minio1", "/mnt/a/", "/mnt/b")]))
    assert result["nodes"][0]["volumes"] == [
        {"source": "/mnt/a/minio", "target": "/data/1"},
        {"source": "/mnt/b/minio", "target": "/data/2"},
    ]


@given(st.integers(1, 16), st.integers(1, 4), st.integers(0, 120))
def test_any_even_cluster_has_one_argument_and_as_many_volumes_as_drives(count, drives, first):
    nodes = [node(f"node{first + i}", *(f"/mnt/{i}-{drive}" for drive in range(drives))) for i in range(count)]
    if count * drives == 1:
        return
    result = topology(params(nodes=nodes))
    assert len(result["arguments"]) == 1
    volumes = [volume["source"] for each in result["nodes"] for volume in each["volumes"]]
    assert len(set(volumes)) == count * drives
    assert len({each["address"] for each in result["nodes"]}) == count


REFUSALS = {
    "no nodes": ({"nodes": []}, "storage_nodes"),
    "tls": ({"tls": True}, "storage_tls: false"),
    "name twice": ({"nodes": [node("minio1", "/a"), node("minio1", "/b")]}, "minio1 is given to 2 nodes"),
    "bad name": ({"nodes": [node("Minio1", "/a"), node("minio2", "/b")]}, "'Minio1'"),
    "short name": ({"nodes": [node("m", "/a", "/b")]}, "'m' is no name"),
    "hyphen last": ({"nodes": [node("minio-", "/a", "/b")]}, "'minio-'"),
    "unknown host": ({"hosts": ["other"]}, "node minio1 is on store, but .* has other"),
    "no host": ({"hosts": []}, "has no host"),
    "no drives": ({"nodes": [node("minio1")]}, "node minio1 has no drives"),
    "relative drive": ({"nodes": [node("minio1", "mnt/drive1", "/b")]}, "drive 'mnt/drive1' of node minio1"),
    "root as a drive": ({"nodes": [node("minio1", "/", "/b")]}, "drive '/' of node minio1"),
    "path upwards": ({"nodes": [node("minio1", "/mnt/../a", "/b")]}, "not the absolute path"),
    "drive of two nodes": ({"nodes": [node("minio1", "/a"), node("minio2", "/a/")]}, "/a of host store is used twice"),
    "drive twice": ({"nodes": [node("minio1", "/a", "/a")]}, "/a of host store is used twice"),
    "different numbers": (
        {"nodes": [node("minio1", "/a"), node("minio2", "/b", "/c")]},
        "minio1: 1, minio2: 2",
    ),
    "one drive": ({"nodes": [node("minio1", "/a")]}, "no redundancy"),
    "no sets": ({"nodes": [node("minio1", *(f"/d{i}" for i in range(17)))]}, "17 drives"),
    "no even sets": ({"nodes": [node(f"minio{i}", f"/a{i}", f"/b{i}") for i in range(17)]}, "34 drives on 17 nodes"),
    "gap": ({"nodes": [node("minio1", "/a"), node("minio3", "/b")]}, "minio1, minio3 are not"),
    "order": ({"nodes": [node("minio2", "/a"), node("minio1", "/b")]}, "minio2, minio1 are not"),
    "no number": ({"nodes": [node("alpha", "/a"), node("beta", "/b")]}, "alpha, beta are not"),
    "several hosts": (
        {"nodes": [node("minio1", "/a"), node("minio2", "/b", host="two")], "hosts": ["store", "two"]},
        "not supported yet",
    ),
    "gateway elsewhere": ({"gateways": ["edge"]}, "`gateways` has edge"),
    "no gateway": ({"gateways": []}, "`gateways` has no host"),
    "pool of strangers": ({"pools": [{"name": "p", "nodes": ["minio9"]}]}, "pool p has node minio9"),
    "node in two pools": (
        {"pools": [{"name": "p", "nodes": ["minio1"]}, {"name": "q", "nodes": ["minio1"]}]},
        "minio1 is in p and in q",
    ),
    "node in no pool": ({"pools": [{"name": "p", "nodes": ["minio1", "minio2"]}]}, "no pool has minio3, minio4"),
    "pool name twice": (
        {"pools": [{"name": "p", "nodes": ["minio1", "minio2"]}, {"name": "p", "nodes": ["minio3", "minio4"]}]},
        "p is given to 2 pools",
    ),
    "empty pool": (
        {"pools": [{"name": "p", "nodes": [n["name"] for n in PRODUCT]}, {"name": "q", "nodes": []}]},
        "pool q has no nodes",
    ),
    "bad subnet": ({"subnet": "172.16.90.7/24"}, "storage_subnet"),
    "small subnet": ({"subnet": "172.16.90.0/29"}, "no room for 4 nodes"),
    "absolute subdirectory": ({"drive_subdirectory": "/minio"}, "storage_drive_subdirectory"),
    "no subdirectory": ({"drive_subdirectory": ""}, "storage_drive_subdirectory"),
    "route": (
        {"routes": [{"dst": "172.16.0.0/16", "dev": "eth1"}]},
        r"172.16.90.0/24 overlaps .* 172.16.0.0/16 \(device eth1\)",
    ),
    "blocked route": ({"routes": [{"type": "unreachable", "dst": "172.16.90.128/25"}]}, "device none"),
    "host route": ({"routes": [{"dst": "172.16.90.9", "dev": "wg0"}]}, "172.16.90.9"),
}


@pytest.mark.parametrize(("changes", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(changes, message):
    with pytest.raises(TopologyError, match=message):
        topology(params(**changes))


def test_routes_that_are_no_conflict():
    routes = [
        {"dst": "default", "dev": "eth0", "gateway": "10.0.0.1"},
        {"dst": "10.0.0.0/24", "dev": "eth0"},
        {"dst": "172.16.90.0/24", "dev": "storage0"},
        {"dst": "fe80::/64", "dev": "eth0"},
    ]
    assert topology(params(routes=routes))["subnet"] == "172.16.90.0/24"
