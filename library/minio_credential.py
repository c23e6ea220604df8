#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Replace credentials, step by step."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_credential
short_description: Replace keys of applications, secrets of users, and root's password, step by step
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - A key of an application is replaced with an overlap. The new one is made beside the old one, proved through the
    gateway and through every node, and published in the credential store; the old one is disabled and deleted later.
  - A secret of a user, and root's password, are changed in place.
  - A journal below C(rotation) of the credential store says how far each has come. It is written before each step, and
    what the server says wins over it. A run that was killed is finished by the next one, chosen or not.
  - It runs on the controller, with the Python of the project's virtual environment.
requirements:
  - minio 7.2 (Python package)
attributes:
  check_mode:
    description: Says what would be done, and writes nothing.
    support: full
  diff_mode:
    description: The state of each credential, before and after. No secret.
    support: full
  idempotent:
    description: Running it again changes nothing before the next step falls due.
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
  credentials_dir:
    description: The credential store, a folder on the machine that runs the module.
    type: path
    required: true
  nodes:
    description: Names of all nodes. A new secret is tried through the endpoint, and through each of them.
    type: list
    elements: str
    default: []
  credentials:
    description: The credentials that this is about.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: What it is.
        type: str
        choices: [application, user, root]
        required: true
      name:
        description: Name of the application or user; V(root) for root.
        type: str
        required: true
      max_age_days:
        description: Days after which it is due; V(0) is never.
        type: int
        default: 0
      proof:
        description:
          - Bucket and prefix in which a new key of an application writes, reads and removes an object, such as
            V(models/.proof/).
          - Left out, nothing is written. What it may do in a few buckets is compared with what the old one may, by a
            read of an object that is not there and by a write whose checksum is wrong.
        type: str
      consumed:
        description: Whether a file of a consumer holds it. Such a user is not replaced unless O(allow_gap) is set.
        type: bool
        default: false
  select:
    description: Which of them are replaced. V(none) only goes on with what was begun.
    type: str
    choices: [due, all, none]
    default: due
  names:
    description:
      - Only these names, whatever their age.
      - V(ingest) is every credential of that name, and V(application/ingest) the one of that kind.
    type: list
    elements: str
    default: []
  kinds:
    description: Only these kinds.
    type: list
    elements: str
    choices: [application, user, root]
    default: []
  state:
    description:
      - V(published) replaces what was selected, up to the credential store's own file. Root waits at V(generated) until
        all nodes have been restarted with the pending password (lookup P(storage_pending#lookup)).
      - V(retired) says that consumers have been written. The grace of old keys begins, and what is due of them is
        disabled and deleted.
      - V(restored) goes back to the old ones of O(names).
      - V(reported) changes nothing and asks nobody.
    type: str
    choices: [published, retired, restored, reported]
    default: published
  grace_seconds:
    description: Seconds that an old key stays enabled once consumers have been written.
    type: int
    default: 86400
  retire_seconds:
    description: Seconds from then on until it is deleted.
    type: int
    default: 86400
  revoke_now:
    description: Disable and delete old keys without waiting.
    type: bool
    default: false
  allow_gap:
    description: Replace users although a consumer works with them.
    type: bool
    default: false
  run:
    description: Name of the run that this call belongs to. One run at a time rotates; each of its calls keeps the lock.
    type: str
    default: ""
  take_over:
    description: Take the lock of another run, which is known to be dead.
    type: bool
    default: false
  release:
    description: Give the lock back after this call.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Replace the keys that are older than 90 days
  minio_credential:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    credentials_dir: inventory/prod/.credentials
    credentials:
      - {kind: application, name: ingest, max_age_days: 90}
  delegate_to: localhost

- name: Disable and delete the old ones, as far as that is due
  minio_credential:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    credentials_dir: inventory/prod/.credentials
    credentials:
      - {kind: application, name: ingest}
    state: retired
  delegate_to: localhost
"""

RETURN = r"""
credentials:
  description: The credentials, in the order of the option.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: As in the option.
      type: str
    name:
      description: As in the option.
      type: str
    access_key:
      description: The key that is in use.
      type: str
    state:
      description: How far it has come.
      type: str
    age_days:
      description: How old the secret in use is.
      type: float
    due:
      description: When the next step may be done, in ISO form; empty if it is never due.
      type: str
    next:
      description: The next step in words.
      type: str
    old:
      description: The old key, while it is on the server.
      type: str
    changed:
      description: Whether anything was done with it.
      type: bool
    needs_restart:
      description: Whether all nodes are to be restarted with root's pending password now.
      type: bool
    gap_seconds:
      description: Seconds for which a user's file had a secret that the server refused.
      type: float
    skipped:
      description: Why it was not replaced although it is due.
      type: str
  sample:
    - kind: application
      name: ingest
      access_key: 7GHD2K0QW5TZ1ENB4XVA
      state: grace
      age_days: 0.01
      due: "2026-11-27T12:00:00+00:00"
      next: disable the old key of application ingest from 2026-11-27 12:00 UTC on
      old: Q5RN8Y2LJ0CMT6PF3KWS
      changed: true
      needs_restart: false
      gap_seconds: 0.0
      skipped: ""
actions:
  description: What was done, or would be, a sentence a step.
  returned: success
  type: list
  elements: str
  sample: [publish the new secret of application ingest]
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
from ..module_utils.storage_server.rotating import run

KINDS = ["application", "user", "root"]
SPEC = {
    **CONNECTION,
    "credentials_dir": {"type": "path", "required": True},
    "nodes": {"type": "list", "elements": "str", "default": []},
    "credentials": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": KINDS, "required": True},
            "name": {"type": "str", "required": True},
            "max_age_days": {"type": "int", "default": 0},
            "proof": {"type": "str"},
            "consumed": {"type": "bool", "default": False},
        },
    },
    "select": {"type": "str", "choices": ["due", "all", "none"], "default": "due"},
    "names": {"type": "list", "elements": "str", "default": []},
    "kinds": {"type": "list", "elements": "str", "choices": KINDS, "default": []},
    "state": {"type": "str", "choices": ["published", "retired", "restored", "reported"], "default": "published"},
    "grace_seconds": {"type": "int", "default": 86400},
    "retire_seconds": {"type": "int", "default": 86400},
    "revoke_now": {"type": "bool", "default": False},
    "allow_gap": {"type": "bool", "default": False},
    "run": {"type": "str", "default": ""},
    "take_over": {"type": "bool", "default": False},
    "release": {"type": "bool", "default": False},
}


def main() -> None:
    run(SPEC)


if __name__ == "__main__":
    main()
