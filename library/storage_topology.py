#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Turn nodes and pools into what templates need."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_topology
short_description: Turn nodes and pools into what templates need
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Checks the model of a cluster, refuses what cannot work, and computes the server's arguments, the nodes' addresses
    and what each node binds. No template computes these again.
  - It talks to nothing and changes nothing.
attributes:
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Nothing is ever changed, so there is nothing to show.
    support: none
  idempotent:
    description: Running it again changes nothing.
    support: full
options:
  nodes:
    description: The nodes, variable C(storage_nodes). Their order gives their addresses.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: A prefix and a number, such as V(minio1); the nodes of a pool are numbered consecutively.
        type: str
        required: true
      host:
        description: Inventory name of the host that runs the node.
        type: str
        required: true
      drives:
        description: Mount points of the drives that are the node's alone.
        type: list
        elements: str
        required: true
  pools:
    description: The pools, variable C(storage_pools). Empty means one pool of all nodes, in their order.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the pool.
        type: str
        required: true
      nodes:
        description: Names of its nodes.
        type: list
        elements: str
        required: true
  hosts:
    description: Inventory names of the hosts in group C(storage).
    type: list
    elements: str
    required: true
  gateways:
    description: Inventory names of the hosts in group C(gateways).
    type: list
    elements: str
    required: true
  tls:
    description: Variable C(storage_tls). V(true) is refused, because it is not implemented yet.
    type: bool
    default: false
  subnet:
    description: Variable C(storage_subnet), the subnet of the nodes on one host. Node I(n) gets its address 10 + I(n).
    type: str
    required: true
  drive_subdirectory:
    description: Variable C(storage_drive_subdirectory), the directory of a drive that a node binds.
    type: str
    default: minio
  routes:
    description:
      - Routes of the host, as C(ip -json route) lists them. A route that overlaps O(subnet) is refused.
      - Of each, C(dst) and C(dev) are looked at; V(default) is not.
    type: list
    elements: dict
    default: []
  bridge:
    description: Device of the nodes' own network, whose route is no conflict.
    type: str
    default: storage0
"""

EXAMPLES = r"""
- name: Two nodes with a drive each
  storage_topology:
    nodes:
      - {name: minio1, host: store, drives: [/mnt/drive3]}
      - {name: minio2, host: store, drives: [/mnt/drive2]}
    hosts: [store]
    gateways: [store]
    subnet: 172.16.90.0/24
  delegate_to: localhost
  register: result
"""

RETURN = r"""
topology:
  description: The cluster as templates need it.
  returned: success
  type: dict
  contains:
    arguments:
      description: Arguments of the server, one for each pool.
      type: list
      elements: str
    pools:
      description: For each pool C(name), C(nodes) (names) and C(argument).
      type: list
      elements: dict
    nodes:
      description: >-
        For each node C(name), C(host), C(hostname), C(address), C(drives) (mount points) and C(volumes) (C(source) on
        the host, C(target) in the container).
      type: list
      elements: dict
    subnet:
      description: The subnet.
      type: str
    gateway_address:
      description: Address of the host in the subnet.
      type: str
  sample:
    arguments: ['http://minio{1...2}/data']
    pools:
      - {name: pool1, nodes: [minio1, minio2], argument: 'http://minio{1...2}/data'}
    nodes:
      - name: minio1
        host: store
        hostname: minio1
        address: 172.16.90.11
        drives: [/mnt/drive3]
        volumes: [{source: /mnt/drive3/minio, target: /data}]
    subnet: 172.16.90.0/24
    gateway_address: 172.16.90.1
error:
  description: The reason of a failure, for decisions. RV(ignore:msg) says it in words.
  returned: on failure
  type: dict
  contains:
    code:
      description: V(Topology).
      type: str
    status:
      description: HTTP status, or 0.
      type: int
    request_id:
      description: What the server calls the request, or an empty string.
      type: str
  sample: {code: Topology, status: 0, request_id: ''}
"""

from ..module_utils.storage_server.runner import report
from ..module_utils.storage_server.topology import topology

NODE = {
    "name": {"type": "str", "required": True},
    "host": {"type": "str", "required": True},
    "drives": {"type": "list", "elements": "str", "required": True},
}
POOL = {
    "name": {"type": "str", "required": True},
    "nodes": {"type": "list", "elements": "str", "required": True},
}
SPEC = {
    "nodes": {"type": "list", "elements": "dict", "required": True, "options": NODE},
    "pools": {"type": "list", "elements": "dict", "default": [], "options": POOL},
    "hosts": {"type": "list", "elements": "str", "required": True},
    "gateways": {"type": "list", "elements": "str", "required": True},
    "tls": {"type": "bool", "default": False},
    "subnet": {"type": "str", "required": True},
    "drive_subdirectory": {"type": "str", "default": "minio"},
    "routes": {"type": "list", "elements": "dict", "default": []},
    "bridge": {"type": "str", "default": "storage0"},
}


def main() -> None:
    report("topology", SPEC, topology)


if __name__ == "__main__":
    main()
