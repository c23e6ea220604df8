"""The server reboots, and nobody runs a playbook."""

from service import DEVICES, DRIVES, PROJECT, Store
from serving import wait_until


def test_everything_comes_back_after_a_reboot(store: Store) -> None:
    containers = {service: store.inspect(service)["Id"] for service in (*DRIVES, "nginx")}
    store.reboot()
    wait_until(lambda: store.healthy_nodes() == set(DRIVES), 90, "all four nodes are healthy")
    wait_until(store.works, 30, "a write and a read")
    assert {service: store.inspect(service)["Id"] for service in containers} == containers
    store.assert_data_equal()


def test_a_reboot_without_one_drive_costs_one_node(store: Store) -> None:
    device = DEVICES[DRIVES["minio2"]]
    used = root_filesystem(store)
    store.inside(f"systemctl disable instance-drive@{device}")
    store.reboot()
    rest = set(DRIVES) - {"minio2"}
    wait_until(
        lambda: all(store.status("/minio/health/cluster", node) == 200 for node in rest), 90, "three nodes serve"
    )
    wait_until(store.works, 30, "a write and a read")
    assert "/mnt/drive2" not in store.inside("findmnt --list --noheadings --output TARGET")
    assert not store.inspect("minio2")["State"]["Running"]
    store.assert_data_equal()
    # The node wrote nothing to the mount point, which is on the system's disk.
    assert store.inside("ls -A /mnt/drive2") == ""
    assert root_filesystem(store) - used < 50_000
    store.inside(f"systemctl enable --now instance-drive@{device}")


def test_one_command_heals_it(store: Store) -> None:
    store.inside(f"mount --all && cd {PROJECT} && docker compose up --detach")
    wait_until(lambda: store.healthy_nodes() == set(DRIVES), 90, "all four nodes are healthy")
    wait_until(lambda: all(d["state"] == "ok" for n in DRIVES for d in store.drives_of(n)), 60, "all drives are ok")
    store.assert_data_equal()


def root_filesystem(store: Store) -> int:
    """Kilobytes of the system's disk that the instance has written to."""
    return int(store.inside("du --summarize --one-file-system / 2>/dev/null | cut -f1", check=False))
