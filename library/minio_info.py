#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Read everything in a store, in the words of minio_access."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_info
short_description: Read everything in a store, in the words of minio_access
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Returns what M(minio_access) takes. Giving it back there changes nothing, so that a store that exists can be taken
    over.
  - Policies that every server has, the identity that asks and the bucket of the gate are left out. Secrets are never
    returned.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Writes nothing at any time.
    support: full
  diff_mode:
    description: Nothing is changed.
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
- name: Read what is there
  minio_info:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    credentials_dir: inventory/prod/.credentials
  delegate_to: localhost
  register: store
"""

RETURN = r"""
info:
  description: The options of M(minio_access) that describe the store as it is.
  returned: success
  type: dict
  contains:
    buckets:
      description: Buckets.
      type: list
      elements: dict
    policies:
      description: Policies, in canonical form.
      type: list
      elements: dict
    users:
      description: Users, without their secrets.
      type: list
      elements: dict
    groups:
      description: Groups.
      type: list
      elements: dict
    service_accounts:
      description: Keys. One that the credential store does not know has its access key in place of an application.
      type: list
      elements: dict
  sample: {buckets: [{name: models}], policies: [], users: [], groups: [], service_accounts: []}
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

from ..module_utils.storage_server.connection import CONNECTION, SECRETS
from ..module_utils.storage_server.converge import info

SPEC = {**CONNECTION, **SECRETS}


def main() -> None:
    info(SPEC)


if __name__ == "__main__":
    main()
