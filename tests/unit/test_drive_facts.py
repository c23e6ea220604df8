"""What is made of the answers of a host's tools. The tools are scripted; real ones answer in molecule/drives."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from plugins.module_utils.storage_server import drive_facts, drives, local_drives
from plugins.module_utils.storage_server.disks import Block, Container, Device, Folder, Mount
from plugins.module_utils.storage_server.drive_facts import gather
from plugins.module_utils.storage_server.errors import RequestError

DISK = {"name": "/dev/sdb", "maj:min": "8:16", "type": "disk", "size": 5 << 30, "serial": " S1 ", "ro": False}
PART = {"name": "/dev/sdb1", "maj:min": "8:17", "type": "part", "size": None, "serial": None, "ro": True}
RAID = {"name": "/dev/md0", "maj:min": "9:0", "type": "raid1", "size": 1, "serial": None, "ro": False}
MOUNTED = {
    "target": "/mnt/a",
    "source": "/dev/sdb1",
    "fstype": "xfs",
    "options": "rw",
    "maj:min": "8:17",
    "fsroot": "/",
}
BOUND = {"target": "/mnt/b", "source": None, "fstype": None, "options": "ro,noatime", "maj:min": None, "fsroot": None}
CONTAINER = {
    "Name": "/by-hand",
    "Config": {"Labels": {"com.docker.compose.project": "mine"}},
    "Mounts": [{"Source": "/mnt/a"}, {"Type": "tmpfs"}],
}


def block_devices():
    raid = {**RAID, "mountpoints": ["/srv", None]}
    first = {**DISK, "mountpoints": [None], "children": [{**PART, "mountpoints": [None], "children": [raid]}]}
    second = {**DISK, "name": "/dev/sdc", "maj:min": "8:32", "mountpoints": [None], "children": [raid]}
    return {"blockdevices": [first, second]}


class Tools:
    """Answers by the name of the program, or of what a private shell is to run."""

    def __init__(self):
        self.answers = {
            "lsblk": block_devices(),
            "findmnt --kernel": {"filesystems": [MOUNTED, BOUND]},
            "findmnt --fstab": {"filesystems": [{"target": "/mnt/a", "source": "LABEL=drive1"}]},
            "wipefs": {"signatures": [{"type": "xfs", "label": "drive1"}]},
            "docker ps": "c1\n",
            "docker inspect": [CONTAINER],
            "blkid": "DEVNAME=/dev/sdb\nLABEL=drive1\n\nDEVNAME=/dev/sdc\n",
            "lsattr": "/mnt/c\n",
            "mount": ".minio.sys\n",
        }

    def __call__(self, argv, *, check=False):
        line = " ".join(argv)
        words = next((name for name in self.answers if all(word in line for word in name.split())), None)
        answer = self.answers[words]
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(stdout=answer if isinstance(answer, str) else json.dumps(answer))


@pytest.fixture
def tools(monkeypatch):
    tools = Tools()
    monkeypatch.setattr(drive_facts, "_run", tools)
    monkeypatch.setattr(drive_facts.shutil, "which", lambda tool, path: f"/usr/bin/{tool}")
    return tools


@pytest.fixture
def device(monkeypatch, tmp_path):
    """A file that passes for a block device."""
    path = tmp_path / "device"
    path.write_bytes(bytes(3 << 20))
    real = drive_facts._number
    monkeypatch.setattr(drive_facts, "_number", lambda name: "8:16" if name == str(path) else real(name))
    return path


def test_devices_and_what_they_lie_on(tools):
    facts = gather({}, {}, "minio")
    assert facts.blocks["8:16"] == Block("8:16", "/dev/sdb", "disk", 5 << 30, "S1")
    assert facts.blocks["8:17"] == Block("8:17", "/dev/sdb1", "part", 0, read_only=True, parents=("8:16",))
    assert facts.blocks["9:0"].parents == ("8:17", "8:32")
    assert facts.blocks["9:0"].mounts == ("/srv",)


def test_mounts(tools):
    facts = gather({}, {}, "minio")
    assert facts.mounts == {
        "/mnt/a": Mount("/mnt/a", "/dev/sdb1", "xfs", "8:17"),
        "/mnt/b": Mount("/mnt/b", "", "", "", "/", read_only=True),
    }
    assert facts.permanent == {"/mnt/a"}


def test_mount_points(tools, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "empty").mkdir()
    (tmp_path / "used/minio/.minio.sys").mkdir(parents=True)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/minio").touch()
    tools.answers["lsattr"] = f"{tmp_path}/empty\n"
    names = ["missing", "file", "link", "empty", "used", "odd"]
    facts = gather({str(tmp_path / name): "x.mount" for name in names}, {}, "minio")
    missing, file, link, empty, used, odd = (facts.folders[str(tmp_path / name)] for name in names)
    assert (missing, file, link) == (Folder(), Folder("file"), Folder("link"))
    assert empty == Folder("folder", immutable=True)
    assert (used.entries, used.node_empty, used.immutable) == (("minio",), False, False)
    assert "Not a directory" in odd.problem


def test_a_mount_unit_makes_a_mount_permanent(tools, monkeypatch, tmp_path):
    (tmp_path / "mnt-c.mount").touch()
    monkeypatch.setattr(drive_facts, "UNIT_FOLDERS", (str(tmp_path),))
    assert gather({"/mnt/c": "mnt-c.mount", "/mnt/d": "mnt-d.mount"}, {}, "minio").permanent == {"/mnt/a", "/mnt/c"}


def test_a_device_with_a_filesystem(tools, device):
    facts = gather({"/mnt/c": "mnt-c.mount"}, {"/mnt/c": str(device)}, "minio")
    assert facts.devices[str(device)] == Device(
        str(device), "8:16", signatures=("xfs",), label="drive1", blank=True, entries=(".minio.sys",)
    )
    assert facts.labels == {"drive1": ("/dev/sdb",)}


@pytest.mark.parametrize("where", [0, -1])
def test_a_device_with_data_and_no_signature(tools, device, where):
    tools.answers["wipefs"] = {}
    content = bytearray(device.read_bytes())
    content[where] = 1
    device.write_bytes(content)
    facts = gather({"/mnt/c": "mnt-c.mount"}, {"/mnt/c": str(device)}, "minio")
    assert facts.devices[str(device)] == Device(str(device), "8:16", blank=False)


def test_devices_that_are_none_or_do_not_answer(tools, device, tmp_path):
    tools.answers["wipefs"] = subprocess.CalledProcessError(1, "wipefs")
    (tmp_path / "file").touch()
    asked = {"/mnt/c": str(device), "/mnt/d": str(tmp_path / "file"), "/mnt/e": "/dev/none"}
    found = gather(dict.fromkeys(asked, "x.mount"), asked, "minio").devices
    assert "cannot be read" in found[str(device)].problem
    assert found[str(tmp_path / "file")].problem == "is no block device of this host"
    assert found["/dev/none"].problem == "does not exist"


def test_a_device_behind_a_mount_is_not_looked_into(tools):
    assert gather({"/mnt/a": "x.mount"}, {"/mnt/a": "/dev/none"}, "minio").devices == {"/dev/none": Device("/dev/none")}


def test_containers(tools):
    assert gather({}, {}, "minio").containers == (Container("by-hand", "mine", ("/mnt/a",)),)
    tools.answers["docker ps"] = ""
    assert gather({}, {}, "minio").containers == ()
    tools.answers["docker ps"] = subprocess.TimeoutExpired("docker", 60)
    assert gather({}, {}, "minio").containers == ()


def test_a_host_without_tools(tools, monkeypatch):
    monkeypatch.setattr(drive_facts.shutil, "which", lambda tool, path: None)
    facts = gather({}, {}, "minio")
    assert facts.containers == ()
    assert facts.missing_tools == ("xfsprogs", "e2fsprogs")


def test_a_real_program_is_run_without_its_environment_s_language():
    assert drive_facts._run(["sh", "-c", "echo $LC_ALL"]).stdout == "C\n"


def test_drives_are_judged_by_these_facts(tools):
    options = {"subdirectory": "minio", "devices": {}, "owner": 9000, "hosts": 1}
    defaults = {name: field.default for name, field in drives.Request.__dataclass_fields__.items()}
    nothing = drives.check({**defaults, **options, "mount_points": []})
    assert (nothing["plan"], nothing["missing_tools"]) == ([], [])
    with pytest.raises(RequestError, match="nothing was written") as refused:
        drives.check({**defaults, **options, "mount_points": ["/mnt/none"]})
    assert len(refused.value.result["refusals"]) == 1


@pytest.fixture
def loops(monkeypatch):
    """Whether there is a free loop device."""
    answer = SimpleNamespace(returncode=0, stdout="/dev/null\n", stderr="")
    monkeypatch.setattr(local_drives.subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(local_drives, "MINIMUM_GIB", 0)
    return answer


def local(tmp_path, **changes):
    points = [str(tmp_path / f"mnt/drive{number}") for number in (1, 2)]
    options = {"directory": str(tmp_path / "drives"), "mount_points": points, "state": "present"}
    defaults = {"size_gib": 0, "use_mounted": False, "allow_shared_disk": False}
    return local_drives.check({**defaults, **options, **changes})


def test_drives_made_of_files(tools, loops, tmp_path):
    found = local(tmp_path)
    assert [drive["source"] for drive in found["make"]] == [f"{tmp_path}/drives/drive{n}.img" for n in (1, 2)]
    assert found["mounted"] == []
    assert str(tmp_path / "drives") in found["new_folders"]
    assert local(tmp_path, mount_points=[])["make"] == []


def test_drives_made_of_folders_need_leave(tools, loops, tmp_path):
    loops.returncode, loops.stdout = 1, ""
    with pytest.raises(RequestError, match="nothing was written"):
        local(tmp_path)
    found = local(tmp_path, allow_shared_disk=True)
    assert {drive["kind"] for drive in found["make"]} == {"folder"}
    loops.stderr = "losetup: cannot find an unused loop device"
    with pytest.raises(RequestError, match="unused loop device"):
        local(tmp_path)


def test_nothing_to_remove(tools, loops, tmp_path):
    (tmp_path / "drives/drive1").mkdir(parents=True)
    (tmp_path / "mnt/drive1").mkdir(parents=True)
    (tmp_path / "drives/drive2.img").write_bytes(bytes(4096))
    assert local(tmp_path, state="absent") == {"mounted": [], "fstab": [], "loops": []}
