"""Devices, mounts and folders of one host, and how they hang together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Names that survive a reboot. Kernel names do not: another disk can be sda then.
STABLE_NAMES = ("/dev/disk/by-id", "/dev/disk/by-path")
SYSTEM = ("/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "[SWAP]")


@dataclass(frozen=True)
class Block:
    """A block device. Devices are told apart by number (major:minor): they have one, and any amount of names."""

    number: str
    path: str
    kind: str
    size: int
    serial: str = ""
    read_only: bool = False
    mounts: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mount:
    """A mounted filesystem. `root` is the folder of it that is mounted: not `/` for a bind mount."""

    target: str
    source: str
    fstype: str
    number: str
    root: str = "/"
    read_only: bool = False


@dataclass(frozen=True)
class Device:
    """What is on a device that has been named for a mount point."""

    name: str
    number: str = ""
    problem: str = ""
    signatures: tuple[str, ...] = ()
    label: str = ""
    blank: bool = True
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folder:
    """A mount point, or what is mounted there. `immutable` is about the folder below the mount."""

    kind: str = "missing"
    entries: tuple[str, ...] = ()
    node_owner: int | None = None
    node_empty: bool = True
    immutable: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Container:
    """A container and the paths of the host that it uses."""

    name: str
    project: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Everything that decides about the drives of one host."""

    blocks: Mapping[str, Block]
    mounts: Mapping[str, Mount]
    permanent: frozenset[str]
    devices: Mapping[str, Device]
    folders: Mapping[str, Folder]
    names: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]
    backings: Mapping[str, str]
    containers: tuple[Container, ...] = ()
    missing_tools: tuple[str, ...] = ()
    systemd: bool = False

    def disks(self, number: str) -> set[str]:
        """The physical disks that a device lies on."""
        block = self.blocks.get(number)
        if not block or not block.parents:
            return {number} if number else set()
        return {disk for parent in block.parents for disk in self.disks(parent)}

    def children(self, number: str) -> list[Block]:
        """What lies directly on a device: partitions, and what holds it (LVM, RAID, encryption)."""
        return [block for block in self.blocks.values() if number in block.parents]

    def system_on_disk_of(self, number: str) -> list[str]:
        """Mount points of the system, or swap, anywhere on the disks that a device lies on."""
        disks = self.disks(number)
        family = [block for block in self.blocks.values() if self.disks(block.number) & disks]
        return sorted({point for block in family for point in block.mounts if point in SYSTEM})

    def looks_free(self, number: str) -> bool:
        """Whether a device is a whole disk that nothing lies on. What it carries is another question."""
        block = self.blocks.get(number)
        return block is not None and not block.parents and not block.mounts and not self.children(number)

    def filesystem_of(self, file: str) -> str:
        """The mount point of the filesystem that a file is on."""
        inside = [target for target in self.mounts if (file + "/").startswith(target.rstrip("/") + "/")]
        return max(inside, key=len, default="/")

    def path(self, number: str) -> str:
        """The kernel's name of a device, for messages."""
        return self.blocks[number].path if number in self.blocks else f"device {number}"
