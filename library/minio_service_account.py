#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Create, change and remove the key of an application."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_service_account
short_description: Create, change and remove the key of an application
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Keeps a service account for an application. Its access key and secret are made here and kept in the credential
    store, below C(applications/).
  - Every change sends the policy again, and makes sure that it is still there. A key that loses its policy would have
    all the rights of its parent.
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
  application:
    description: Name of the application that uses the key. The credential store knows which key that is.
    type: str
    required: true
  state:
    description: Whether there is such a service account.
    type: str
    choices: [present, absent]
    default: present
  parent:
    description: The user whose rights the key has at most. Required with O(state=present); it cannot be changed.
    type: str
  policy:
    description:
      - A document as a dictionary or as JSON, with C(Version) V(2012-10-17) and a list of statements.
      - Refused are C(NotAction), which breaks every policy of the server, unknown keys, and IPv6 addresses without a
        prefix length, which the server widens.
      - Narrows the rights of the parent. Left out of a new key, the key has all of them.
    type: raw
  name:
    description: Name of the key on the server, 32 letters, digits, hyphens and underscores at most.
    type: str
  description:
    description: Words for people, 256 bytes at most. Can be changed, not cleared.
    type: str
  expires:
    description: When the key ends, such as V(2027-01-31T00:00:00Z), within a year. Empty is never.
    type: str
  enabled:
    description: Whether the key is let in.
    type: bool
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
- name: Have a key for the training jobs that reads models only
  minio_service_account:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    application: training
    parent: alice
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: [s3:GetObject]
          Resource: ["arn:aws:s3:::models/*"]
    credentials_dir: inventory/prod/.credentials
  delegate_to: localhost

- name: Remove it, with the connection from the environment
  minio_service_account:
    application: training
    state: absent
    credentials_dir: inventory/prod/.credentials
  delegate_to: localhost
"""

RETURN = r"""
service_account:
  description: The service account as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    application:
      description: Whose it is.
      type: str
    access_key:
      description: Its access key. Its secret is in the credential store.
      type: str
    parent:
      description: The user whose rights it has at most.
      type: str
    policy:
      description: Its own policy in canonical form, or null.
      type: list
      elements: dict
    name:
      description: Its name on the server.
      type: str
    description:
      description: Words for people.
      type: str
    expires:
      description: When it ends, or null.
      type: str
    enabled:
      description: Whether it is let in.
      type: bool
    secret:
      description: V(as declared), or V(another) where it was found changed.
      type: str
    state:
      description: V(present) or V(absent). Of one that is absent there is nothing else but its name.
      type: str
  sample: {application: training, state: absent}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create service account training of alice]
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
from ..module_utils.storage_server.nouns import SERVICE_ACCOUNT

SPEC = {**CONNECTION, **options.SERVICE_ACCOUNT, **SECRETS}


def main() -> None:
    run(SERVICE_ACCOUNT, SPEC)


if __name__ == "__main__":
    main()
