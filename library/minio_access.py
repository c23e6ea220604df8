#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Bring everything in a store to what was declared."""

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_access
short_description: Bring everything in a store to what was declared
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Buckets, policies, users, groups and the keys of applications in one call. One plan, one diff, one order of writes.
  - Reading takes a constant number of requests with O(secrets=export), however much there is.
  - A kind that is left out is not managed at all. Of an item, an option that is left out is not managed; an empty
    value clears.
  - What is in the store and was not declared is reported, and removed only where O(unmanaged) says so. Policies that
    every server has, the identity that asks, what the gateway needs, and keys that the credential store knows are
    never reported and never removed. A bucket that holds anything is never removed.
  - A run that fails says what was done and what was not; running it again does the rest.
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
  settings:
    description: Settings of the server, as M(minio_config) has them.
    type: list
    elements: dict
    suboptions:
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
  tiers:
    description: Other stores that old objects move to, as M(minio_tier) has them.
    type: list
    elements: dict
    suboptions:
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
  buckets:
    description: Buckets.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the bucket.
        type: str
        required: true
      state:
        description: Whether there is such a bucket.
        type: str
        choices: [present, absent]
        default: present
      versioning:
        description: Whether old versions are kept. Once enabled, it can be suspended, but never be unset again.
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
        description: >-
          How long new objects are locked if nobody says otherwise. Empty is not at all. Wants O(buckets[].object_lock).
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
          - Exactly these rules; an empty list removes all. Rules are compared by what they say, and the server names
            them.
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
            description: >-
              Days after which an object moves to another tier. Wants O(buckets[].lifecycle[].transition_tier).
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
      access:
        description:
          - Shorthand for least privilege. Each right becomes a policy (C(BUCKET-read), C(BUCKET-write)) that is
            attached to the declared users and groups that it names.
          - A user or group that is named here has exactly these policies and those that it declares itself.
        type: dict
        suboptions:
          read:
            description: Users and groups that may list the bucket and read objects.
            type: list
            elements: str
          write:
            description: Users and groups that may list the bucket, and write and delete objects.
            type: list
            elements: str
  policies:
    description: Policies.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the policy. Policies that every server has are refused.
        type: str
        required: true
      state:
        description: Whether there is such a policy.
        type: str
        choices: [present, absent]
        default: present
      document:
        description:
          - A document as a dictionary or as JSON, with C(Version) V(2012-10-17) and a list of statements.
          - Refused are C(NotAction), which breaks every policy of the server, unknown keys, and IPv6 addresses without
            a prefix length, which the server widens.
        type: raw
  users:
    description: Users.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the user, which is its access key.
        type: str
        required: true
      state:
        description: Whether there is such a user.
        type: str
        choices: [present, absent]
        default: present
      secret:
        description: First secret of the user; left out, one is made. Once the credential store has one, that one wins.
        type: str
      enabled:
        description: Whether the user is let in.
        type: bool
      policies:
        description: Exactly these policies are attached.
        type: list
        elements: str
  groups:
    description: Groups.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the group.
        type: str
        required: true
      state:
        description: Whether there is such a group.
        type: str
        choices: [present, absent]
        default: present
      enabled:
        description: Whether its policies count.
        type: bool
      members:
        description: Exactly these users are its members.
        type: list
        elements: str
      policies:
        description: Exactly these policies are attached.
        type: list
        elements: str
  service_accounts:
    description: Keys of applications. They are made here and kept in the credential store.
    type: list
    elements: dict
    suboptions:
      application:
        description: Name of the application that uses the key.
        type: str
        required: true
      state:
        description: Whether there is such a service account.
        type: str
        choices: [present, absent]
        default: present
      parent:
        description: The user whose rights the key has at most. It cannot be changed.
        type: str
      policy:
        description:
          - A document as a dictionary or as JSON, with C(Version) V(2012-10-17) and a list of statements.
          - Refused are C(NotAction), which breaks every policy of the server, unknown keys, and IPv6 addresses without
            a prefix length, which the server widens.
          - Narrows the rights of the parent. Left out of a new key, the key has all of them.
        type: raw
      name:
        description: Name of the key on the server. Can be changed, not cleared.
        type: str
      description:
        description: Words for people. Can be changed, not cleared.
        type: str
      expires:
        description: When the key ends, such as V(2027-01-31T00:00:00Z), within a year. Empty is never.
        type: str
      enabled:
        description: Whether the key is let in.
        type: bool
  unmanaged:
    description: What is done with what is there and was not declared, by kind. V(remove) wants the kind to be declared.
    type: dict
    suboptions:
      buckets:
        description: Undeclared buckets.
        type: str
        choices: [report, remove]
        default: report
      policies:
        description: Undeclared policies.
        type: str
        choices: [report, remove]
        default: report
      users:
        description: Undeclared users.
        type: str
        choices: [report, remove]
        default: report
      groups:
        description: Undeclared groups.
        type: str
        choices: [report, remove]
        default: report
      service_accounts:
        description: Undeclared service accounts.
        type: str
        choices: [report, remove]
        default: report
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
- name: Have what the radar group needs, and nothing else
  minio_access:
    endpoint: http://store:9000
    access_key: "{{ store_access_key }}"
    secret_key: "{{ store_secret_key }}"
    credentials_dir: inventory/prod/.credentials
    buckets:
      - name: superdarn-data
        versioning: enabled
        access: {read: [analysts], write: [radar]}
    users:
      - name: radar
      - name: alice
    groups:
      - name: analysts
        members: [alice]
    service_accounts:
      - application: ingest
        parent: radar
    unmanaged: {users: remove, groups: remove}
  delegate_to: localhost
"""

RETURN = r"""
access:
  description: What an operator wants to know of the store as it is now, or as it would be in check mode.
  returned: success
  type: dict
  contains:
    service_accounts:
      description: Access key of each declared application. Secrets are in the credential store.
      type: dict
    unmanaged:
      description: Names of what is there and was not declared, by kind.
      type: dict
  sample: {service_accounts: {ingest: AKEXAMPLE}, unmanaged: {users: [], groups: [interns]}}
actions:
  description: A sentence for each change.
  returned: success
  type: list
  elements: str
  sample: [create bucket superdarn-data, create user radar]
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

from ..module_utils.storage_server.connection import CONNECTION, SECRETS
from ..module_utils.storage_server.converge import run
from ..module_utils.storage_server.nouns import EVERYTHING
from ..module_utils.storage_server.options import KINDS, UNMANAGED

SPEC = {**CONNECTION, **KINDS, "unmanaged": UNMANAGED, **SECRETS}


def main() -> None:
    run(EVERYTHING, SPEC)


if __name__ == "__main__":
    main()
