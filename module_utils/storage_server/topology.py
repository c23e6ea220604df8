"""Nodes and pools as data → what templates need. Whatever cannot work is refused here, before anything is touched."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from .errors import TopologyError
from .runner import Params, Result

# Where node 1 of a host sits in its subnet: the addresses below are for the bridge and for what else joins the network.
FIRST_ADDRESS = 10
# A set is what an object is spread over; the server makes sets of 2 to 16 drives.
SET_SIZES = range(2, 17)


@dataclass(frozen=True)
class Node:
    name: str
    host: str
    drives: tuple[str, ...]


@dataclass(frozen=True)
class Pool:
    name: str
    nodes: tuple[Node, ...]


def topology(params: Params) -> Result:
    """The answer of the module storage_topology."""
    if params["tls"]:
        raise TopologyError("TLS is not implemented yet: set storage_tls: false")
    nodes = read_nodes(params["nodes"])
    host = the_host(nodes, params["hosts"], params["gateways"])
    check_drives(nodes)
    pools = read_pools(params["pools"], nodes)
    subnet = read_subnet(params["subnet"], len(nodes))
    check_routes(subnet, params["routes"], params["bridge"])
    subdirectory = read_subdirectory(params["drive_subdirectory"])
    described = [
        {
            "name": node.name,
            "host": host,
            "hostname": node.name,
            "address": str(subnet.network_address + FIRST_ADDRESS + number),
            "drives": list(node.drives),
            "volumes": volumes(node, subdirectory),
        }
        for number, node in enumerate(nodes, start=1)
    ]
    shown = [{"name": pool.name, "nodes": [n.name for n in pool.nodes], "argument": argument(pool)} for pool in pools]
    return {
        "arguments": [pool["argument"] for pool in shown],
        "pools": shown,
        "nodes": described,
        "subnet": str(subnet),
        "gateway_address": str(subnet.network_address + 1),
    }


def read_nodes(given: Sequence[Params]) -> list[Node]:
    """Nodes with valid, unique names and absolute, unique drives."""
    if not given:
        raise TopologyError("There are no nodes: set storage_nodes to a list of {name, host, drives}")
    nodes = [Node(n["name"], n["host"], tuple(_drive(n["name"], d) for d in n["drives"])) for n in given]
    for name, times in Counter(node.name for node in nodes).items():
        if times > 1:
            raise TopologyError(f"storage_nodes: the name {name} is given to {times} nodes")
    for node in nodes:
        if len(node.name) < 2 or not re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", node.name):
            raise TopologyError(
                f"storage_nodes: {node.name!r} is no name for a node: use 2 to 63 lower-case letters, digits and"
                " hyphens, with a letter first and a letter or digit last"
            )
        if not node.drives:
            raise TopologyError(f"storage_nodes: node {node.name} has no drives: list its mount points in `drives`")
    return nodes


def _drive(node: str, drive: str) -> str:
    path = PurePosixPath(drive)
    if not path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
        raise TopologyError(f"storage_nodes: drive {drive!r} of node {node} is not the absolute path of a mount point")
    return str(path)


def the_host(nodes: Sequence[Node], hosts: Sequence[str], gateways: Sequence[str]) -> str:
    """The one host that runs everything."""
    for node in nodes:
        if node.host not in hosts:
            known = ", ".join(hosts) or "no host"
            raise TopologyError(
                f"storage_nodes: node {node.name} is on {node.host}, but the inventory's group `storage` has {known}"
            )
    used = sorted({node.host for node in nodes})
    if len(used) > 1:
        raise TopologyError(
            f"storage_nodes: several hosts ({', '.join(used)}) are not supported yet: give all nodes the same host"
        )
    if list(gateways) != used:
        raise TopologyError(
            f"The inventory's group `gateways` has {', '.join(gateways) or 'no host'}: a gateway on another host than"
            f" the nodes' is not supported yet, put {used[0]} into it, and nothing else"
        )
    return used[0]


def check_drives(nodes: Sequence[Node]) -> None:
    """One mount point, one node: two nodes on one drive lose their data together."""
    owner: dict[tuple[str, str], str] = {}
    for node in nodes:
        for drive in node.drives:
            other = owner.setdefault((node.host, drive), node.name)
            if other != node.name or node.drives.count(drive) > 1:
                raise TopologyError(
                    f"storage_nodes: drive {drive} of host {node.host} is used twice ({other}, {node.name})"
                )


def read_pools(given: Sequence[Params], nodes: Sequence[Node]) -> list[Pool]:
    """Pools that hold each node once, and that the server can make sets of."""
    by_name = {node.name: node for node in nodes}
    wanted = given or [{"name": "pool1", "nodes": list(by_name)}]
    placed: dict[str, str] = {}
    for wish in wanted:
        for name in wish["nodes"]:
            if name not in by_name:
                raise TopologyError(f"storage_pools: pool {wish['name']} has node {name}, which storage_nodes lacks")
            if name in placed:
                raise TopologyError(f"storage_pools: node {name} is in {placed[name]} and in {wish['name']}")
            placed[name] = wish["name"]
    missing = [name for name in by_name if name not in placed]
    if missing:
        raise TopologyError(f"storage_pools: no pool has {', '.join(missing)}: a node is in exactly one pool")
    for name, times in Counter(wish["name"] for wish in wanted).items():
        if times > 1:
            raise TopologyError(f"storage_pools: the name {name} is given to {times} pools")
    pools = [Pool(wish["name"], tuple(by_name[name] for name in wish["nodes"])) for wish in wanted]
    for pool in pools:
        check_pool(pool)
    return pools


def check_pool(pool: Pool) -> None:
    """Whether the server can spread objects over the drives of this pool."""
    if not pool.nodes:
        raise TopologyError(f"storage_pools: pool {pool.name} has no nodes")
    counts = {node.name: len(node.drives) for node in pool.nodes}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name}: {count}" for name, count in counts.items())
        raise TopologyError(
            f"Pool {pool.name}: its nodes have different numbers of drives ({listed}): give each node as many, or put"
            " nodes that differ into pools of their own (storage_pools)"
        )
    total = sum(counts.values())
    if total == 1:
        raise TopologyError(
            f"Pool {pool.name} has one drive: it would have no redundancy, and could never be expanded. Give it at"
            " least two drives (storage_nodes)"
        )
    if not any(divides(size, total, len(counts)) for size in SET_SIZES):
        raise TopologyError(
            f"Pool {pool.name} has {total} drives on {len(counts)} nodes, which cannot be divided into equal sets of 2"
            " to 16 that spread evenly over the nodes: change their number (storage_nodes) or the division into pools"
            " (storage_pools)"
        )
    node_range(pool)


def divides(size: int, total: int, nodes: int) -> bool:
    """Whether the server would make sets of this size."""
    return total % size == 0 and (nodes % size == 0 if nodes > size else size % nodes == 0)


def node_range(pool: Pool) -> str:
    """The nodes as the server's ellipsis: only pools that are written so can be joined by others later."""
    names = [node.name for node in pool.nodes]
    if len(names) == 1:
        return names[0]
    match = re.fullmatch(r"(.*?)(\d+)", names[0])
    if match:
        prefix, first = match.groups()
        width = len(first) if first.startswith("0") else 0
        numbers = [f"{int(first) + offset:0{width}d}" for offset in range(len(names))]
        if names == [prefix + number for number in numbers]:
            return f"{prefix}{{{numbers[0]}...{numbers[-1]}}}"
    raise TopologyError(
        f"Pool {pool.name}: nodes {', '.join(names)} are not a prefix and consecutive numbers, such as minio1, minio2,"
        " minio3: the server needs them as a range (storage_nodes, storage_pools)"
    )


