"""Drives: every refusal with its reason, as a row; what is done with the others; what an operator is told."""

import dataclasses
import re

import pytest

from plugins.module_utils.storage_server.devices import GIB, Request
from plugins.module_utils.storage_server.disks import Block, Container, Device, Facts, Folder, Mount
from plugins.module_utils.storage_server.drives import Judge, mount_unit

ONE, TWO = "/mnt/drive1", "/mnt/drive2"
ID_ONE, ID_TWO = "/dev/disk/by-id/ata-ONE", "/dev/disk/by-id/ata-TWO"
SYSTEM = Block("8:0", "/dev/sda", "disk", 100 * GIB)
ROOT = Block("8:1", "/dev/sda1", "part", 90 * GIB, mounts=("/",), parents=("8:0",))
DISK_ONE = Block("8:16", "/dev/sdb", "disk", 10 * GIB, serial="S1")
DISK_TWO = Block("8:32", "/dev/sdc", "disk", 10 * GIB, serial="S2")


def facts(*, blocks=(SYSTEM, ROOT, DISK_ONE, DISK_TWO), mounts=(), **changes):
    """A host with a system disk and two empty disks."""
    return Facts(
        **{
            "blocks": {block.number: block for block in blocks},
            "mounts": {mount.target: mount for mount in (Mount("/", "/dev/sda1", "ext4", "8:1"), *mounts)},
            "permanent": frozenset({ONE, TWO}),
            "devices": {ID_ONE: Device(ID_ONE, "8:16"), ID_TWO: Device(ID_TWO, "8:32")},
            "folders": {ONE: Folder("folder"), TWO: Folder("folder")},
            "names": {ID_ONE: "8:16", ID_TWO: "8:32", "/dev/disk/by-id/ata-SYSTEM": "8:0"},
            "labels": {},
            "backings": {},
            **changes,
        }
    )


def request(**changes):
    return Request(**{"mount_points": [ONE], "devices": {ONE: ID_ONE}, "format": ["S1", "S2"], **changes})


def mounted(point=ONE, source="/dev/sdb", number="8:16", **changes):
    return Mount(**{"target": point, "source": source, "fstype": "xfs", "number": number, **changes})


def device(name=ID_ONE, number="8:16", **changes):
    return {"devices": {name: Device(name, number, **changes)}}


BOTH = {"mount_points": [ONE, TWO], "devices": {ONE: ID_ONE, TWO: ID_TWO}}
NONE = {"devices": {}}
PART_ONE = Block("8:17", "/dev/sdb1", "part", 5 * GIB, parents=("8:16",))
PART_TWO = Block("8:18", "/dev/sdb2", "part", 5 * GIB, parents=("8:16",))

