#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Create, configure and remove a bucket."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_bucket
short_description: Create, configure and remove a bucket
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Creates a bucket, keeps its versioning the way the options say, or removes it once it is empty.
  - An option that is left out is not managed.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Says what would be done, and writes nothing.
    support: full
  diff_mode:
    description: Shows the bucket before and after.
    support: full
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
    description: Name of the bucket, 3 to 63 lower-case letters, digits, dots and hyphens.
    type: str
    required: true
  state:
    description:
      - Whether there is such a bucket.
      - With V(absent), a bucket that holds objects, old versions, delete markers or unfinished uploads is refused, and
        the message says what it holds. There is no option to remove it all the same.
      - The server lists an unfinished upload only through the node that began it, and until that node restarts. One
        that it does not list goes unseen, and goes with the bucket.
    type: str
    choices: [present, absent]
    default: present
  versioning:
    description:
      - Whether old versions of objects are kept.
      - Left out, it is not managed. It can be suspended, but once enabled never be unset again.
    type: str
    choices: [enabled, suspended]
"""

EXAMPLES = r"""
- name: Keep every version of the models
  minio_bucket:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: models
    versioning: enabled
  delegate_to: localhost

- name: Remove a bucket that is empty, with the connection from the environment
  minio_bucket:
    name: scratch
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
bucket:
  description: The bucket as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    state:
      description: V(present) or V(absent).
      type: str
    versioning:
      description: V(enabled), V(suspended), or null where it was never set. Only of a bucket that is present.
      type: str
  sample: {name: models, state: present, versioning: enabled}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create bucket models, set versioning of bucket models to enabled]
done:
  description: The changes that were made before a failure.
  returned: on failure, if anything had to be changed
  type: list
  elements: str
not_done:
  description: The changes that were not made, the one that failed first. Running it again makes them.
  returned: on failure, if anything had to be changed
  type: list
  elements: str
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

from ..module_utils.storage_server import options
from ..module_utils.storage_server.connection import CONNECTION
from ..module_utils.storage_server.nouns import BUCKET
from ..module_utils.storage_server.runner import run

SPEC = {**CONNECTION, **options.BUCKET}


def main() -> None:
    run(BUCKET, SPEC)


if __name__ == "__main__":
    main()
