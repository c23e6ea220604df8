"""One run over drives that must all be refused: each reason is said, and not one byte of any of them has changed."""

import re
from types import SimpleNamespace

import pytest
from operating import play

testinfra_hosts = ["storage"]

STORE = "storageserver-drives-store"
EMPTY = ["kernel", "root", "boot", "swap", "held", "twice", "unlisted", "files", "shared1", "shared2", "small"]
MOUNTED = ["ext4", "byhand", "used"]
DEVICES = [*EMPTY, *MOUNTED, "partitioned", "filesystem", "head", "tail"]
BY_ID = {name: f"/dev/disk/by-id/virtio-{name}" for name in DEVICES}
NAMED = {name: BY_ID[name] for name in DEVICES if name not in ("kernel", "twice", *MOUNTED)} | {
    "kernel": "/dev/kernel",
    "twice1": BY_ID["twice"],
    "twice2": "/dev/disk/by-id/wwn-twice",
}
POINTS = [*NAMED, *MOUNTED, "missing"]
VARIABLES = {
    "storage_nodes": [
        {"name": f"minio{number}", "host": STORE, "drives": [f"/mnt/{point}"]} for number, point in enumerate(POINTS, 1)
    ],
    "drives_devices": {f"/mnt/{point}": device for point, device in NAMED.items()},
    "drives_format": [f"virtio-{name}" for name in DEVICES if name != "unlisted"],
    "drives_minimum_size_gib": 0.3,
}
BY_HAND = "This is a cluster made by hand: adopting it comes by its own playbook"
REASONS = {
    "a kernel's name": r"/mnt/kernel: /dev/kernel is not a stable name, .*: /dev/disk/by-id/virtio-kernel",
    "the root device": r"/mnt/root: \S+ is on a disk of this system, which holds /\.",
    "the boot device": r"/mnt/boot: \S+ is on a disk of this system, which holds /boot",
    "a swap device": r"/mnt/swap: \S+ is on a disk of this system, which holds \[SWAP\]",
    "partitions": r"/mnt/partitioned: \S+ has partitions \(/dev/partitioned1\)",
    "a partition table": r"/mnt/partitioned: \S+ carries dos, and is never overwritten",
    "a holder": r"/mnt/held: \S+ is held by /dev/held1 \(lvm\)",
    "a filesystem": r"/mnt/filesystem: \S+ carries ext4 with label precious, and is never overwritten",
    "data at the start": r"/mnt/head: \S+ holds data \(bytes other than zero\)",
    "data at the end": r"/mnt/tail: \S+ holds data \(bytes other than zero\)",
    "a device named twice": r"/mnt/twice1, /mnt/twice2 name one device \(\S+virtio-twice, \S+wwn-twice\)",
    "too small": r"/mnt/small: \S+ is too small: 0\.06 GiB, and drives_minimum_size_gib is 0\.3",
    "two on one disk": r"/mnt/shared1, /mnt/shared2 are on one disk \(/dev/big\): losing it loses all of them",
    "files in the mount point": r"/mnt/files: nothing is mounted there, but the folder holds files \(file\)",
    "not XFS": r"/mnt/ext4: ext4 is mounted there, and drives are XFS",
    "a cluster made by hand": rf"/mnt/byhand: its root holds \.minio\.sys\. {BY_HAND}",
    "a container of others": rf"/mnt/used: container legacy-minio1 of Compose project legacy uses it\. {BY_HAND}",
    "nothing mounted, no device": r"/mnt/missing: nothing is mounted there, and no device .* set drives_devices",
    "not allowed to be formatted": r"/mnt/unlisted: \S+ is empty, .* Add virtio-unlisted to drives_format",
}


def state(host) -> str:
    """All bytes of all devices, what is mounted, what will be, and what lies in the mount points."""
    devices = " ".join(f"/dev/{name}" for name in DEVICES)
    return host.check_output(
        f"printf '%s\\n' {devices} | xargs -P 2 -n 1 sha256sum | sort -k 2;"
        " findmnt --list; cat /etc/fstab; find /mnt -xdev -ls; lsattr -d /mnt/*;"
        " docker ps --all --format '{{.Names}} {{.State}}'"
    )


@pytest.fixture(scope="module")
def refused(host):
    before = state(host)
    done = play("prepare-drives", **VARIABLES)
    return SimpleNamespace(code=done.returncode, output=done.stdout + done.stderr, before=before, after=state(host))


def test_the_run_fails_and_says_that_nothing_was_written(refused):
    assert refused.code != 0, refused.output
    assert "Drives were refused, and nothing was written" in refused.output
    assert re.search(r"changed=0 .*failed=1", refused.output)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_each_reason_is_said(refused, reason):
    assert re.search(rf"^- {reason}", refused.output, re.MULTILINE), refused.output


def test_not_one_byte_has_changed(refused):
    assert refused.after == refused.before
