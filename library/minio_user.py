#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Create, change and remove a user."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user
short_description: Create, change and remove a user
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Keeps a user, its status, its policies and its secret the way the options and the credential store say.
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
    description: Name of the user, which is its access key.
    type: str
    required: true
  state:
    description: Whether there is such a user. A user that goes takes its keys and memberships along.
    type: str
    choices: [present, absent]
    default: present
  secret:
    description:
      - First secret of the user, 8 characters or more. Left out, one is made.
      - Once the credential store has one, that one wins.
    type: str
  enabled:
    description: Whether the user is let in.
    type: bool
  policies:
    description: Exactly these policies are attached; an empty list detaches all.
    type: list
    elements: str
  secrets:
    description:
      - How a secret that was changed behind our back is found.
      - V(export) compares with the server's export, which holds all secrets in clear. It is refused unless the
        connection uses TLS or does not leave this machine, and is the default there.
      - V(probe) sends one signed request for each secret that the credential store has. The default elsewhere.
      - V(trust) does not look.
    type: str
    choices: [export, probe, trust]
  credentials_dir:
    description:
      - The credential store, a folder on the machine that runs the module. Secrets that are made are kept there, and a
        secret that is kept there wins over one that is given.
      - Without it, nothing is made.
    type: path
"""

EXAMPLES = r"""
- name: Have a user who may read the radar's data
  minio_user:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: alice
    policies: [radar-readers]
    credentials_dir: inventory/prod/.credentials
  delegate_to: localhost

- name: Remove a user, with the connection from the environment
  minio_user:
    name: alice
    state: absent
    credentials_dir: inventory/prod/.credentials
  delegate_to: localhost
"""

RETURN = r"""
user:
  description: The user as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    enabled:
      description: Whether it is let in.
      type: bool
    policies:
      description: What is attached to it.
      type: list
      elements: str
    secret:
      description: V(as declared), or V(another) where it was found changed.
      type: str
    state:
      description: V(present) or V(absent). Of one that is absent there is nothing else but its name.
      type: str
  sample: {name: alice, state: present, enabled: true, policies: [radar-readers], secret: as declared}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create user alice, 'attach to user alice: radar-readers']
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
from ..module_utils.storage_server.connection import CONNECTION, SECRETS
from ..module_utils.storage_server.converge import run
from ..module_utils.storage_server.nouns import USER

SPEC = {**CONNECTION, **options.USER, **SECRETS}


def main() -> None:
    run(USER, SPEC)


if __name__ == "__main__":
    main()
