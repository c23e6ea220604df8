"""Whether the drives of a host can be used, and what is to be done with each. Pure: facts and options in, verdict out.

All reasons against are collected, so that an operator sees every one of them in the first run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .devices import BY_HAND, Request, against_device, against_size, some
from .disks import Device, Facts, Folder, Mount
from .drive_facts import gather
from .errors import RequestError


@dataclass(frozen=True)
class Verdict:
    """What is to be done (`plan` in words), what speaks against it, and what an operator should know."""

    drives: tuple[dict[str, Any], ...]
    plan: tuple[str, ...]
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]
    missing_redundancy: tuple[str, ...]


def check(params: Mapping[str, Any]) -> dict[str, Any]:
    """Look at this host and judge it."""
    units = {point: mount_unit(point) for point in params["mount_points"]}
    facts = gather(units, params["devices"], params["subdirectory"])
    verdict = Judge(Request(**{name: params[name] for name in Request.__dataclass_fields__}), facts).verdict()
    if verdict.refusals:
        reasons = "\n".join(f"- {refusal}." for refusal in verdict.refusals)
        raise RequestError(
            f"Drives were refused, and nothing was written:\n{reasons}", result={"refusals": list(verdict.refusals)}
        )
    return {
        "mounts": list(verdict.drives),
        "plan": list(verdict.plan),
        "warnings": list(verdict.warnings),
        "missing_redundancy": list(verdict.missing_redundancy),
        "missing_tools": list(facts.missing_tools),
        "systemd": facts.systemd,
    }


class Judge:
    """One host, one request."""

    def __init__(self, request: Request, facts: Facts) -> None:
        self.request = request
        self.facts = facts
        self.labels = {point: request.label(point) for point in request.mount_points}

    def verdict(self) -> Verdict:
        points = self.request.mount_points
        drives = tuple(self._drive(point) for point in points)
        refusals = [f"{point}: {reason}" for point in points for reason in self._reasons(point)]
        return Verdict(
            drives=drives,
            plan=tuple(sentence for drive in drives for sentence in self._plan(drive)),
            refusals=(*self._misnamed(), *refusals, *self._named_twice(), *self._crowded()),
            warnings=tuple(f"{point}: {warning}" for point in points for warning in self._warnings(point)),
            missing_redundancy=tuple(self._missing_redundancy()),
        )

    def _drive(self, point: str) -> dict[str, Any]:
        folder = self._folder(point)
        return {
            "mount_point": point,
            "state": self._state(point),
            "device": self.request.devices.get(point, ""),
            "label": self.labels[point],
            "unit": mount_unit(point),
            "folder": folder.kind == "folder",
            "immutable": folder.immutable,
        }

    def _state(self, point: str) -> str:
        if point in self.facts.mounts:
            return "mounted"
        if point in self.request.pending:
            return "pending"
        device = self._device(point)
        return "mount" if device and device.signatures else "format"

    def _plan(self, drive: Mapping[str, Any]) -> Iterator[str]:
        if drive["state"] == "format":
            yield f"format {drive['device']} with XFS, label {drive['label']}"
        if drive["state"] in ("format", "mount"):
            yield f"mount {drive['device']} on {drive['mount_point']}, also in /etc/fstab"

    # What speaks against one mount point

    def _reasons(self, point: str) -> Iterator[str]:
        mount = self.facts.mounts.get(point)
        if mount:
            yield from self._against_mount(point, mount)
        elif point not in self.request.pending:
            yield from self._against_folder(point)
            device = self._device(point)
            yield from against_device(self.request, self.facts, point, device) if device else self._unnamed(point)
        yield from self._against_containers(point)

    def _against_mount(self, point: str, mount: Mount) -> Iterator[str]:
        folder = self._folder(point)
        if folder.problem:
            yield f"it cannot be read ({folder.problem}). Repair or replace the drive"
        if mount.fstype != "xfs" and not self._is_plain_folder(mount):
            yield f"{mount.fstype} is mounted there, and drives are XFS. Move its data elsewhere and mount an XFS drive"
        if mount.read_only:
            yield "it is mounted read-only. Find out why (dmesg, /etc/fstab), and mount it writable"
        if ".minio.sys" in folder.entries:
            yield f"its root holds .minio.sys. {BY_HAND}"
        if folder.node_owner not in (None, self.request.owner) and not folder.node_empty:
            yield (
                f"the node's folder on it holds files of user {folder.node_owner}, and nodes run as"
                f" {self.request.owner}. Set storage_drive_subdirectory to a name that is free, or storage_uid"
            )
        named = self._device(point)
        if named and named.number and named.number != mount.number:
            yield (
                f"{mount.source} is mounted there, but drives_devices names {named.name}. Take it out of drives_devices"
                " or mount the right one"
            )
        block = self.facts.blocks.get(mount.number)
        if block and not self._is_plain_folder(mount):
            yield from against_size(self.request, mount.source, block)

    def _against_folder(self, point: str) -> Iterator[str]:
        folder = self._folder(point)
        if folder.kind in ("link", "file"):
            yield f"it is a {folder.kind}, not a folder. Name a real folder as the drive's mount point"
        elif folder.entries:
            yield (
                f"nothing is mounted there, but the folder holds files ({some(folder.entries)}). A mount would hide"
                " them: mount the filesystem that belongs there, or move them away"
            )

    def _unnamed(self, point: str) -> Iterator[str]:
        if point in self.facts.permanent:
            yield "it is to be mounted by /etc/fstab or systemd, but is not mounted. Mount it, or repair the drive"
            return
        free = [name for name, number in self.facts.names.items() if self.facts.looks_free(number)]
        yield (
            "nothing is mounted there, and no device is named for it. Mount an XFS filesystem, or set drives_devices:"
            f" {{{point}: /dev/disk/by-id/...}}" + (f"; unused here: {some(free)}" if free else "")
        )

    def _against_containers(self, point: str) -> Iterator[str]:
        for container in self.facts.containers:
            if container.project == self.request.project:
                continue
            if any(source == point or source.startswith(point + "/") for source in container.sources):
                project = f" of Compose project {container.project}" if container.project else ""
                yield f"container {container.name}{project} uses it. {BY_HAND}"

    # What speaks against several together

    def _misnamed(self) -> Iterator[str]:
        for point in self.request.devices:
            if point not in self.request.mount_points:
                yield f"drives_devices names {point}, which is no drive of a node on this host (storage_nodes)"

    def _named_twice(self) -> Iterator[str]:
        named = [point for point in self.request.mount_points if point in self.request.devices]
        for points in _groups({point: {self._number(point)} for point in named}).values():
            names = [self.request.devices[point] for point in points]
            yield f"{some(points)} name one device ({some(sorted(set(names)))}). Each drive is a device of its own"
        labelled = {point: {self.labels[point]} for point in named if point not in self.facts.mounts}
        for points in _groups(labelled).values():
            yield f"{some(points)} would get one label ({self.labels[points[0]]}). Use other names"

    def _crowded(self) -> Iterator[str]:
        if self.request.allow_shared_disk:
            return
        for disk, points in self._shared_disks().items():
            if len({self._number(point) for point in points}) == 1 and not self._any_mounted(points):
                continue  # One device named twice: said already.
            yield (
                f"{some(points)} are on one disk ({self.facts.path(disk)}): losing it loses all of them. Use a disk for"
                " each, or set drives_allow_shared_disk=true"
            )

    # What an operator should know

    def _warnings(self, point: str) -> Iterator[str]:
        mount = self.facts.mounts.get(point)
        if not mount:
            return
        if point not in self.facts.permanent:
            yield "it is mounted, but no line of /etc/fstab or unit of systemd mounts it again after a reboot"
        named = self._device(point)
        if named and not named.number:
            yield f"it is mounted, but {named.name}, which drives_devices names for it, does not exist"
        system = self.facts.system_on_disk_of(mount.number)
        if system and not self._is_plain_folder(mount):
            yield f"it shares its disk with the system ({some(system)})"

    def _missing_redundancy(self) -> Iterator[str]:
        for disk, points in self._shared_disks().items():
            yield f"{some(points)} are on one disk ({self.facts.path(disk)}): losing it loses all of them."
        files = {point: self.facts.backings.get(self._number(point)) for point in self.request.mount_points}
        homes = {point: {self.facts.filesystem_of(file)} for point, file in files.items() if file}
        for home, points in _groups(homes).items():
            yield f"{some(points)} are files on one filesystem ({home}): losing it loses all of them."
        if self.request.hosts == 1:
            yield "All nodes run on one host: drives and nodes may fail, the host may not."

    # Small answers

    def _folder(self, point: str) -> Folder:
        return self.facts.folders.get(point, Folder())

    def _device(self, point: str) -> Device | None:
        return self.facts.devices.get(self.request.devices.get(point, ""))

    def _number(self, point: str) -> str:
        mount, device = self.facts.mounts.get(point), self._device(point)
        return mount.number if mount else device.number if device else ""

    def _any_mounted(self, points: Sequence[str]) -> bool:
        return any(point in self.facts.mounts for point in points)

    def _is_plain_folder(self, mount: Mount) -> bool:
        """A folder of another filesystem in place of a drive: good for trying out, and only where it is allowed."""
        return self.request.allow_shared_disk and mount.root != "/"

    def _shared_disks(self) -> dict[str, list[str]]:
        return _groups({point: self.facts.disks(self._number(point)) for point in self.request.mount_points})


def mount_unit(point: str) -> str:
    """The name of systemd's unit for a mount point, as systemd-escape --path makes it."""
    parts = [part for part in point.split("/") if part]
    escaped = "-".join(re.sub(r"[^A-Za-z0-9:_.]", _escape, part) for part in parts)
    return re.sub(r"^\.", r"\\x2e", escaped or "-") + ".mount"


def _escape(found: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in found.group().encode())


def _groups(members: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """What several mount points have in common, and which they are."""
    common = sorted({key for keys in members.values() for key in keys if key})
    groups = {key: [point for point, keys in members.items() if key in keys] for key in common}
    return {key: points for key, points in groups.items() if len(points) > 1}
