"""A node dies while clients work."""

import time

from service import DRIVES, FAILURES, Store
from serving import wait_until

# The SDK repeats a request for about as long as this before it gives up.
PATIENCE = 15


def test_a_node_that_dies_is_not_missed(store: Store) -> None:
    store.inside("docker kill storageserver-minio3-1")
    try:
        assert work(store, "died", seconds=10) == []
        assert store.status("/minio/health/cluster") == 200
    finally:
        store.inside("docker start storageserver-minio3-1")
    all_serve_and_nothing_is_lost(store)


def test_a_node_that_crashes_comes_back_by_itself(store: Store) -> None:
    before = store.inspect("minio2")["State"]
    store.inside(f"kill -9 {before['Pid']}")
    # It is up again at once, and gets requests before it has found its peers: it refuses some of them. No acknowledged
    # write is lost, and the store as a whole goes on.
    refused = work(store, "crashed", seconds=20)
    print(f"refused after the crash: {len(refused)} {sorted(set(refused))}")
    all_serve_and_nothing_is_lost(store)
    after = store.inspect("minio2")["State"]
    assert after["Running"]
    assert after["StartedAt"] > before["StartedAt"]


def work(store: Store, name: str, seconds: float) -> list[str]:
    """Writes and reads, one after the other, by a client as users have it; what it was refused, never for long."""
    client, refused = store.client(), []
    end = time.monotonic() + seconds
    last = time.monotonic()
    number = 0
    while time.monotonic() < end:
        number += 1
        try:
            store.write_and_read(client, f"{name}/{number}")
            last = time.monotonic()
        except FAILURES as error:
            refused.append(f"{getattr(error, 'code', '')} {error}"[:200])
            assert time.monotonic() - last < PATIENCE, refused
    return refused


def all_serve_and_nothing_is_lost(store: Store) -> None:
    wait_until(lambda: store.healthy_nodes() == set(DRIVES), 120, "all four nodes are healthy again")
    wait_until(store.works, 30, "a write and a read")
    store.assert_data_equal()
