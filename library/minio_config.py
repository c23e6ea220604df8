#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Settings of the server, and who it tells of events."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_config
short_description: Settings of the server, and who it tells of events
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Sets keys of one sub-system of the server, or of one target such as a receiver of events, or removes a target.
  - The server applies some at once (C(api), C(scanner), C(compression), C(heal), C(storage_class), C(audit_webhook),
    C(logger_webhook) and others); receivers of events, identity providers and others wait for a restart of the nodes,
    which is reported and not done.
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
    description:
      - Name of the sub-system, such as V(api), or of one of its targets, such as V(notify_webhook:radar).
      - V(region) is refused. It would shut out every client that signs for another one.
    type: str
    required: true
  state:
    description:
      - Whether there is such a target. V(absent) is for targets only; a sub-system is always there.
    type: str
    choices: [present, absent]
    default: present
  values:
    description:
      - Keys and what they should be; others are not managed. A truth value is V(on) or V(off).
      - The server tries the endpoint of a target before it takes it. A target is switched on unless C(enable) says
        otherwise.
      - A key that the environment of the nodes sets is refused, because the environment wins.
      - Values of keys that are secrets by their name, and URLs with a password in them, are never shown.
    type: dict
"""

EXAMPLES = r"""
- name: Let the scanner take its time
  minio_config:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: scanner
    values: {speed: slow}
  delegate_to: localhost

- name: Tell the radar's pipeline of new files
  minio_config:
    name: notify_webhook:pipeline
    values:
      endpoint: "{{ pipeline_url }}"
      auth_token: "{{ pipeline_token }}"
  delegate_to: localhost
  register: pipeline

- name: Forget it again
  minio_config:
    name: notify_webhook:pipeline
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
settings:
  description: The keys that are managed as they are now, or as they would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: The sub-system or target.
      type: str
    state:
      description: V(present) or V(absent).
      type: str
    values:
      description: The keys that are managed. Of a secret no more than V(as declared) or V(another).
      type: dict
    restart_required:
      description: Whether the nodes run with something else until they are restarted.
      type: bool
  sample: {name: scanner, state: present, values: {speed: slow}, restart_required: false}
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
from ..module_utils.storage_server.nouns import SETTINGS

SPEC = {**CONNECTION, **options.SETTINGS}


def main() -> None:
    run(SETTINGS, SPEC)


if __name__ == "__main__":
    main()