REFUSALS = {
    "kernel name": (
        {"devices": {ONE: "/dev/sdb"}},
        facts(**device("/dev/sdb")),
        "/dev/sdb is not a stable name, another disk can get it at the next boot. Its stable names: " + ID_ONE,
    ),
    "kernel name without a stable one": (
        {"devices": {ONE: "/dev/loop0"}},
        facts(**device("/dev/loop0"), names={}),
        "Find its stable name by: ls -l /dev/disk/by-id",
    ),
    "no such device": (
        {},
        facts(**device(number="", problem="does not exist")),
        f"{ID_ONE} does not exist. Correct drives_devices",
    ),
    "unreadable": ({}, facts(**device(problem="cannot be read (EIO)")), f"{ID_ONE} cannot be read (EIO)"),
    "without a medium": ({}, facts(blocks=[SYSTEM, ROOT]), f"{ID_ONE} has no size"),
    "root device": (
        {},
        facts(blocks=[dataclasses.replace(DISK_ONE, mounts=("/",))]),
        f"{ID_ONE} is on a disk of this system, which holds /",
    ),
    "disk of the root device": ({}, facts(**device(number="8:0")), f"{ID_ONE} is on a disk of this system"),
    "boot device": (
        {},
        facts(blocks=[dataclasses.replace(DISK_ONE, mounts=("/boot",))]),
        f"{ID_ONE} is on a disk of this system, which holds /boot",
    ),
    "swap beside it": (
        {},
        facts(blocks=[DISK_ONE, PART_ONE, dataclasses.replace(PART_TWO, mounts=("[SWAP]",))], **device(number="8:17")),
        f"{ID_ONE} is on a disk of this system, which holds [SWAP]",
    ),
    "root below LVM": (
        {},
        facts(blocks=[DISK_ONE, PART_ONE, Block("253:0", "/dev/dm-0", "lvm", GIB, mounts=("/",), parents=("8:17",))]),
        f"{ID_ONE} is on a disk of this system, which holds /",
    ),
    "mounted elsewhere": (
        {},
        facts(blocks=[dataclasses.replace(DISK_ONE, mounts=("/srv",))]),
        f"{ID_ONE} is mounted on /srv",
    ),
    "partitions": (
        {},
        facts(blocks=[DISK_ONE, PART_ONE, PART_TWO]),
        f"{ID_ONE} has partitions (/dev/sdb1, /dev/sdb2)",
    ),
    "a holder": (
        {},
        facts(blocks=[DISK_ONE, Block("9:0", "/dev/md0", "raid1", GIB, parents=("8:16", "8:32"))]),
        f"{ID_ONE} is held by /dev/md0 (raid1)",
    ),
    "a filesystem": (
        {},
        facts(**device(signatures=("ext4",), label="backup", blank=False)),
        f"{ID_ONE} carries ext4 with label backup, and is never overwritten",
    ),
    "XFS of someone": ({}, facts(**device(signatures=("xfs",), blank=False)), f"{ID_ONE} carries xfs, and is never"),
    "a partition table": ({}, facts(**device(signatures=("dos", "gpt"))), f"{ID_ONE} carries dos, gpt, and is never"),
    "data": ({}, facts(**device(blank=False)), f"{ID_ONE} holds data (bytes other than zero)"),
    "our label on a cluster made by hand": (
        {},
        facts(**device(signatures=("xfs",), label="MINIODRIVE1", blank=False, entries=(".minio.sys",))),
        f"the root of {ID_ONE} holds .minio.sys. This is a cluster made by hand",
    ),
    "label taken": ({}, facts(labels={"MINIODRIVE1": ("/dev/sdz",)}), "/dev/sdz has the label MINIODRIVE1 too"),
    "not listed": (
        {"format": ["S2"]},
        facts(),
        f"{ID_ONE} is empty, but nobody allowed to format it. Add ata-ONE or its serial S1 to drives_format",
    ),
    "read-only": ({}, facts(blocks=[dataclasses.replace(DISK_ONE, read_only=True)]), f"{ID_ONE} is read-only"),
    "too small": (
        {"minimum_size_gib": 10.5},
        facts(),
        f"{ID_ONE} is too small: 10.00 GiB, and drives_minimum_size_gib",
    ),
    "files in the mount point": (
        {},
        facts(folders={ONE: Folder("folder", ("a", "b"))}),
        "nothing is mounted there, but the folder holds files (a, b)",
    ),
    "a link as mount point": ({}, facts(folders={ONE: Folder("link")}), "it is a link, not a folder"),
    "no device": (
        NONE,
        facts(permanent=frozenset()),
        "no device is named for it. Mount an XFS filesystem, or set drives_devices: {/mnt/drive1: /dev/disk/by-id/...};"
        f" unused here: {ID_ONE}, {ID_TWO}",
    ),
    "not mounted, but in fstab": (NONE, facts(), "it is to be mounted by /etc/fstab or systemd, but is not mounted"),
    "another filesystem": (NONE, facts(mounts=[mounted(fstype="ext4")]), "ext4 is mounted there, and drives are XFS"),
    "mounted read-only": (NONE, facts(mounts=[mounted(read_only=True)]), "it is mounted read-only"),
    "mounted and small": (
        {**NONE, "minimum_size_gib": 11},
        facts(mounts=[mounted()]),
        "/dev/sdb is too small: 10.00 GiB",
    ),
    "a dead drive": (
        NONE,
        facts(mounts=[mounted()], folders={ONE: Folder("folder", problem="EIO")}),
        "it cannot be read (EIO)",
    ),
    "another device than named": (
        {},
        facts(mounts=[mounted(source="/dev/sdc", number="8:32")]),
        f"/dev/sdc is mounted there, but drives_devices names {ID_ONE}",
    ),
    "a cluster made by hand": (
        NONE,
        facts(mounts=[mounted()], folders={ONE: Folder("folder", (".minio.sys", "bucket"))}),
        "its root holds .minio.sys. This is a cluster made by hand: adopting it comes by its own playbook",
    ),
    "a container that binds it": (
        NONE,
        facts(mounts=[mounted()], containers=(Container("minio1", "legacy", (f"{ONE}/data",)),)),
        "container minio1 of Compose project legacy uses it. This is a cluster made by hand",
    ),
    "a container that waits for it": (
        {},
        facts(containers=(Container("minio1", "", (ONE,)),)),
        "container minio1 uses it. This is a cluster made by hand",
    ),
    "someone's files where a node keeps its own": (
        NONE,
        facts(mounts=[mounted()], folders={ONE: Folder("folder", ("minio",), node_owner=0, node_empty=False)}),
        "the node's folder on it holds files of user 0, and nodes run as 9000",
    ),
}


