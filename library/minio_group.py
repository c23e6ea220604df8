#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Create, change and remove a group of users."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_group
short_description: Create, change and remove a group of users
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Keeps a group, its status, its members and its policies the way the options say.
  - An option that is left out is not managed; an empty value clears.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Says what would be done, and writes nothing.
    support: full
  diff_mode:
    description: Shows what changes, before and after. Never a secret.
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
    description: Name of the group.
    type: str
    required: true
  state:
    description: Whether there is such a group. Its members are taken out before it goes.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description: Whether its policies count.
    type: bool
  members:
    description: Exactly these users are its members; an empty list takes all out.
    type: list
    elements: str
  policies:
    description: Exactly these policies are attached; an empty list detaches all.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a group of readers
  minio_group:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: readers
    members: [alice]
    policies: [readonly]
  delegate_to: localhost

- name: Remove a group, with the connection from the environment
  minio_group:
    name: readers
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
group:
  description: The group as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    enabled:
      description: Whether its policies count.
      type: bool
    members:
      description: Its members.
      type: list
      elements: str
    policies:
      description: What is attached to it.
      type: list
      elements: str
    state:
      description: V(present) or V(absent). Of one that is absent there is nothing else but its name.
      type: str
  sample: {name: readers, state: present, enabled: true, members: [alice], policies: [readonly]}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create group readers, add alice to group readers, 'attach to group readers: readonly']
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
from ..module_utils.storage_server.nouns import GROUP

SPEC = {**CONNECTION, **options.GROUP}


def main() -> None:
    run(GROUP, SPEC)


if __name__ == "__main__":
    main()
