"""What a host says about its drives. Reads only, and needs nothing but Python and util-linux on that host."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .disks import STABLE_NAMES, Block, Container, Device, Facts, Folder, Mount

SAMPLE = 1024 * 1024
UNIT_FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system")
TOOLS = {"mkfs.xfs": "xfsprogs", "chattr": "e2fsprogs"}
# A device that does not answer must not hang the run.
TIMEOUT = 60


def gather(units: Mapping[str, str], devices: Mapping[str, str], subdirectory: str) -> Facts:
    """Look at the mount points (keys of `units`), the devices named for them, and at who uses them."""
    mount_points = list(units)
    mounts = read_mounts()
    wanted = {devices[point] for point in mount_points if point in devices and point not in mounts}
    immutable = _immutable(mount_points)
    return Facts(
        blocks=read_blocks(),
        mounts=mounts,
        permanent=frozenset(read_fstab()) | {point for point in units if _has_unit(units[point])},
        devices={name: look_into(name) for name in wanted}
        | {name: Device(name, _number(name)) for name in set(devices.values()) - wanted},
        folders={point: _folder(point, subdirectory, point in immutable) for point in mount_points},
        names=dict(_stable_names()),
        labels=_labels() if wanted else {},
        backings=read_backings(),
        containers=_containers(),
        missing_tools=missing_tools(),
        systemd=os.path.isdir("/run/systemd/system"),
    )


def missing_tools() -> tuple[str, ...]:
    """Packages of the tools that this host lacks."""
    return tuple(package for tool, package in TOOLS.items() if not shutil.which(tool, path=_path()))


def read_blocks() -> dict[str, Block]:
    """All block devices by number, each with the devices that it lies on."""
    columns = "NAME,MAJ:MIN,TYPE,SIZE,SERIAL,RO,MOUNTPOINTS"
    rows = _json(["lsblk", "--json", "--bytes", "--paths", "--output", columns]).get("blockdevices", [])
    blocks: dict[str, Block] = {}

    def visit(row: Mapping[str, Any], parents: tuple[str, ...]) -> None:
        number = row["maj:min"].strip()
        # A device on several others (RAID, LVM) is listed below each of them.
        known = blocks[number].parents if number in blocks else ()
        blocks[number] = Block(
            number=number,
            path=row["name"],
            kind=row["type"],
            size=int(row["size"] or 0),
            serial=(row["serial"] or "").strip(),
            read_only=bool(row["ro"]),
            mounts=tuple(point for point in row["mountpoints"] if point),
            parents=known + parents,
        )
        for child in row.get("children", []):
            visit(child, (number,))

    for row in rows:
        visit(row, ())
    return blocks


def read_mounts() -> dict[str, Mount]:
    """What is mounted, by mount point. Of several on one mount point the last hides the others."""
    rows = _json(["findmnt", "--json", "--list", "--kernel", "--output", "TARGET,SOURCE,FSTYPE,OPTIONS,MAJ:MIN,FSROOT"])
    return {
        row["target"]: Mount(
            target=row["target"],
            source=row["source"] or "",
            fstype=row["fstype"] or "",
            number=(row["maj:min"] or "").strip(),
            root=row["fsroot"] or "/",
            read_only="ro" in (row["options"] or "").split(","),
        )
        for row in rows.get("filesystems", [])
    }


def read_fstab() -> dict[str, str]:
    """Mount points of /etc/fstab and what is to be mounted there."""
    rows = _json(["findmnt", "--json", "--list", "--fstab", "--output", "TARGET,SOURCE"]).get("filesystems", [])
    return {row["target"]: row["source"] for row in rows}


def read_backings() -> dict[str, str]:
    """Files behind loop devices, by the number of the device."""
    backings = {}
    for name in os.listdir("/sys/block") if os.path.isdir("/sys/block") else []:
        with contextlib.suppress(OSError):
            backing = _text(f"/sys/block/{name}/loop/backing_file").removesuffix(" (deleted)")
            backings[_text(f"/sys/block/{name}/dev")] = backing
    return backings


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def look_into(name: str) -> Device:
    """What a device carries. It is opened for reading, and mounted in a namespace of its own only."""
    number = _number(name)
    if not number:
        return Device(name, problem="is no block device of this host" if os.path.exists(name) else "does not exist")
    try:
        blank = _blank(name)
        found = _json(["wipefs", "--no-act", "--json", name], check=True).get("signatures", [])
    except (OSError, subprocess.SubprocessError) as error:
        return Device(name, number, problem=f"cannot be read ({error})")
    types = tuple(dict.fromkeys(signature["type"] for signature in found))
    return Device(
        name=name,
        number=number,
        signatures=types,
        label=next((signature["label"] for signature in found if signature.get("label")), ""),
        blank=blank,
        entries=_entries_of_xfs(name) if types == ("xfs",) else (),
    )


def _blank(name: str) -> bool:
    """Whether the first and the last MiB are all zeros. What is in between can be terabytes: it is not read."""
    with open(name, "rb") as device:
        start = device.read(SAMPLE)
        device.seek(max(0, device.seek(0, os.SEEK_END) - SAMPLE))
        return not any(start) and not any(device.read(SAMPLE))


def _entries_of_xfs(name: str) -> tuple[str, ...]:
    # norecovery: not even the log is replayed, so not one byte changes.
    script = 'mount -t xfs -o ro,norecovery,nouuid "$1" "$2" && ls -A "$2"'
    with tempfile.TemporaryDirectory() as folder:
        answer = _run([*PRIVATE_SHELL, script, "sh", name, folder])
    return tuple(answer.stdout.split("\n")[:-1])


PRIVATE_SHELL = ["unshare", "--mount", "--propagation", "private", "sh", "-c"]


def _immutable(points: Sequence[str]) -> set[str]:
    """Mount points whose folder is immutable. Mounts are taken away in a namespace of its own: the host keeps them."""
    script = (
        'for point; do while mountpoint -q "$point"; do umount -l "$point" || continue 2; done;'
        ' case "$(lsattr -d "$point" 2>/dev/null)" in ????i*) printf "%s\\n" "$point";; esac; done'
    )
    return set(_run([*PRIVATE_SHELL, script, "sh", *points]).stdout.split("\n"))


def _folder(point: str, subdirectory: str, immutable: bool) -> Folder:
    try:
        mode = os.lstat(point).st_mode
    except FileNotFoundError:
        return Folder()
    if not stat.S_ISDIR(mode):
        return Folder(kind="link" if stat.S_ISLNK(mode) else "file")
    node = os.path.join(point, subdirectory)
    try:
        entries = tuple(sorted(os.listdir(point)))
        if subdirectory not in entries:
            return Folder("folder", entries, immutable=immutable)
        return Folder("folder", entries, os.stat(node).st_uid, not os.listdir(node), immutable)
    except OSError as error:
        return Folder("folder", immutable=immutable, problem=str(error))


def _containers() -> tuple[Container, ...]:
    """All containers, also stopped ones. No Docker, or one that does not answer, has none."""
    if not shutil.which("docker", path=_path()):
        return ()
    try:
        ids = _run(["docker", "ps", "--all", "--quiet", "--no-trunc"]).stdout.split()
        found = json.loads(_run(["docker", "inspect", "--type", "container", *ids]).stdout or "[]") if ids else []
    except subprocess.TimeoutExpired:
        return ()
    return tuple(
        Container(
            name=container["Name"].lstrip("/"),
            project=(container["Config"].get("Labels") or {}).get("com.docker.compose.project", ""),
            sources=tuple(mount["Source"] for mount in container.get("Mounts", []) if mount.get("Source")),
        )
        for container in found
    )


def _stable_names() -> Iterator[tuple[str, str]]:
    for folder in STABLE_NAMES:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            yield f"{folder}/{name}", _number(f"{folder}/{name}")


def _labels() -> dict[str, tuple[str, ...]]:
    """Names of devices by the label that they carry."""
    labels: dict[str, tuple[str, ...]] = {}
    # No cache: it would be written to, and can be out of date.
    for block in _run(["blkid", "-c", "/dev/null", "-o", "export"]).stdout.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.split("\n") if "=" in line)
        if "LABEL" in values and "DEVNAME" in values:
            labels[values["LABEL"]] = (*labels.get(values["LABEL"], ()), values["DEVNAME"])
    return labels


def _has_unit(unit: str) -> bool:
    return any(os.path.exists(f"{folder}/{unit}") for folder in UNIT_FOLDERS)


def _number(name: str) -> str:
    with contextlib.suppress(OSError):
        status = os.stat(name)
        if stat.S_ISBLK(status.st_mode):
            return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    return ""


def _json(argv: Sequence[str], *, check: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_run(argv, check=check).stdout or "{}")
    return answer


def _run(argv: Sequence[str], *, check: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C", "PATH": _path()}
    # Never a shell on its own, and every name is an argument, not text of a script.
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=check)  # noqa: S603


def _path() -> str:
    return os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