@pytest.mark.parametrize(("options", "host", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused(options, host, reason):
    refusals = Judge(request(**options), host).verdict().refusals
    assert [refusal for refusal in refusals if refusal.startswith(f"{ONE}: ") and reason in refusal], refusals


TOGETHER = {
    "one name twice": (
        {**BOTH, "devices": {ONE: ID_ONE, TWO: ID_ONE}},
        facts(),
        f"{ONE}, {TWO} name one device ({ID_ONE})",
    ),
    "one device by two names": (
        {**BOTH, "allow_shared_disk": True},
        facts(devices={ID_ONE: Device(ID_ONE, "8:16"), ID_TWO: Device(ID_TWO, "8:16")}),
        f"{ONE}, {TWO} name one device ({ID_ONE}, {ID_TWO})",
    ),
    "two partitions of one disk": (
        BOTH,
        facts(
            blocks=[DISK_ONE, PART_ONE, PART_TWO],
            devices={ID_ONE: Device(ID_ONE, "8:17"), ID_TWO: Device(ID_TWO, "8:18")},
        ),
        f"{ONE}, {TWO} are on one disk (/dev/sdb): losing it loses all of them",
    ),
    "two volumes of one disk, mounted": (
        {**BOTH, **NONE},
        facts(
            blocks=[DISK_ONE, PART_ONE, Block("253:1", "/dev/dm-1", "lvm", GIB, parents=("8:17",)), PART_TWO],
            mounts=[mounted(number="253:1"), mounted(TWO, number="8:18")],
        ),
        f"{ONE}, {TWO} are on one disk (/dev/sdb)",
    ),
    "two folders of one filesystem": (
        {**BOTH, **NONE},
        facts(mounts=[mounted(root="/a"), mounted(TWO, root="/b")]),
        f"{ONE}, {TWO} are on one disk (/dev/sdb)",
    ),
    "one label": (
        {"mount_points": ["/a/one", "/b/one"], "devices": {"/a/one": ID_ONE, "/b/one": ID_TWO}},
        facts(),
        "/a/one, /b/one would get one label (MINIOONE)",
    ),
    "a device for no drive": (
        {"devices": {ONE: ID_ONE, "/mnt/other": ID_TWO}},
        facts(),
        "drives_devices names /mnt/other, which is no drive of a node on this host",
    ),
}


@pytest.mark.parametrize(("options", "host", "reason"), TOGETHER.values(), ids=TOGETHER)
def test_what_is_refused_of_several(options, host, reason):
    refusals = Judge(request(**options), host).verdict().refusals
    assert [refusal for refusal in refusals if reason in refusal], refusals


def test_a_device_named_twice_is_not_also_said_to_share_a_disk():
    options = {**BOTH, "devices": {ONE: ID_ONE, TWO: ID_ONE}}
    assert len(Judge(request(**options), facts()).verdict().refusals) == 1


def test_all_refusals_come_at_once():
    host = facts(devices={ID_ONE: Device(ID_ONE, "8:16", blank=False), ID_TWO: Device(ID_TWO, "8:0", blank=False)})
    refusals = Judge(request(**BOTH, minimum_size_gib=50), host).verdict().refusals
    assert len(refusals) == 5  # One too small, two with data, one of the system, one with partitions.


DECISIONS = {
    "listed by serial": ({}, facts(), "format"),
    "listed by name": ({"format": [ID_ONE]}, facts(), "format"),
    "listed by the end of its name": ({"format": ["ata-ONE"]}, facts(), "format"),
    "formatted by us": (
        {"format": []},
        facts(**device(signatures=("xfs",), label="MINIODRIVE1", blank=False), labels={"MINIODRIVE1": ("/dev/sdb",)}),
        "mount",
    ),
    "mounted": (NONE, facts(mounts=[mounted()]), "mounted"),
    "mounted, with its device named": ({}, facts(mounts=[mounted()]), "mounted"),
    "used by our own node": (
        NONE,
        facts(
            mounts=[mounted()],
            folders={ONE: Folder("folder", ("minio",), node_owner=9000, node_empty=False, immutable=True)},
            containers=(Container("storageserver-minio1-1", "storageserver", (f"{ONE}/minio",)),),
        ),
        "mounted",
    ),
    "beside a container of someone": (
        NONE,
        facts(mounts=[mounted()], containers=(Container("exporter", "", ("/", "/mnt", f"{ONE}0")),)),
        "mounted",
    ),
    "to be mounted before, but for check mode": ({**NONE, "pending": [ONE]}, facts(permanent=frozenset()), "pending"),
    "a folder in place of a drive": (
        {**NONE, "allow_shared_disk": True, "minimum_size_gib": 1000},
        facts(mounts=[mounted(fstype="ext4", number="8:1", root="/var/lib/drives/drive1")]),
        "mounted",
    ),
}


@pytest.mark.parametrize(("options", "host", "state"), DECISIONS.values(), ids=DECISIONS)
def test_what_is_done(options, host, state):
    verdict = Judge(request(**options), host).verdict()
    assert verdict.refusals == ()
    assert [drive["state"] for drive in verdict.drives] == [state]


def test_the_plan_in_words():
    assert Judge(request(), facts()).verdict().plan == (
        f"format {ID_ONE} with XFS, label MINIODRIVE1",
        f"mount {ID_ONE} on {ONE}, also in /etc/fstab",
    )


WARNINGS = {
    "gone after a reboot": (NONE, facts(mounts=[mounted()], permanent=frozenset()), "mounts it again after a reboot"),
    "disk of the system": (NONE, facts(mounts=[mounted(number="8:0")]), "it shares its disk with the system (/)"),
    "its device is gone": ({}, facts(mounts=[mounted()], **device(number="")), f"{ID_ONE}, which drives_devices names"),
}


@pytest.mark.parametrize(("options", "host", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_what_an_operator_is_warned_of(options, host, warning):
    verdict = Judge(request(**options), host).verdict()
    assert verdict.refusals == ()
    assert len(verdict.warnings) == 1
    assert warning in verdict.warnings[0]


def test_missing_redundancy_is_said():
    loops = [Block("7:0", "/dev/loop0", "loop", 2 * GIB), Block("7:1", "/dev/loop1", "loop", 2 * GIB)]
    host = facts(
        blocks=[SYSTEM, ROOT, *loops],
        mounts=[mounted(number="7:0"), mounted(TWO, number="7:1")],
        backings={"7:0": "/var/lib/one.img", "7:1": "/var/lib/two.img"},
    )
    said = Judge(request(**BOTH | NONE), host).verdict().missing_redundancy
    assert said == (
        f"{ONE}, {TWO} are files on one filesystem (/): losing it loses all of them.",
        "All nodes run on one host: drives and nodes may fail, the host may not.",
    )
    shared = facts(mounts=[mounted(root="/a"), mounted(TWO, root="/b")])
    said = Judge(request(**BOTH | NONE, allow_shared_disk=True, hosts=2), shared).verdict().missing_redundancy
    assert said == (f"{ONE}, {TWO} are on one disk (/dev/sdb): losing it loses all of them.",)


@pytest.mark.parametrize(
    ("point", "expected"),
    [("/mnt/drive1", "MINIODRIVE1"), ("/mnt/drive12", "MINIODRIVE12"), ("/srv/my data_100", "Y_DATA_100"[-12:])],
)
def test_labels_fit_xfs(point, expected):
    label = request().label(point)
    assert label.endswith(expected)
    assert re.fullmatch(r"[A-Z0-9_.-]{1,12}", label)


@pytest.mark.parametrize(
    ("point", "unit"),
    [
        ("/mnt/drive1", "mnt-drive1.mount"),
        ("/srv/my-data/x y", r"srv-my\x2ddata-x\x20y.mount"),
        ("/.hidden/ü", r"\x2ehidden-\xc3\xbc.mount"),
        ("/", "-.mount"),
    ],
)
def test_names_of_mount_units_are_systemd_s(point, unit):
    assert mount_unit(point) == unit
