#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Remove everything that a bucket holds."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_empty_bucket
short_description: Remove everything that a bucket holds
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Removes all objects, old versions, delete markers and unfinished uploads of a bucket. Nothing brings them back.
  - What is locked or under a legal hold stays, and is a failure that names it.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Says what would be done, and writes nothing.
    support: full
  diff_mode:
    description: What goes can be more than anyone wants to see.
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
  name:
    description: Name of the bucket.
    type: str
    required: true
  confirm:
    description: The same name once more.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Begin again
  minio_empty_bucket:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: scratch
    confirm: scratch
  delegate_to: localhost
"""

RETURN = r"""
bucket:
  description: What was in it.
  returned: success, and when something stays
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    held:
      description: The first few things that it held.
      type: list
      elements: str
    removed:
      description: How many versions and delete markers were removed; V(0) in check mode.
      type: int
  sample: {name: scratch, held: [object a], removed: 1}
error:
  description: The reason of a failure, for decisions. RV(ignore:msg) says it in words.
  returned: on failure
  type: dict
  contains:
    code:
      description: >-
        What the server calls it, such as V(AccessDenied), or one of V(InvalidBucketName), V(NotEmpty), V(Policy),
        V(Unreachable), V(Request), V(Busy) and V(NoSDK).
      type: str
    status:
      description: HTTP status, or 0.
      type: int
    request_id:
      description: What the server calls the request, or an empty string.
      type: str
  sample: {code: NotEmpty, status: 0, request_id: ''}
"""

from ..module_utils.storage_server.connection import CONNECTION
from ..module_utils.storage_server.converge import report_on_store
from ..module_utils.storage_server.emptying import empty

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "confirm": {"type": "str", "required": True},
}


def main() -> None:
    report_on_store("bucket", SPEC, empty)


if __name__ == "__main__":
    main()
