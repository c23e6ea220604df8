"""S3 through port 9000, as clients speak it."""

import hashlib
import io
import uuid
from datetime import timedelta

import pytest
import urllib3
from minio.error import S3Error
from service import DRIVES, STORE, Store
from serving import Serving


def test_the_buckets_are_there(store: Store) -> None:
    assert {bucket.name for bucket in store.client().list_buckets()} >= {"superdarn-data", "models", "processed-data"}


def test_health_through_the_gateway(store: Store) -> None:
    assert store.status("/minio/health/live") == 200
    assert store.status("/minio/health/cluster") == 200
    assert store.healthy_nodes() == set(DRIVES)


def test_an_unknown_node_is_not_addressed(store: Store) -> None:
    assert store.status("/minio/health/live", "minio9") in (400, 403, 404)


@pytest.mark.parametrize("secret", ["minioadmin", "wrong"])
def test_default_credentials_are_refused(store: Store, secret: str) -> None:
    with pytest.raises(S3Error) as refusal:
        store.client(access_key="minioadmin", secret_key=secret).list_buckets()
    assert refusal.value.code == "InvalidAccessKeyId"


def test_requests_are_spread_over_the_nodes(store: Store) -> None:
    # While nodes are young, one of them serves alone.
    Serving(STORE).settle()
    client = store.client()
    prefix = f"spread-{uuid.uuid4()}"
    for number in range(40):
        client.put_object("models", f"{prefix}/{number}", io.BytesIO(b"x"), 1)
    upstreams = [entry["upstream"] for entry in store.accesses() if entry["path"].startswith(f"/models/{prefix}/")]
    assert len(upstreams) == 40
    counts = sorted(upstreams.count(upstream) for upstream in set(upstreams))
    assert len(counts) == 4
    assert counts[0] >= 4


def test_the_log_names_clients_by_their_address(store: Store) -> None:
    store.client().bucket_exists("models")
    clients = {entry["client"] for entry in store.accesses() if entry["path"].startswith("/models")}
    gateway = store.inside("ip -4 route show default").split()[2]
    assert clients == {gateway}


def test_the_log_names_clients_by_their_address_over_ipv6(store: Store) -> None:
    name = f"six-{uuid.uuid4()}"
    store.inside(f"exec 3<>/dev/tcp/::1/9000 && printf 'GET /{name} HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3")
    assert [entry["client"] for entry in store.accesses() if entry["path"] == f"/{name}"] == ["::1"]


def test_an_empty_object(store: Store) -> None:
    client = store.client()
    client.put_object("models", "empty", io.BytesIO(b""), 0)
    assert client.stat_object("models", "empty").size == 0
    assert client.get_object("models", "empty").data == b""


def test_a_range(store: Store) -> None:
    client = store.client()
    data = bytes(range(256)) * 4096
    client.put_object("models", "range", io.BytesIO(data), len(data))
    assert client.get_object("models", "range", offset=300_001, length=70_000).data == data[300_001:370_001]


def test_presigned_urls_hold_the_port_and_stay_secret(store: Store) -> None:
    client = store.client()
    name = f"presigned name+{uuid.uuid4()}"
    upload = client.presigned_put_object("models", name, timedelta(minutes=5))
    assert f"{store.address}:9000/" in upload
    assert urllib3.request("PUT", upload, body=b"signed").status == 200
    download = client.presigned_get_object("models", name, timedelta(minutes=5))
    assert urllib3.request("GET", download).data == b"signed"
    assert urllib3.request("GET", download[:-1] + ("0" if download[-1] != "0" else "1")).status == 403

    signature = download.rpartition("=")[2]
    entries = [entry for entry in store.accesses() if entry["path"] == f"/models/{name}"]
    assert len(entries) == 3
    assert all("X-Amz-Signature" in entry["query"] for entry in entries)
    assert signature not in str(entries)


def test_metadata_in_any_header(store: Store) -> None:
    client = store.client()
    client.put_object("models", "meta", io.BytesIO(b""), 0, metadata={"x-amz-meta-some_name.with": "dots"})
    assert client.stat_object("models", "meta").metadata["x-amz-meta-some_name.with"] == "dots"


def test_uploads_never_touch_the_gateways_disk(store: Store) -> None:
    data = io.BytesIO(b"\0" * (64 << 20))
    before = store.inside("docker exec storageserver-nginx-1 du -s /tmp | cut -f1")
    store.client().put_object("models", "big", data, 64 << 20, part_size=64 << 20)
    assert store.inside("docker exec storageserver-nginx-1 du -s /tmp | cut -f1") == before
    assert Store.sum_of(store.client(), "big", "models") == hashlib.sha256(data.getvalue()).hexdigest()
