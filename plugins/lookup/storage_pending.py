# SPDX-License-Identifier: Apache-2.0
"""The pending credential of a rotation, for templates that write it."""

from __future__ import annotations

DOCUMENTATION = """
name: storage_pending
author: storageserver maintainers (@storageserver)
version_added: 0.1.0
short_description: The pending credential of a rotation
description:
  - Returns what minio_credential has made and not published yet, as a dictionary with access_key and secret_key.
  - Fails if there is none, or if the credential in use does not open it. Use it in tasks with no_log only.
options:
  _terms:
    description: V(root), the one kind that is written by templates before it is published.
    required: true
  credentials_dir:
    description: The credential store.
    type: path
    required: true
"""

EXAMPLES = """
- name: Write the password that is to come
  ansible.builtin.copy:
    content: "{{ lookup('storage_pending', 'root', credentials_dir='inventory/prod/.credentials').secret_key }}"
    dest: /run/password
    mode: "0600"
  no_log: true
"""

RETURN = """
_raw:
  description: A dictionary with access_key and secret_key.
  type: list
  elements: dict
"""

import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

# Lookups are loaded by their path, without a package that the logic could be imported from.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from module_utils.storage_server.credentials import CredentialStore
from module_utils.storage_server.journals import PENDING, Journals


class LookupModule(LookupBase):
    """Reads the credential store of the controller, where lookups run."""

    def run(self, terms: list[str], variables: Any = None, **options: Any) -> list[dict[str, str]]:
        self.set_options(var_options=variables, direct=options)
        store = CredentialStore(self.get_option("credentials_dir"))
        return [self._pending(store, term) for term in terms]

    @staticmethod
    def _pending(store: CredentialStore, term: str) -> dict[str, str]:
        current = store.find("root", term)
        pending = current and Journals(store).unseal(PENDING, "root", term, current)
        if not pending:
            raise AnsibleLookupError(
                f"No new password of {term} is pending in {store.folder}: run minio_credential first"
            )
        return {"access_key": pending.access_key, "secret_key": pending.secret_key}
