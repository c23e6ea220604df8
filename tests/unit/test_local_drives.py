"""Drives made of files: sizes, refusals, and what is whose."""

import pytest

from plugins.module_utils.storage_server.devices import GIB
from plugins.module_utils.storage_server.disks import Block, Mount
from plugins.module_utils.storage_server.local_drives import (
    Machine,
    Request,
    _is_on,
    against,
    as_folder,
    removal,
    size_of_each,
)

POINTS = ["/mnt/drive1", "/mnt/drive2", "/mnt/drive3", "/mnt/drive4"]
FOLDER = "/var/lib/drives"
FILES = [f"{FOLDER}/drive{number}.img" for number in range(1, 5)]


def request(**changes):
    return Request(**{"mount_points": POINTS, "directory": FOLDER, **changes})


def machine(**changes):
    return Machine(
        **{
            "mounts": {},
            "backings": {},
            "fstab": {},
            "folders": {},
            "files": {},
            "plain": frozenset(),
            "bound": frozenset(),
            "blocks": {},
            "free": 100 * GIB,
            **changes,
        }
    )


def loops(count, home=FOLDER):
    """The first drives, mounted from files."""
    return {
        "mounts": {point: Mount(point, f"/dev/loop{i}", "xfs", f"7:{i}") for i, point in enumerate(POINTS[:count])},
        "backings": {f"7:{i}": f"{home}/drive{i + 1}.img" for i in range(count)},
        "blocks": {f"7:{i}": Block(f"7:{i}", f"/dev/loop{i}", "loop", GIB) for i in range(count)},
    }


@pytest.mark.parametrize(
    ("free", "size", "expected"),
    [(100, 0, 12), (16, 0, 2), (10_000, 0, 64), (100, 5, 5)],
    ids=["half of the free space", "the smallest", "no larger than of use", "as asked for"],
)
def test_sizes(free, size, expected):
    asked, here = request(size_gib=size), machine(free=free * GIB)
    assert list(against(asked, here)) == []
    assert size_of_each(asked, here) == expected * GIB


def test_files_that_may_still_grow_count_as_used():
    half_done = machine(free=38 * GIB, files={FILES[0]: (10 * GIB, 0), FILES[1]: (3 * GIB, 2 * GIB)})
    assert size_of_each(request(), half_done) == 3 * GIB  # (38 + 2) / 2 - 13 = 7 for two.


REFUSALS = {
    "too little space": ({}, machine(free=15 * GIB), "4 drives of 2 GiB each at least do not fit"),
    "too large": (
        {"size_gib": 13},
        machine(),
        "4 drives of 13 GiB each do not fit: half of the free space of /var/lib",
    ),
    "too small": ({"size_gib": 1}, machine(), "a drive has 2 GiB or more"),
    "mounted by others": (
        {},
        machine(**loops(4, "/home")),
        "/mnt/drive4: /dev/loop3 is mounted there, and was not made",
    ),
    "files below": ({}, machine(folders={POINTS[1]: ("a",)}), "/mnt/drive2: the folder holds files (a)"),
    "no loop devices": ({}, machine(no_loop="none"), "gives no loop devices (none). Set drives_allow_shared_disk=true"),
}


@pytest.mark.parametrize(("options", "here", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused(options, here, reason):
    assert [refusal for refusal in against(request(**options), here) if reason in refusal]


ACCEPTED = {
    "ours, on a full disk": ({}, machine(**loops(4), free=0)),
    "ours, but not mounted, on a full disk": ({}, machine(files=dict.fromkeys(FILES, (GIB, GIB)), free=0)),
    "mounted by others, and allowed": ({"use_mounted": True}, machine(**loops(4, "/home"), no_loop="none")),
    "folders, and allowed": ({"allow_shared_disk": True}, machine(no_loop="none", free=0)),
}


@pytest.mark.parametrize(("options", "here"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(options, here):
    assert list(against(request(**options), here)) == []


def test_a_drive_stays_what_it_is():
    folder = machine(plain=frozenset({f"{FOLDER}/drive1"}))
    assert [as_folder(request(), folder, point) for point in POINTS[:2]] == [True, False]
    file = machine(files={FILES[0]: (GIB, 0)}, no_loop="none")
    assert [as_folder(request(), file, point) for point in POINTS[:2]] == [False, True]


def test_removal_names_what_is_ours_and_nothing_else():
    here = machine(**loops(2), fstab={POINTS[0]: FILES[0], POINTS[3]: FILES[3], "/srv": "/dev/sdb"})
    here.mounts["/srv"] = Mount("/srv", "/dev/sdb", "xfs", "8:16")
    assert removal(request(), here) == {
        "mounted": POINTS[:2],
        "fstab": [POINTS[0], POINTS[3]],
        "loops": ["/dev/loop0", "/dev/loop1"],
    }


def test_a_device_that_cannot_be_asked_is_somebody_else_s(tmp_path):
    """A container sees the loop devices of its host, also those on files that are called as its own."""
    file = tmp_path / "drive1.img"
    file.touch()
    assert _is_on("7:1048575", str(file)) is False
