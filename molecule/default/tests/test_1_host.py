"""What was asked of the server: four nodes, each on the drive that was named for it."""

import pytest
from service import DRIVES, Store

testinfra_hosts = ["storage"]


@pytest.mark.parametrize(("node", "drive"), DRIVES.items())
def test_each_node_keeps_its_data_on_its_drive(store: Store, node: str, drive: str) -> None:
    binds = [mount["Source"] for mount in store.inspect(node)["Mounts"] if mount["Source"].startswith("/mnt/")]
    assert binds == [f"{drive}/minio"]


def test_all_drives_are_ok_and_different(store: Store) -> None:
    drives = [drive for node in DRIVES for drive in store.drives_of(node)]
    assert [drive["state"] for drive in drives] == ["ok"] * 4
    assert len({drive["uuid"] for drive in drives}) == 4


@pytest.mark.parametrize("drive", sorted(DRIVES.values()))
def test_drives_are_xfs_mounted_with_their_options(host, drive: str) -> None:
    mount = host.mount_point(drive)
    assert mount.exists
    assert mount.filesystem == "xfs"
    assert "noatime" in mount.options
    assert "nofail" in store_fstab(host, drive)


def store_fstab(host, drive: str) -> str:
    return host.check_output(f"findmnt --fstab --noheadings --output OPTIONS {drive}")


def test_nodes_run_without_privileges(store: Store) -> None:
    for node in DRIVES:
        config = store.inspect(node)
        assert config["Config"]["User"] not in ("", "0", "root")
        assert not config["HostConfig"]["Privileged"]


def test_the_engine_is_the_distributions(host) -> None:
    assert host.package("docker.io").is_installed
    assert host.service("docker").is_enabled
