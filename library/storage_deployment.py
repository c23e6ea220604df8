#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Compare the deployed cluster with the desired one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_deployment
short_description: Compare the deployed cluster with the desired one
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Lists what differs, and with each difference the playbook that carries such a change out.
  - For a cluster that holds data any difference is a failure, because a running cluster is changed only by the playbook
    made for it.
  - It talks to nothing and changes nothing. Values of variables that are secrets by their name are never shown.
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
  deployed:
    description: What runs, or would run if it were started. Where nothing is deployed, nothing differs.
    type: dict
    required: true
    suboptions:
      host:
        description: Inventory name of the host.
        type: str
        required: true
      compose:
        description: The Compose file of the nodes, as data. Empty or without services, there is nothing.
        type: dict
        required: true
      root_digest:
        description: Digest of the root credentials. Compared, never shown.
        type: str
        default: ''
      key_digest:
        description: Digest of the key that objects are encrypted with. Compared, never shown.
        type: str
        default: ''
  desired:
    description: What the inventory asks for.
    type: dict
    required: true
    suboptions:
      host:
        description: Inventory name of the host.
        type: str
        required: true
      compose:
        description: The Compose file of the nodes, as data. Empty or without services, there is nothing.
        type: dict
        required: true
      root_digest:
        description: Digest of the root credentials. Compared, never shown.
        type: str
        default: ''
      key_digest:
        description: Digest of the key that objects are encrypted with. Compared, never shown.
        type: str
        default: ''
  data:
    description: Whether the cluster holds data. If not, differences are returned, and no failure.
    type: bool
    default: true
  allow_restart:
    description: Whether settings that need no playbook, but a restart of the nodes (limits, logs), may differ.
    type: bool
    default: false
  playbooks:
    description: Names of the playbooks that this version has, so that the message can say which it has not.
    type: list
    elements: str
    default: []
  playbook:
    description: The playbook that asks, by its name alone. What it is for may differ, and so may what needs a restart.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Refuse what needs a playbook of its own
  storage_deployment:
    deployed:
      host: store
      compose:
        services:
          minio1: {image: 'storageserver/minio:aaaa', command: [server, 'http://minio{1...2}/data'], volumes: []}
          minio2: {image: 'storageserver/minio:aaaa', command: [server, 'http://minio{1...2}/data'], volumes: []}
    desired:
      host: store
      compose:
        services:
          minio1: {image: 'storageserver/minio:bbbb', command: [server, 'http://minio{1...2}/data'], volumes: []}
          minio2: {image: 'storageserver/minio:bbbb', command: [server, 'http://minio{1...2}/data'], volumes: []}
    data: false
  delegate_to: localhost
  register: result
"""

RETURN = r"""
deployment:
  description: What differs; also returned when the module fails for it.
  returned: success, and when differences are refused
  type: dict
  contains:
    differences:
      description: >-
        For each difference C(what) (V(image), V(environment), V(arguments), V(root credentials), V(encryption key),
        V(drives), V(host), V(pools) or V(settings)), C(node) (the nodes that differ in this way, empty for the whole
        cluster), C(old), C(new), and the C(playbook) for it, empty for settings.
      type: list
      elements: dict
  sample:
    differences:
      - what: image
        node: minio1, minio2
        old: storageserver/minio:aaaa
        new: storageserver/minio:bbbb
        playbook: playbooks/upgrade.yml
error:
  description: The reason of a failure, for decisions. RV(ignore:msg) says it in words.
  returned: on failure
  type: dict
  contains:
    code:
      description: V(Deployment).
      type: str
    status:
      description: HTTP status, or 0.
      type: int
    request_id:
      description: What the server calls the request, or an empty string.
      type: str
  sample: {code: Deployment, status: 0, request_id: ''}
"""

from ..module_utils.storage_server.deployment import deployment
from ..module_utils.storage_server.runner import report

CLUSTER = {
    "host": {"type": "str", "required": True},
    "compose": {"type": "dict", "required": True},
    "root_digest": {"type": "str", "default": "", "no_log": True},
    "key_digest": {"type": "str", "default": "", "no_log": True},
}
SPEC = {
    "deployed": {"type": "dict", "required": True, "options": CLUSTER},
    "desired": {"type": "dict", "required": True, "options": CLUSTER},
    "data": {"type": "bool", "default": True},
    "allow_restart": {"type": "bool", "default": False},
    "playbooks": {"type": "list", "elements": "str", "default": []},
    "playbook": {"type": "str", "default": ""},
}


def main() -> None:
    report("deployment", SPEC, deployment)


if __name__ == "__main__":
    main()
