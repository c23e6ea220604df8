"""Drives made of files, for a machine that has none to spare: which exist, which are to be made, and how large."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .devices import GIB, some
from .disks import Block, Mount
from .drive_facts import missing_tools, read_backings, read_blocks, read_fstab, read_mounts
from .errors import RequestError

MINIMUM_GIB = 2
# More is of no use for trying out, and a large filesystem takes longer to make.
MAXIMUM_GIB = 64
# linux/loop.h: the device's status begins with device and inode of its file.
LOOP_GET_STATUS64, LOOP_STATUS_BYTES = 0x4C05, 232


@dataclass(frozen=True)
class Request:
    """What an operator asks for."""

    mount_points: Sequence[str]
    directory: str
    size_gib: int = 0
    use_mounted: bool = False
    allow_shared_disk: bool = False


@dataclass(frozen=True)
class Machine:
    """What this machine has. Sizes in bytes; `files` are sizes and what they occupy, by path.

    `plain` are folders in place of files, `bound` the mount points where such a folder is mounted.
    """

    mounts: Mapping[str, Mount]
    backings: Mapping[str, str]
    fstab: Mapping[str, str]
    folders: Mapping[str, tuple[str, ...]]
    files: Mapping[str, tuple[int, int]]
    plain: frozenset[str]
    bound: frozenset[str]
    blocks: Mapping[str, Block]
    free: int
    no_loop: str = ""


def check(params: Mapping[str, Any]) -> dict[str, Any]:
    """Look at this machine, and say what is to be made of it or, with state `absent`, what to remove."""
    request = Request(**{name: params[name] for name in Request.__dataclass_fields__})
    machine = look(request)
    if params["state"] == "absent":
        return removal(request, machine)
    refusals = list(against(request, machine))
    if refusals:
        reasons = "\n".join(f"- {refusal}." for refusal in refusals)
        raise RequestError(
            f"Drives cannot be made here, and nothing was written:\n{reasons}", result={"refusals": refusals}
        )
    wanted = to_make(request, machine)
    size = size_of_each(request, machine) if wanted else 0
    return {
        "mounted": [point for point in request.mount_points if is_ours(request, machine, point)],
        "make": [
            {
                "mount_point": point,
                "source": plain_of(request, point) if as_folder(request, machine, point) else file_of(request, point),
                "kind": "folder" if as_folder(request, machine, point) else "file",
                "size": size,
                "folder": point in machine.folders,
            }
            for point in wanted
        ],
        "new_folders": _missing_folders(request.directory, *wanted),
        "missing_tools": list(missing_tools()),
    }


def look(request: Request) -> Machine:
    """Read what decides. Nothing is written."""
    files = [file_of(request, point) for point in request.mount_points]
    return Machine(
        mounts=read_mounts(),
        backings={number: file for number, file in read_backings().items() if _is_on(number, file)},
        fstab=read_fstab(),
        folders={point: tuple(os.listdir(point)) for point in request.mount_points if os.path.isdir(point)},
        files={file: _sizes(file) for file in files if os.path.exists(file)},
        plain=frozenset(path for point in request.mount_points if os.path.isdir(path := plain_of(request, point))),
        bound=frozenset(point for point in request.mount_points if _same(point, plain_of(request, point))),
        blocks=read_blocks(),
        free=_free(request.directory),
        no_loop=_no_loop(),
    )


def against(request: Request, machine: Machine) -> Iterator[str]:
    """What speaks against making the missing drives."""
    for point in request.mount_points:
        if point in machine.mounts and not is_ours(request, machine, point) and not request.use_mounted:
            yield (
                f"{point}: {machine.mounts[point].source} is mounted there, and was not made by this project. Set"
                " local_use_mounted_drives=true to use what is mounted, or name other mount points in storage_nodes"
            )
    wanted = to_make(request, machine)
    for point in wanted:
        if machine.folders.get(point):
            yield f"{point}: the folder holds files ({some(machine.folders[point])}), which a mount would hide"
    if machine.no_loop and not request.allow_shared_disk and wanted:
        yield (
            f"this machine gives no loop devices ({machine.no_loop}). Set drives_allow_shared_disk=true to use plain"
            " folders instead: they hold no more than one disk does, and fill it"
        )
    elif any(not as_folder(request, machine, point) for point in _without_file(request, machine)):
        yield from _against_size(request, machine)


def _against_size(request: Request, machine: Machine) -> Iterator[str]:
    size, count, most = size_of_each(request, machine), len(_without_file(request, machine)), budget(request, machine)
    if size < MINIMUM_GIB * GIB or size * count > most:
        wanted = f"{request.size_gib} GiB each" if request.size_gib else f"{MINIMUM_GIB} GiB each at least"
        yield (
            f"{count} drives of {wanted} do not fit: half of the free space of {request.directory} is"
            f" {most / GIB:.1f} GiB, and a drive has {MINIMUM_GIB} GiB or more. Free some space, set"
            " local_drives_size_gib, or set local_drives_directory to a folder on a larger filesystem"
        )


def size_of_each(request: Request, machine: Machine) -> int:
    """Bytes of each file that is to be made."""
    count = max(1, len(_without_file(request, machine)))
    automatic = min(MAXIMUM_GIB, budget(request, machine) // GIB // count)
    return (request.size_gib or automatic) * GIB


def budget(request: Request, machine: Machine) -> int:
    """Half of the free space, less what the files that exist may still grow into."""
    promised = sum(size for size, _ in machine.files.values())
    occupied = sum(occupied for _, occupied in machine.files.values())
    return max(0, (machine.free + occupied) // 2 - promised)


def to_make(request: Request, machine: Machine) -> list[str]:
    """Mount points where nothing is mounted."""
    return [point for point in request.mount_points if point not in machine.mounts]


def is_ours(request: Request, machine: Machine, point: str) -> bool:
    """Whether a mount is one of a drive made by this project."""
    mount = machine.mounts.get(point)
    if not mount:
        return False
    return point in machine.bound or machine.backings.get(mount.number) == file_of(request, point)


def removal(request: Request, machine: Machine) -> dict[str, Any]:
    """What runs have made here, also one that was cut short: mounts, lines of fstab, loop devices."""
    inside = request.directory.rstrip("/") + "/"
    loops = {number for number, file in machine.backings.items() if file.startswith(inside)}
    mounted = {point for point, mount in machine.mounts.items() if mount.number in loops} | machine.bound
    return {
        "mounted": sorted(mounted),
        "fstab": sorted(point for point, source in machine.fstab.items() if source.startswith(inside)),
        "loops": sorted(machine.blocks[number].path for number in loops if number in machine.blocks),
    }


def file_of(request: Request, point: str) -> str:
    """The file that a drive is made of."""
    return f"{request.directory.rstrip('/')}/{os.path.basename(point)}.img"


def plain_of(request: Request, point: str) -> str:
    """The folder that takes its place where there are no loop devices."""
    return f"{request.directory.rstrip('/')}/{os.path.basename(point)}"


def as_folder(request: Request, machine: Machine, point: str) -> bool:
    """Drives stay what they are: a machine that gains loop devices must not hide what a folder holds."""
    if file_of(request, point) in machine.files:
        return False
    return plain_of(request, point) in machine.plain or bool(machine.no_loop)


def _without_file(request: Request, machine: Machine) -> list[str]:
    return [point for point in to_make(request, machine) if file_of(request, point) not in machine.files]


def _sizes(file: str) -> tuple[int, int]:
    status = os.stat(file)
    return status.st_size, status.st_blocks * 512


def _same(point: str, folder: str) -> bool:
    return os.path.isdir(point) and os.path.isdir(folder) and os.path.samefile(point, folder)


def _missing_folders(*folders: str) -> list[str]:
    """Those of the folders, and of the folders above them, that do not exist."""
    missing: list[str] = []
    for folder in folders:
        while not os.path.isdir(folder) and folder not in missing:
            missing.append(folder)
            folder = os.path.dirname(folder)
    return missing


def _free(directory: str) -> int:
    missing = _missing_folders(directory)
    status = os.statvfs(os.path.dirname(missing[-1]) if missing else directory)
    return status.f_bavail * status.f_frsize


def _is_on(number: str, file: str) -> bool:
    """Whether a loop device is on this very file: containers see devices of others, on files of the same name."""
    try:
        with open(f"/dev/loop{number.partition(':')[2]}", "rb", buffering=0) as device:
            status = fcntl.ioctl(device, LOOP_GET_STATUS64, bytes(LOOP_STATUS_BYTES))
        inode: int = struct.unpack_from("QQ", status)[1]
        return inode == os.stat(file).st_ino
    except OSError:
        return False


def _no_loop() -> str:
    # Says which device would be next, and takes none.
    answer = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)  # noqa: S607
    device = answer.stdout.strip()
    if answer.returncode == 0 and os.path.exists(device):
        return ""
    return answer.stderr.strip() or f"{device} does not exist"
