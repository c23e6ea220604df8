#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Judge whether the drives of a host can be used."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_drives
short_description: Judge whether the drives of a host can be used
description:
  - Looks at mount points, devices and containers of a host, and says what makes each mount point a drive.
  - Refuses what could lose data, or redundancy that an operator counts on; all reasons at once. Writes nothing, ever.
  - Runs on the host whose drives it is about, and needs nothing there but Python and util-linux.
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
options:
  mount_points:
    description: The drives, as mount points.
    type: list
    elements: str
    required: true
  devices:
    description:
      - Mount point to device, by a name that survives a reboot (below C(/dev/disk/by-id) or C(/dev/disk/by-path)).
      - Where an XFS filesystem is mounted already, it is used as it is.
    type: dict
    default: {}
  format:
    description: Names or serials of devices that may be formatted, if they are empty.
    type: list
    elements: str
    default: []
  minimum_size_gib:
    description: A drive that is smaller is refused.
    type: float
    default: 1
  allow_shared_disk:
    description: Allow several drives on one physical disk, and folders (bind mounts) in place of drives.
    type: bool
    default: false
  label_prefix:
    description: Labels of new filesystems are this and the last part of the mount point, in capitals.
    type: str
    default: MINIO
  subdirectory:
    description: The folder of a drive that a node uses.
    type: str
    required: true
  owner:
    description: Number of the user that the nodes run as.
    type: int
    required: true
  project:
    description: Compose project of the store; containers of others must not use the drives.
    type: str
    default: storageserver
  hosts:
    description: How many hosts run nodes, to say what redundancy is missing.
    type: int
    required: true
  pending:
    description: Mount points that would be mounted by now if this were not check mode.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
  idempotent:
    description: Running it again changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Judge the drives
  storage_drives:
    mount_points: [/mnt/drive1, /mnt/drive2]
    devices:
      /mnt/drive1: /dev/disk/by-id/ata-EXAMPLE_A1
      /mnt/drive2: /dev/disk/by-id/ata-EXAMPLE_A2
    format: [A1, A2]
    subdirectory: minio
    owner: 9000
    hosts: 1
  register: drives
"""

RETURN = r"""
drives:
  description: The verdict.
  returned: success
  type: dict
  contains:
    mounts:
      description: >-
        For each drive: mount_point, state (mounted, mount, format, pending), device, label, unit, folder, immutable.
      type: list
      elements: dict
    plan:
      description: What is to be done, in words.
      type: list
      elements: str
    warnings:
      description: What an operator should know.
      type: list
      elements: str
    missing_redundancy:
      description: What the store does not survive.
      type: list
      elements: str
    missing_tools:
      description: Packages that the host lacks.
      type: list
      elements: str
    systemd:
      description: Whether the host is run by systemd.
      type: bool
refusals:
  description: All reasons against.
  returned: failure
  type: list
  elements: str
"""

from ..module_utils.storage_server.drives import check
from ..module_utils.storage_server.runner import report

SPEC = {
    "mount_points": {"type": "list", "elements": "str", "required": True},
    "devices": {"type": "dict", "default": {}},
    "format": {"type": "list", "elements": "str", "default": []},
    "minimum_size_gib": {"type": "float", "default": 1},
    "allow_shared_disk": {"type": "bool", "default": False},
    "label_prefix": {"type": "str", "default": "MINIO"},
    "subdirectory": {"type": "str", "required": True},
    "owner": {"type": "int", "required": True},
    "project": {"type": "str", "default": "storageserver"},
    "hosts": {"type": "int", "required": True},
    "pending": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    report("drives", SPEC, check)


if __name__ == "__main__":
    main()
