#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Wait until every node of the store can be relied on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_health
short_description: Wait until every node of the store can be relied on
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Asks every node by itself, through the gateway, for its health, its version and its drives, and proves it by a
    canary, an object that is written, read back, compared and removed through that node.
  - Looks again every half second until everything passes, because after a restart a node may refuse writes for up to 18
    seconds while its health check is already green.
  - Tries that the credentials which every MinIO has out of the box are refused.
  - It never reports a change. What it leaves behind is the empty bucket of the canaries.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Does not write the canaries, because they are writes.
    support: full
  diff_mode:
    description: Nothing is ever changed, so there is nothing to show.
    support: none
  idempotent:
    description: Running it again changes nothing.
    support: full
options:
  endpoint:
    description:
      - Where the store is, as a URL such as V(http://store:9000), or as V(host:port).
      - Without a scheme E(MINIO_SECURE) decides between HTTP (V(false)) and HTTPS (the default).
      - Falls back to E(MINIO_ENDPOINT).
    type: str
    required: true
  access_key:
    description:
      - Name of the credentials to use.
      - Falls back to E(MINIO_ACCESS_KEY).
    type: str
    required: true
  secret_key:
    description:
      - Secret of the credentials to use. Never logged.
      - Falls back to E(MINIO_SECRET_KEY).
    type: str
    required: true
  region:
    description:
      - Region that requests are signed for. Only a store with a region of its own needs another.
      - Falls back to E(MINIO_REGION).
    type: str
    default: us-east-1
  validate_certs:
    description:
      - Whether the certificate of the store is checked.
      - Falls back to E(MINIO_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates to trust, in place of those of the system.
      - Falls back to E(MINIO_CA_PATH).
    type: path
  nodes:
    description:
      - Names of the nodes that are asked.
      - The gateway passes a request on to the node that the header C(X-Storage-Node) names; it does so for
        administrative networks only.
    type: list
    elements: str
    required: true
  drives:
    description: How many drives must be ok, in all. Left out, every drive that the servers know must be ok.
    type: int
  canary:
    description: Whether to write and read an object through each node.
    type: bool
    default: true
  canary_bucket:
    description: Bucket for the canaries. It is created where it is missing.
    type: str
    default: storageserver-canary
  maintenance:
    description: Whether each node must be one that can be missed now. No drive may be healing then.
    type: bool
    default: false
  timeout:
    description: Seconds after which to give up. V(0) looks once.
    type: int
    default: 40
  fail:
    description:
      - Whether a cluster that is not healthy in time is a failure.
      - With V(false) it is returned as it is. Credentials that the store does not accept are a failure in any case.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Wait for four nodes with a drive each
  minio_health:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    nodes: [minio1, minio2, minio3, minio4]
    drives: 4
  delegate_to: localhost

- name: Look once, and write nothing
  minio_health:
    nodes: [minio1, minio2, minio3, minio4]
    canary: false
    timeout: 0
    fail: false
  delegate_to: localhost
  register: status
"""

RETURN = r"""
health:
  description: What was found at the last look; also returned when the module fails for it.
  returned: success, and when the cluster is not healthy
  type: dict
  contains:
    healthy:
      description: Whether there is no problem.
      type: bool
    problems:
      description: A sentence for each problem.
      type: list
      elements: str
    quorum:
      description: How many drives of a set must answer for a C(write) and for a C(read), or null.
      type: dict
    nodes:
      description: >-
        For each node C(name), C(state), C(version), C(commit), C(drives) (C(path), C(state), C(total), C(used), C(free)
        in bytes, C(healing)), C(canary) (V(passed), V(failed) or V(skipped)) and C(error), which is null without one.
      type: list
      elements: dict
    versions_equal:
      description: Whether all nodes run the same version and commit.
      type: bool
    capacity:
      description: Bytes. C(raw) is all drives together; C(usable) and C(used) are without parity.
      type: dict
    buckets:
      description: Names of the buckets.
      type: list
      elements: str
    default_credentials_refused:
      description: Whether the credentials out of the box are refused, null if that could not be tried.
      type: bool
  sample:
    healthy: true
    problems: []
    quorum: {write: 3, read: 2}
    nodes:
      - name: minio1
        state: online
        version: '2026-02-12T20:18:48Z'
        commit: 7aac2a2c5b7c882e68c1ce017d8256be2feea27f
        drives: [{path: /data, state: ok, total: 2136997888, used: 43393024, free: 2093604864, healing: false}]
        canary: passed
        error: null
    versions_equal: true
    capacity: {raw: 8547991552, usable: 4273995776, used: 86786048}
    buckets: [models]
    default_credentials_refused: true
error:
  description: The reason of a failure, for decisions. RV(ignore:msg) says it in words.
  returned: on failure
  type: dict
  contains:
    code:
      description: What the server calls it, or one of V(Unhealthy), V(Request), V(NoSDK).
      type: str
    status:
      description: HTTP status, or 0.
      type: int
    request_id:
      description: What the server calls the request, or an empty string.
      type: str
  sample: {code: Unhealthy, status: 0, request_id: ''}
"""

from ..module_utils.storage_server.connection import CONNECTION
from ..module_utils.storage_server.converge import report_on_store
from ..module_utils.storage_server.health import health

SPEC = {
    **CONNECTION,
    "nodes": {"type": "list", "elements": "str", "required": True},
    "drives": {"type": "int"},
    "canary": {"type": "bool", "default": True},
    "canary_bucket": {"type": "str", "default": "storageserver-canary"},
    "maintenance": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 40},
    "fail": {"type": "bool", "default": True},
}


def main() -> None:
    report_on_store("health", SPEC, health)


if __name__ == "__main__":
    main()