def argument(pool: Pool) -> str:
    """The pool as an argument of the server."""
    count = len(pool.nodes[0].drives)
    drives = f"/{{1...{count}}}" if count > 1 else ""
    return f"http://{node_range(pool)}/data{drives}"


def volumes(node: Node, subdirectory: str) -> list[dict[str, str]]:
    """Which directory of the host a node sees where."""
    sources = [f"{drive}/{subdirectory}" for drive in node.drives]
    if len(sources) == 1:
        return [{"source": sources[0], "target": "/data"}]
    return [{"source": source, "target": f"/data/{number}"} for number, source in enumerate(sources, start=1)]


def read_subdirectory(given: str) -> str:
    """A path below the mount point, so that it exists only while the drive is mounted."""
    path = PurePosixPath(given)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise TopologyError(f"storage_drive_subdirectory: {given!r} is not a path below a mount point, such as minio")
    return str(path)


def read_subnet(given: str, nodes: int) -> ipaddress.IPv4Network:
    """A subnet with room for the nodes."""
    try:
        subnet = ipaddress.IPv4Network(given)
    except ValueError as error:
        raise TopologyError(
            f"storage_subnet: {given!r} is not an IPv4 subnet such as 172.16.90.0/24: {error}"
        ) from error
    # The last address is the subnet's broadcast address.
    if FIRST_ADDRESS + nodes > subnet.num_addresses - 2:
        raise TopologyError(f"storage_subnet: {given} has no room for {nodes} nodes, which begin at address 11 in it")
    return subnet


def check_routes(subnet: ipaddress.IPv4Network, routes: Sequence[Params], bridge: str) -> None:
    """A subnet that the host already reaches some other way would cut that way off."""
    for route in routes:
        destination, device = route["dst"], route.get("dev", "none")
        if destination == "default" or device == bridge:
            continue
        if ipaddress.ip_network(destination, strict=False).overlaps(subnet):
            raise TopologyError(
                f"storage_subnet: {subnet} overlaps the host's route {destination} (device {device}): choose a subnet"
                " that the host does not use"
            )
