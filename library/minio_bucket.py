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
  - Creates a bucket, keeps its settings the way the options say, or removes it once it is empty.
  - An option that is left out is not managed; an empty value clears.
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
  excluded_prefixes:
    description: Prefixes of objects that are kept out of versioning; an empty list keeps none out.
    type: list
    elements: str
  exclude_folders:
    description: Whether objects whose names end in V(/) are kept out of versioning.
    type: bool
  object_lock:
    description:
      - Whether objects can be locked against removal. Decided when the bucket is made; asking for another later is
        refused.
      - It brings versioning, which cannot be suspended then.
    type: bool
  retention:
    description: How long new objects are locked if nobody says otherwise. Empty is not at all. Wants O(object_lock).
    type: dict
    suboptions:
      mode:
        description: Whether some may still remove them (V(governance)) or nobody (V(compliance)).
        type: str
        choices: [governance, compliance]
      days:
        description: For so many days.
        type: int
      years:
        description: For so many years.
        type: int
  quota:
    description: Bytes that the bucket may hold, such as V(10G); V(0) is no limit.
    type: bytes
  tags:
    description: Exactly these tags; an empty dictionary removes all.
    type: dict
  lifecycle:
    description:
      - Exactly these rules; an empty list removes all. Rules are compared by what they say, and the server names them.
    type: list
    elements: dict
    suboptions:
      enabled:
        description: Whether the rule is followed.
        type: bool
        default: true
      prefix:
        description: Only objects whose names begin so.
        type: str
      tags:
        description: Only objects with these tags.
        type: dict
      expire_days:
        description: Days after which an object is removed.
        type: int
      expire_date:
        description: Day on which objects are removed, such as V(2031-01-31).
        type: str
      expire_delete_markers:
        description: Whether a delete marker with no version left is removed.
        type: bool
      noncurrent_expire_days:
        description: Days after which an old version is removed.
        type: int
      noncurrent_keep:
        description: Old versions that are kept all the same.
        type: int
      transition_days:
        description: Days after which an object moves to another tier. Wants O(lifecycle[].transition_tier).
        type: int
      transition_tier:
        description: The tier, which has to exist.
        type: str
      noncurrent_transition_days:
        description: Days after which an old version moves to another tier.
        type: int
      noncurrent_transition_tier:
        description: The tier, which has to exist.
        type: str
  encryption:
    description:
      - How new objects are encrypted if their writer says nothing. Empty is not at all.
      - Wants a server that has a key (O(ignore:cluster_kms_key) of role cluster), and is refused without one.
    type: dict
    suboptions:
      type:
        description: With a key of the server's choice (V(sse-s3)), or with the one that is named (V(sse-kms)).
        type: str
        choices: [sse-s3, sse-kms]
      key:
        description: Name of the key for V(sse-kms).
        type: str
  notifications:
    description:
      - Exactly these notifications; an empty list removes all.
      - Wants receivers that the server runs with (M(minio_config), and a restart); others are refused.
    type: list
    elements: dict
    suboptions:
      target:
        description: Who is told, by type and name. V(webhook:radar) is what is set as C(notify_webhook:radar).
        type: str
        required: true
      events:
        description: What is told, such as V(s3:ObjectCreated:*).
        type: list
        elements: str
        required: true
      prefix:
        description: Only of objects whose names begin so.
        type: str
      suffix:
        description: Only of objects whose names end so.
        type: str
  policy:
    description:
      - What visitors without a key may do. V(private), V(download), V(upload), V(public), or a document with
        C(Principal). Empty or V(private) is nothing.
    type: raw
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

- name: Keep the radar's data for ten years, and let nobody remove it before
  minio_bucket:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    name: superdarn-archive
    object_lock: true
    retention: {mode: governance, years: 10}
    quota: 500G
    tags: {owner: radar}
  delegate_to: localhost

- name: Remove what nobody wants to keep
  minio_bucket:
    name: processed-data
    lifecycle:
      - {prefix: scratch/, expire_days: 7}
      - {noncurrent_expire_days: 30, noncurrent_keep: 2}
    policy: private
  delegate_to: localhost

- name: Encrypt what is written, and tell the radar's pipeline of new files
  minio_bucket:
    name: superdarn-incoming
    encryption: {type: sse-s3}
    notifications:
      - {target: webhook:radar, events: ["s3:ObjectCreated:*"], suffix: .h5}
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
      description: >-
        V(enabled), V(suspended), or null where it was never set. Only of a bucket that is present. Its other settings
        are beside it, under the names of their options, where they are set.
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
from ..module_utils.storage_server.converge import run
from ..module_utils.storage_server.nouns import BUCKET

SPEC = {**CONNECTION, **options.BUCKET}


def main() -> None:
    run(BUCKET, SPEC)


if __name__ == "__main__":
    main()
