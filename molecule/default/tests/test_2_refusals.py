"""What the gateway refuses, and what ordinary clients do all the same."""

import io
import os
import shutil
import subprocess
import sysconfig
import uuid
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
import urllib3
from botocore.config import Config
from minio.commonconfig import CopySource
from service import Store

DATE = "20260101T000000Z"
QUERY = f"X-Amz-Credential=somebody%2F{DATE[:8]}%2Fus-east-1%2Fs3%2Faws4_request"
HEADER = f"AWS4-HMAC-SHA256 Credential=somebody/{DATE[:8]}/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
# Query and headers of a PUT, and what the log says of it.
FORGED = {
    "archive": ("", {"X-Amz-Meta-Snowball-Auto-Extract": "true"}, "archives"),
    "archive with a signature": ("", {"x-amz-meta-snowball-auto-extract": "1", "Authorization": HEADER}, "archives"),
    "unsigned trailer": (QUERY, {"X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, "unsigned trailer"),
    "the same in other letters": (
        "",
        {"x-amz-content-sha256": "streaming-unsigned-payload-trailer"},
        "unsigned trailer",
    ),
    "copy by a URL": ("X-Amz-SignedHeaders=host&X-Amz-Signature=0", {"x-amz-copy-source": "/a/b"}, "not signed"),
    "copy by a URL, encoded": ("X%2DAmz%2DSignature=0", {"x-amz-copy-source": "/a/b"}, "not signed"),
    "copy by a URL, twice": (
        "X-Amz-SignedHeaders=host&X-Amz-SignedHeaders=x-amz-copy-source&X-Amz-Signature=0",
        {"x-amz-copy-source": "/a/b"},
        "not signed",
    ),
    "copy by a header": ("", {"x-amz-copy-source": "/a/b", "Authorization": HEADER}, "not signed"),
    "replication": ("", {"X-Minio-Source-Replication-Request": "true", "Authorization": HEADER}, "replication"),
    "encryption": (
        "",
        {"X-Minio-Replication-Server-Side-Encryption-Iv": "AA==", "Authorization": HEADER},
        "replication",
    ),
}


@pytest.mark.parametrize("form", FORGED)
def test_forged_requests_reach_no_node(store: Store, form: str) -> None:
    query, headers, words = FORGED[form]
    name = f"forged-{uuid.uuid4()}"
    url = f"http://{store.address}:9000/models/{name}?{query}"
    answer = urllib3.request("PUT", url, headers=headers, body=b"x", retries=False)
    assert answer.status == 403
    assert "Refused by the gateway" in answer.data.decode()
    (entry,) = [entry for entry in store.accesses() if entry["path"] == f"/models/{name}"]
    assert words in entry["refused"]
    assert entry["upstream"] == ""


# From an address that no network of the inventory holds.
STRANGER = """
import http.client, sys
family, path, node = sys.argv[1:]
source, here = {"4": ("198.51.100.7", "127.0.0.1"), "6": ("2001:db8::7", "::1")}[family]
connection = http.client.HTTPConnection(here, 9000, source_address=(source, 0))
connection.request("GET", path, headers={"X-Storage-Node": node} if node else {})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""


@pytest.fixture(scope="module")
def stranger(store: Store):
    store.inside("ip addr add 198.51.100.7/32 dev lo; ip -6 addr add 2001:db8::7/128 dev lo nodad")

    def ask(family: str, path: str, node: str = "") -> str:
        return store.inside(f"python3 -c '{STRANGER}' {family} '{path}' '{node}'")

    yield ask
    store.inside("ip addr del 198.51.100.7/32 dev lo; ip -6 addr del 2001:db8::7/128 dev lo")


@pytest.mark.parametrize("family", ["4", "6"])
def test_strangers_reach_objects_and_nothing_else(stranger, family: str) -> None:
    for path in (
        "/minio/admin/v3/info",
        "//minio/admin/v3/info",
        "/minio/v2/metrics/cluster",
        "/minio/../minio/admin/v3/info",
    ):
        assert stranger(family, path).startswith("403 <Error><Code>AccessDenied</Code><Message>Refused by the gateway")
    assert "Refused by the gateway" in stranger(family, "/models/there", "minio1")
    assert stranger(family, "/minio/health/live").startswith("200")
    refused = stranger(family, "/models/there")
    assert refused.startswith("403")
    assert "Refused by the gateway" not in refused


def test_the_controller_reaches_the_admin_api(store: Store) -> None:
    answer = urllib3.request("GET", f"http://{store.address}:9000/minio/admin/v3/info", retries=False)
    assert "Refused by the gateway" not in answer.data.decode()


def test_boto3_with_its_defaults(store: Store) -> None:
    keys = {
        "aws_access_key_id": store.workstation["access_key"],
        "aws_secret_access_key": store.workstation["secret_key"],
    }
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    s3 = boto3.client("s3", endpoint_url=f"http://{store.address}:9000", region_name="us-east-1", config=config, **keys)
    data = os.urandom(1 << 20)
    s3.put_object(Bucket="models", Key="boto3/put", Body=data)
    s3.put_object(Bucket="models", Key="boto3/sum", Body=data, ChecksumAlgorithm="SHA256")
    s3.upload_fileobj(io.BytesIO(data * 20), "models", "boto3/multipart")
    s3.copy_object(Bucket="models", Key="boto3/copy", CopySource="models/boto3/put")
    for key in ("put", "sum", "copy"):
        assert s3.get_object(Bucket="models", Key=f"boto3/{key}")["Body"].read() == data
    assert s3.head_object(Bucket="models", Key="boto3/multipart")["ContentLength"] == len(data) * 20
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "models", "Key": "boto3/url"})
    assert urllib3.request("PUT", url, body=b"by url").status == 200
    listed = s3.list_objects_v2(Bucket="models", Prefix="boto3/")["Contents"]
    s3.delete_objects(Bucket="models", Delete={"Objects": [{"Key": each["Key"]} for each in listed]})


def test_minio_py_with_its_defaults(store: Store) -> None:
    client = store.client(**store.workstation)
    data = os.urandom(6 << 20)
    client.put_object("models", "minio-py/stream", io.BytesIO(data), -1, part_size=5 << 20)
    client.copy_object("models", "minio-py/copy", CopySource("models", "minio-py/stream"))
    assert client.get_object("models", "minio-py/copy").data == data
    url = client.presigned_put_object("models", "minio-py/url", timedelta(minutes=5))
    assert urllib3.request("PUT", url, body=b"by url").status == 200


def test_rclone_with_its_defaults(store: Store, tmp_path: Path) -> None:
    rclone = shutil.which("rclone", path=sysconfig.get_path("scripts"))
    assert rclone
    there, back = tmp_path / "there", tmp_path / "back"
    for name, size in (("small", 10), ("large", 12 << 20), ("a b+c/ü", 1000)):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_bytes(os.urandom(size))
    remote = {"TYPE": "s3", "PROVIDER": "Minio", "ENDPOINT": f"http://{store.address}:9000", "REGION": "us-east-1"}
    keys = {"ACCESS_KEY_ID": store.workstation["access_key"], "SECRET_ACCESS_KEY": store.workstation["secret_key"]}
    environment = {f"RCLONE_CONFIG_STORE_{key}": value for key, value in (remote | keys).items()}
    for source, target in ((there, "store:models/rclone"), ("store:models/rclone", back)):
        command = [rclone, "sync", "--config", "", "--s3-upload-cutoff", "5M", "--retries", "1", source, target]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for path in there.rglob("*"):
        if path.is_file():
            assert (back / path.relative_to(there)).read_bytes() == path.read_bytes()
