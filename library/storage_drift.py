#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Tell what a run in check mode would have changed, by layer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_drift
short_description: Tell what a run in check mode would have changed, by layer
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - Turns the output of a run in check mode, with the callback C(ansible.posix.json), into a report by layer. A layer is
    a role.
  - It talks to nothing and changes nothing.
attributes:
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Nothing is ever changed, so there is nothing to show.
    support: none
  idempotent:
    description: Running it again changes nothing.
    support: full
options:
  output:
    description: What the run printed.
    type: str
    required: true
  code:
    description: The run's exit code.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Report
  storage_drift:
    output: "{{ run.stdout }}"
    code: "{{ run.rc }}"
  delegate_to: localhost
  register: report
"""

RETURN = r"""
drift:
  description: The report.
  returned: success
  type: dict
  contains:
    state:
      description: V(ok), V(drift) or V(error), the worst of all layers.
      type: str
    layers:
      description: For each layer its C(state), C(changes) (C(host), C(task), C(details)) and C(errors) (C(host),
        C(task), C(message)).
      type: dict
    summary:
      description: The same in lines for people.
      type: list
      elements: str
  sample:
    state: drift
    layers:
      access:
        state: drift
        changes: [{host: store, task: Make the content, details: [enable user alice]}]
        errors: []
    summary: ['access: drift']
error:
  description: The reason of a failure, for decisions. RV(ignore:msg) says it in words.
  returned: on failure
  type: dict
  contains:
    code:
      description: V(Request).
      type: str
    status:
      description: Always 0.
      type: int
    request_id:
      description: Always empty.
      type: str
  sample: {code: Request, status: 0, request_id: ''}
"""

from ..module_utils.storage_server.drift import drift
from ..module_utils.storage_server.runner import report

SPEC = {"output": {"type": "str", "required": True}, "code": {"type": "int", "required": True}}


def main() -> None:
    report("drift", SPEC, drift)


if __name__ == "__main__":
    main()
