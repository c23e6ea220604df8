"""Good drives, on a host that had neither tools nor filesystems."""

import json

import pytest

testinfra_hosts = ["storage"]

POINTS = [f"/mnt/drive{number}" for number in range(1, 5)]


@pytest.mark.parametrize("point", POINTS)
def test_xfs_is_mounted_by_label_and_at_boot(host, point):
    found = json.loads(host.check_output(f"findmnt --json --mountpoint {point} --output FSTYPE,OPTIONS,LABEL,SOURCE"))
    mount = found["filesystems"][0]
    assert (mount["fstype"], "noatime" in mount["options"].split(",")) == ("xfs", True)
    label = f"TEST-{point.rpartition('/')[2].upper()}"
    assert host.check_output(f"blkid --probe --match-tag LABEL --output value {mount['source']}") == label
    line = f"LABEL={label} {point} xfs noatime,nofail,x-systemd.device-timeout=10s 0 0"
    assert line in host.file("/etc/fstab").content_string


@pytest.mark.parametrize("point", POINTS)
def test_the_node_s_folder_is_the_node_s_and_on_the_drive(host, point):
    folder = host.file(f"{point}/minio")
    assert (folder.is_directory, folder.uid, folder.gid, folder.mode) == (True, 9000, 9000, 0o750)


def test_the_engine_waits_for_the_mounts_and_requires_none(host):
    units = [f"mnt-drive{number}.mount" for number in range(1, 5)]
    for unit in ("docker.service", "storageserver-xfs-errors.service"):
        shown = dict(
            line.split("=", 1)
            for line in host.check_output(
                f"systemctl show {unit} --property After,Requires,BindsTo,RequiresMountsFor"
            ).split("\n")
        )
        assert set(units) <= set(shown["After"].split())
        assert "mnt-" not in shown["Requires"] + shown["BindsTo"] + shown["RequiresMountsFor"]
    assert host.service("storageserver-xfs-errors").is_enabled
