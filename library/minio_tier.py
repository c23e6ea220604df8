#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Another store that old objects move to."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_tier
short_description: Another store that old objects move to
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Makes a tier known to the server, keeps its credentials working, or removes it once it holds nothing.
  - Whether its credentials work is found by having the server try them, in check mode too. That leaves nothing behind.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Says what would be done, and writes nothing.
    support: full
  diff_mode:
    description: Shows what is managed before and after, without secrets.
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
    description: Name of the tier, in upper case. Lifecycle rules of buckets name it.
    type: str
    required: true
  state:
    description:
      - Whether there is such a tier. The server refuses to remove one that holds objects.
    type: str
    choices: [present, absent]
    default: present
  type:
    description: What the other store is.
    type: str
    choices: [minio, s3]
    default: minio
  remote:
    description:
      - The other store. The server writes, reads and removes an object there before it takes it.
      - Of a tier that is there only the credentials can be changed.
    type: dict
    suboptions:
      endpoint:
        description: Its URL, such as V(https://archive:9000).
        type: str
        required: true
      bucket:
        description: Its bucket.
        type: str
        required: true
      prefix:
        description: Where in the bucket.
        type: str
      region:
        description: Its region.
        type: str
      storage_class:
        description: Class of the objects there, for type V(s3).
        type: str
      access_key:
        description: Name of the credentials.
        type: str
        required: true
      secret_key:
        description:
          - Secret of the credentials. Never logged.
          - The server does not tell it. It is sent where the tier is made, and where the other store refuses the
            credentials that the server has.
        type: str
"""

EXAMPLES = r"""
- name: Move what is old to the archive
  minio_tier:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: ARCHIVE
    remote:
      endpoint: "{{ archive_url }}"
      bucket: old-data
      access_key: "{{ archive_access_key }}"
      secret_key: "{{ archive_secret_key }}"
  delegate_to: localhost

- name: Remove a tier that nothing moves to any more
  minio_tier:
    name: ARCHIVE
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
tier:
  description: The tier as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    state:
      description: V(present) or V(absent). Of a tier that is present, its options are beside it.
      type: str
    credentials:
      description: V(work), or V(refused) by the other store.
      type: str
  sample: {name: ARCHIVE, state: present, type: minio, bucket: old-data, credentials: work}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create policy radar-readers]
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
from ..module_utils.storage_server.converge import run
from ..module_utils.storage_server.nouns import TIER

SPEC = {**CONNECTION, **options.TIER}


def main() -> None:
    run(TIER, SPEC)


if __name__ == "__main__":
    main()
