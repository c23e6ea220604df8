"""A node dies while clients work."""

import time

from service import DRIVES, Store, wait_until


def test_a_killed_node_is_not_missed_and_comes_back(store: Store) -> None:
    before = store.inspect("minio2")["State"]
    store.inside(f"kill -9 {before['Pid']}")
    work(store, seconds=5)
    wait_until(lambda: store.healthy_nodes() == set(DRIVES), 60, "all four nodes are healthy again")
    after = store.inspect("minio2")["State"]
    assert after["Running"]
    assert after["StartedAt"] > before["StartedAt"]


def test_a_node_that_stays_away_is_not_missed(store: Store) -> None:
    store.inside("docker kill storageserver-minio3-1")
    try:
        work(store, seconds=5)
        assert store.status("/minio/health/cluster") == 200
    finally:
        store.inside("docker start storageserver-minio3-1")
    wait_until(lambda: store.healthy_nodes() == set(DRIVES), 60, "all four nodes are healthy again")


def work(store: Store, seconds: float) -> None:
    """Clients as users have them: what was in flight when the node died, they send again."""
    client = store.client()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert store.works(client)
