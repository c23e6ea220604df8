"""One contract, kept by the fake and by the adapter on a real server."""

import hashlib

import pytest

from plugins.module_utils.storage_server.errors import (
    CredentialsError,
    MissingError,
    ReadOnlyError,
    StoreError,
)
from tests.worlds import set_versioning, versioning


@pytest.fixture
def bucket(store, name):
    store.make_bucket(name)
    return name


def test_a_bucket_comes_and_goes(store, name):
    assert name not in store.buckets()
    store.make_bucket(name)
    assert name in store.buckets()
    assert store.buckets() == sorted(store.buckets())
    store.remove_bucket(name)
    assert name not in store.buckets()


def test_a_bucket_is_made_once(store, bucket):
    with pytest.raises(StoreError) as refused:
        store.make_bucket(bucket)
    assert (refused.value.code, refused.value.status) == ("BucketAlreadyOwnedByYou", 409)


def test_versioning(store, bucket):
    assert versioning(store, bucket) is None
    set_versioning(store, bucket, "enabled")
    assert versioning(store, bucket) == "enabled"
    set_versioning(store, bucket, "suspended")
    assert versioning(store, bucket) == "suspended"


@pytest.mark.parametrize(
    "question",
    [
        lambda store, name: store.remove_bucket(name),
        lambda store, name: store.contents(name, 5),
        lambda store, name: store.put(name, "a", b"data"),
        lambda store, name: store.get(name, "a"),
    ],
)
def test_a_bucket_that_is_missing(store, name, question):
    with pytest.raises(MissingError) as missing:
        question(store, name)
    assert (missing.value.code, missing.value.status) == ("NoSuchBucket", 404)


def test_an_object_comes_back_as_it_was(store, bucket):
    assert store.put(bucket, "a", b"data") is None
    assert store.get(bucket, "a") == b"data"
    store.remove(bucket, "a", None)
    with pytest.raises(MissingError) as missing:
        store.get(bucket, "a")
    assert missing.value.code == "NoSuchKey"
    assert store.contents(bucket, 5) == []


def test_an_object_removed_by_its_version_leaves_no_marker(store, bucket):
    set_versioning(store, bucket, "enabled")
    version = store.put(bucket, "a", b"data")
    assert version
    store.remove(bucket, "a", version)
    assert store.contents(bucket, 5) == []


def test_a_bucket_that_holds_something_says_what_and_stays(store, bucket):
    store.put(bucket, "a", b"data")
    store.put(bucket, "b", b"data")
    assert store.contents(bucket, 5) == ["object a", "object b"]
    assert store.contents(bucket, 1) == ["object a"]
    with pytest.raises(StoreError) as refused:
        store.remove_bucket(bucket)
    assert refused.value.code == "BucketNotEmpty"


def test_versions_and_markers_are_contents(store, bucket):
    set_versioning(store, bucket, "enabled")
    store.put(bucket, "a", b"old")
    store.put(bucket, "a", b"new")
    assert store.contents(bucket, 5) == ["object a", "old version of a"]
    store.remove(bucket, "a", None)
    assert sorted(store.contents(bucket, 5)) == ["delete marker a", "old version of a", "old version of a"]


def test_unfinished_uploads_are_contents(world, store, bucket):
    world.begin_upload(bucket, "big.h5")
    assert store.contents(bucket, 5) == ["unfinished upload big.h5"]


def test_check_mode_refuses_every_write(world, bucket):
    store = world.store(read_only=True)
    with pytest.raises(ReadOnlyError):
        store.remove_bucket(bucket)
    assert bucket in store.buckets()


def test_wrong_credentials(world, store, bucket):
    stranger = world.store(secret_key="not-the-secret")
    for question in (stranger.buckets, stranger.info, stranger.bucket_settings):
        with pytest.raises(CredentialsError) as refused:
            question()
        assert refused.value.code == "SignatureDoesNotMatch"


def test_whose_credentials_are_accepted(world, store):
    assert store.accepts(*world.credentials())
    assert not store.accepts(world.credentials()[0], "not-the-secret")
    assert not store.accepts("minioadmin", "minioadmin")


def test_a_node_tells_its_health_and_its_quorum(world, store):
    (server,) = store.info()["servers"]
    answer = store.at(world.node).probe("/minio/health/cluster")
    assert answer.headers["x-amz-id-2"] == hashlib.sha256(server["endpoint"].encode()).hexdigest()
    assert answer.status == 200
    assert "x-minio-server-status" not in answer.headers
    assert answer.headers["x-minio-write-quorum"].isdigit()
    assert store.probe("/minio/health/cluster/read").headers["x-minio-read-quorum"].isdigit()


def test_servers_and_drives(world, store):
    info = store.info()
    (server,) = info["servers"]
    assert server["endpoint"].rpartition(":")[0] == world.node
    assert (server["state"], bool(server["version"]), bool(server["commitID"])) == ("online", True, True)
    for drive in server["drives"]:
        assert drive["state"] == "ok"
        assert drive["totalspace"] >= drive["usedspace"] >= 0
        assert {"path", "availspace", "pool_index"} <= set(drive)
    assert info["backend"]["standardSCParity"] == 2
    assert len(info["backend"]["totalDrivesPerSet"]) == 1
