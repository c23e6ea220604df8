#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Create, change and remove a policy."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_policy
short_description: Create, change and remove a policy
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Keeps a policy the way a document says. Documents are compared by what they mean. Order, single values in place of
    lists, and the forms that the server gives back make no difference.
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
    description: Name of the policy, without a comma. Policies that every server has are refused.
    type: str
    required: true
  state:
    description: Whether there is such a policy. One that is attached is not removed by the server.
    type: str
    choices: [present, absent]
    default: present
  document:
    description:
      - A document as a dictionary or as JSON, with C(Version) V(2012-10-17) and a list of statements.
      - Refused are C(NotAction), which breaks every policy of the server, unknown keys, and IPv6 addresses without a
        prefix length, which the server widens.
      - Required with O(state=present).
    type: raw
"""

EXAMPLES = r"""
- name: Let the radar's readers read
  minio_policy:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: radar-readers
    document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: [s3:GetObject, s3:ListBucket]
          Resource: ["arn:aws:s3:::superdarn-data", "arn:aws:s3:::superdarn-data/*"]
  delegate_to: localhost

- name: Remove a policy, with the connection from the environment
  minio_policy:
    name: radar-readers
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
policy:
  description: The policy as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    statements:
      description: Its statements in canonical form.
      type: list
      elements: dict
    state:
      description: V(present) or V(absent). Of one that is absent there is nothing else but its name.
      type: str
  sample: {name: radar-readers, state: absent}
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
from ..module_utils.storage_server.nouns import POLICY

SPEC = {**CONNECTION, **options.POLICY}


def main() -> None:
    run(POLICY, SPEC)


if __name__ == "__main__":
    main()
