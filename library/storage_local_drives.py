#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Say what is needed for drives that are made of files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_local_drives
short_description: Say what is needed for drives that are made of files
version_added: 0.1.0
author: storageserver maintainers (@storageserver)
description:
  - For a machine that has no drives to spare, says which files are to be made, how large, and where to mount them.
  - Refuses where something else is mounted, files would be hidden, or space does not suffice. Writes nothing, ever.
  - Runs on the host whose drives it is about, and needs nothing there but Python and util-linux.
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
options:
  mount_points:
    description: The drives, as mount points.
    type: list
    elements: str
    required: true
  directory:
    description: Where the files are.
    type: path
    required: true
  size_gib:
    description: Size of each file that is to be made. V(0) means all of them fill half of the free space.
    type: int
    default: 0
  use_mounted:
    description: Use what others have mounted.
    type: bool
    default: false
  allow_shared_disk:
    description: Use plain folders where there are no loop devices.
    type: bool
    default: false
  state:
    description: With V(absent), says what is to be removed and refuses nothing.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Plan the drives
  storage_local_drives:
    mount_points: [/mnt/drive1, /mnt/drive2]
    directory: /var/lib/storageserver/drives
  register: local
"""

RETURN = r"""
local_drives:
  description: What is there, and what is to be made or removed.
  returned: success
  type: dict
  contains:
    mounted:
      description: Mount points of drives made by this project.
      type: list
      elements: str
    make:
      description: What is to be made or mounted, each with mount_point, source, kind (file or folder), size and folder.
      type: list
      elements: dict
    new_folders:
      description: Folders that are to be made, mount points among them.
      type: list
      elements: str
    missing_tools:
      description: Packages that the host lacks.
      type: list
      elements: str
    fstab:
      description: Mount points with a line in /etc/fstab; with O(state=absent).
      type: list
      elements: str
    loops:
      description: Loop devices in use; with O(state=absent).
      type: list
      elements: str
refusals:
  description: All reasons against.
  returned: failure
  type: list
  elements: str
"""

from ..module_utils.storage_server.local_drives import check
from ..module_utils.storage_server.runner import report

SPEC = {
    "mount_points": {"type": "list", "elements": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "size_gib": {"type": "int", "default": 0},
    "use_mounted": {"type": "bool", "default": False},
    "allow_shared_disk": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    report("local_drives", SPEC, check)


if __name__ == "__main__":
    main()
