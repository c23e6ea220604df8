"""Whether a device may become a drive. Pure. A device that carries anything is never overwritten, whoever asks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .disks import STABLE_NAMES, Block, Device, Facts

GIB = 1024**3
LABEL_LENGTH = 12
BY_HAND = "This is a cluster made by hand: adopting it comes by its own playbook, this one leaves it alone"


@dataclass(frozen=True)
class Request:
    """What an operator asks for. `pending` are mounts that check mode could not make."""

    mount_points: Sequence[str]
    devices: Mapping[str, str]
    format: Sequence[str] = ()
    minimum_size_gib: float = 1
    allow_shared_disk: bool = False
    label_prefix: str = "MINIO"
    owner: int = 9000
    project: str = "storageserver"
    hosts: int = 1
    pending: Sequence[str] = ()

    def label(self, point: str) -> str:
        """XFS allows twelve characters. The end of a mount point's name tells drives apart, so the start gives way."""
        name = (self.label_prefix + os.path.basename(point)).upper()
        return re.sub(r"[^A-Z0-9_.-]", "_", name)[-LABEL_LENGTH:]


def against_device(request: Request, facts: Facts, point: str, device: Device) -> Iterator[str]:
    """All that speaks against making this device the drive of a mount point."""
    if os.path.dirname(device.name) not in STABLE_NAMES:
        yield _unstable(facts, device)
        return
    if device.problem:
        yield f"{device.name} {device.problem}. Correct drives_devices"
    block = facts.blocks.get(device.number)
    if block:
        yield from _against_use(facts, device, block)
        yield from against_size(request, device.name, block)
        if block.read_only:
            yield f"{device.name} is read-only. Name a device that can be written to"
        if not device.problem:
            yield from _against_content(request, facts, point, device, block)
    elif not device.problem:
        yield f"{device.name} has no size. Correct drives_devices"


def against_size(request: Request, name: str, block: Block) -> Iterator[str]:
    """A wrong disk is often a small one."""
    if block.size < request.minimum_size_gib * GIB:
        yield (
            f"{name} is too small: {block.size / GIB:.2f} GiB, and drives_minimum_size_gib is"
            f" {request.minimum_size_gib:g}"
        )


def _unstable(facts: Facts, device: Device) -> str:
    names = [name for name, number in facts.names.items() if number and number == device.number]
    found = f"Its stable names: {some(names)}" if names else "Find its stable name by: ls -l /dev/disk/by-id"
    return f"{device.name} is not a stable name, another disk can get it at the next boot. {found}"


def _against_use(facts: Facts, device: Device, block: Block) -> Iterator[str]:
    system = facts.system_on_disk_of(block.number)
    if system:
        yield f"{device.name} is on a disk of this system, which holds {some(system)}. Name another disk"
    elif block.mounts:
        yield f"{device.name} is mounted on {some(block.mounts)}. Name another device"
    children = facts.children(block.number)
    parts = [child.path for child in children if child.kind == "part"]
    holders = [f"{child.path} ({child.kind})" for child in children if child.kind != "part"]
    if parts:
        yield f"{device.name} has partitions ({some(parts)}). Name a device that is empty"
    if holders:
        yield f"{device.name} is held by {some(holders)}. Name a device that is empty"


def _against_content(request: Request, facts: Facts, point: str, device: Device, block: Block) -> Iterator[str]:
    label = request.label(point)
    if device.signatures == ("xfs",) and device.label == label:
        if ".minio.sys" in device.entries:
            yield f"the root of {device.name} holds .minio.sys. {BY_HAND}"
    elif device.signatures:
        labelled = f" with label {device.label}" if device.label else ""
        yield (
            f"{device.name} carries {some(device.signatures)}{labelled}, and is never overwritten. If it is a drive of"
            " yours, mount it; if nothing on it is needed, empty it by hand"
        )
    elif not device.blank:
        yield (
            f"{device.name} holds data (bytes other than zero), and is never overwritten. If nothing on it is needed,"
            " write zeros over its first and last MiB by hand"
        )
    elif not {device.name, os.path.basename(device.name), block.serial} & set(request.format):
        ids = os.path.basename(device.name) + (f" or its serial {block.serial}" if block.serial else "")
        yield f"{device.name} is empty, but nobody allowed to format it. Add {ids} to drives_format"
    others = [name for name in facts.labels.get(label, ()) if name != block.path]
    if others:
        yield f"{some(others)} has the label {label} too. Set another drives_label_prefix"


def some(names: Sequence[str]) -> str:
    """A list for a message, not longer than anyone reads."""
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
