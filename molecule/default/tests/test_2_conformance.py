"""Through the gateway is as direct: the same requests to a node itself and to the gateway get the same answers."""

import hashlib
import http.client
import io
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from minio import Minio
from service import Block, Store

NODE, RELAY = "172.16.90.11:9000", 9500
# A node that is reached without the gateway: bytes go to and fro inside the instance.
FORWARD = """
import socket, sys, threading
host, port = sys.argv[1].split(":")
server = socket.create_server(("", int(sys.argv[2])))
def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close(), target.close()
while True:
    client, _ = server.accept()
    node = socket.create_connection((host, int(port)))
    for pair in ((client, node), (node, client)):
        threading.Thread(target=copy, args=pair, daemon=True).start()
"""
# What differs from one answer to the next, or is said by whoever answers.
OWN = {
    "date",
    "server",
    "x-amz-request-id",
    "x-amz-id-2",
    "last-modified",
    "connection",
    "keep-alive",
    "transfer-encoding",
    # How many requests a node takes besides those in work.
    "x-ratelimit-remaining",
}
MIB = 1 << 20
BODY = bytes(range(256)) * 400


class Way:
    """To the same bucket: by the gateway, or by a node."""

    def __init__(self, store: Store, address: str, bucket: str) -> None:
        self.address, self.bucket, self.keys = address, bucket, store.root
        self.minio = Minio(address, **store.root, secure=False, region="us-east-1")
        self.boto = boto3.client(
            "s3",
            endpoint_url=f"http://{address}",
            aws_access_key_id=store.root["access_key"],
            aws_secret_access_key=store.root["secret_key"],
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[object, ...]:
        """Signed, and sent exactly as it is written: no client mends the path."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, f"http://{self.address}{path}", given, body)
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
        keys = Credentials(self.keys["access_key"], self.keys["secret_key"])
        S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
        return self.send(method, path, body, dict(request.headers.items()))

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[object, ...]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        kept = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in OWN}
        connection.close()
        return answer.status, kept, without_ids(content, answer.getheader("content-type") or "")


def without_ids(content: bytes, kind: str) -> object:
    """Of XML what does not differ from one answer to the next."""
    if not content or "xml" not in kind:
        return content
    return VARYING.sub("", content.decode())


VARYING = re.compile(r"<(RequestId|HostId|LastModified|UploadId|Date)>.*?</\1>")


@pytest.fixture(scope="module")
def ways(store: Store) -> Iterator[tuple[Way, Way]]:
    """Each has a bucket of its own kind, made the same way; and the names in answers are the same."""
    bucket = f"as.direct.{uuid.uuid4().hex[:8]}"
    store.inside(f"nohup python3 -c '{FORWARD}' {NODE} {RELAY} >/dev/null 2>&1 & echo $! > /run/relay.pid")
    direct, gateway = Way(store, f"{store.address}:{RELAY}", bucket), Way(store, f"{store.address}:9000", bucket)
    store.client().make_bucket(bucket)
    yield direct, gateway
    for item in store.client().list_objects(bucket, recursive=True):
        store.client().remove_object(bucket, item.object_name)
    store.client().remove_bucket(bucket)
    store.inside("kill $(cat /run/relay.pid)")


KEYS = [
    "plain",
    "with space",
    "a+b",
    "ünï/cødé-日本",
    "slashes//within",
    "ends/",
    "dots..within/x",
    "per%25cent",
    "(!'*)~$&@=:,;",
    "question?mark",
    "hash#mark",
    "x" * 900,
    'quote"back\\slash',
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:20])
def test_keys(ways: tuple[Way, Way], key: str) -> None:
    direct, gateway = ways
    path = f"/{direct.bucket}/{quote(key, safe='/~')}"
    for method, body in (("PUT", BODY), ("HEAD", b""), ("GET", b""), ("DELETE", b""), ("GET", b"")):
        assert gateway.ask(method, path, body) == direct.ask(method, path, body), method


@pytest.mark.parametrize("path", ["//", "/../x", "/./x", "/x/../y", "/a//../b", "/%2e%2e/x", "/%00", "/a%2fb"])
def test_paths_that_a_proxy_might_mend(ways: tuple[Way, Way], path: str) -> None:
    direct, gateway = ways
    whole = f"/{direct.bucket}{path}"
    answers = gateway.ask("GET", whole), direct.ask("GET", whole)
    if answers[0][0] == 400 and answers[1][0] >= 400:
        # nginx refuses a path with a null byte or above the root by itself.
        return
    assert answers[0] == answers[1]


READS: dict[str, dict[str, str]] = {
    "whole": {},
    "first bytes": {"Range": "bytes=0-99"},
    "middle": {"Range": "bytes=1000-1999"},
    "end": {"Range": "bytes=-5"},
    "open end": {"Range": "bytes=102000-"},
    "beyond": {"Range": "bytes=9999999-"},
    "nonsense": {"Range": "bytes=z-"},
    "match": {"If_Match": f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"'},
    "other": {"If_Match": '"0"'},
    "none match": {"If_None_Match": f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"'},
    "compressed": {"Accept_Encoding": "gzip, br"},
}


@pytest.mark.parametrize("read", READS)
def test_reads(ways: tuple[Way, Way], read: str) -> None:
    direct, gateway = ways
    path = f"/{direct.bucket}/read"
    headers = {"Content_Type": "text/plain", "x_amz_meta_Some_Thing": "a  b", "Cache_Control": "no-cache"}
    assert direct.ask("PUT", path, BODY, **headers)[0] == 200
    for method in ("GET", "HEAD"):
        assert gateway.ask(method, path, **READS[read]) == direct.ask(method, path, **READS[read])


WRITES: dict[str, tuple[bytes, dict[str, str]]] = {
    "nothing": (b"", {}),
    "one byte": (b"x", {}),
    "more than a buffer": (b"x" * (MIB + 1), {}),
    "md5": (BODY, {"Content_MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}),
    "expect": (BODY, {"Expect": "100-continue"}),
    "checksum": (BODY, {"x_amz_checksum_sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
    "only if new": (BODY, {"If_None_Match": "*"}),
    "metadata": (b"x", {"x_amz_meta_dots.and_lines": "ä", "x_amz_storage_class": "STANDARD"}),
    "tags": (b"x", {"x_amz_tagging": "a=b&c=d"}),
}


@pytest.mark.parametrize("write", WRITES)
def test_writes(ways: tuple[Way, Way], write: str) -> None:
    direct, _ = ways
    body, headers = WRITES[write]
    answers = []
    for way in ways:
        name = f"/{way.bucket}/written"
        direct.ask("DELETE", name)
        answers.append((way.ask("PUT", name, body, **headers), way.ask("GET", name)))
    assert answers[0] == answers[1]


def both(ways: tuple[Way, Way], doing: Callable[[Way], object]) -> None:
    direct, gateway = ways
    assert doing(gateway) == doing(direct)


def test_presigned_urls(ways: tuple[Way, Way]) -> None:
    def doing(way: Way) -> object:
        put = urlsplit(way.minio.presigned_put_object(way.bucket, "presigned ü", timedelta(minutes=5)))
        get = urlsplit(way.minio.presigned_get_object(way.bucket, "presigned ü", timedelta(minutes=5)))
        wrong = get.query[:-1] + ("0" if get.query[-1] != "0" else "1")
        return [
            way.send("PUT", f"{put.path}?{put.query}", BODY),
            way.send("GET", f"{get.path}?{get.query}"),
            way.send("GET", f"{get.path}?{wrong}")[0],
        ]

    both(ways, doing)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_trailing_checksums(ways: tuple[Way, Way], algorithm: str) -> None:
    def doing(way: Way) -> object:
        made = way.boto.put_object(Bucket=way.bucket, Key="sum", Body=io.BytesIO(BODY), ChecksumAlgorithm=algorithm)
        told = way.boto.get_object(Bucket=way.bucket, Key="sum", ChecksumMode="ENABLED")
        return made["ETag"], told["ETag"], told["Body"].read(), told.get(f"Checksum{algorithm}")

    both(ways, doing)


def test_streams_of_signed_chunks(ways: tuple[Way, Way]) -> None:
    def doing(way: Way) -> object:
        made = way.minio.put_object(way.bucket, "chunked", io.BytesIO(BODY), len(BODY))
        return made.etag, way.minio.get_object(way.bucket, "chunked").data

    both(ways, doing)


def test_lists_with_many_prefixes(ways: tuple[Way, Way]) -> None:
    for number in range(120):
        ways[0].minio.put_object(ways[0].bucket, f"list/{number:03}/ä {number}", io.BytesIO(b"x"), 1)
    for query in (
        "?delimiter=%2F&list-type=2&prefix=list%2F",
        "?delimiter=%2F&encoding-type=url&list-type=2&max-keys=50&prefix=list%2F",
        "?list-type=2&prefix=list%2F&start-after=list%2F050",
        "?prefix=list%2F",
        "?versions=&prefix=list%2F",
        "?location=",
        "?uploads=",
    ):
        path = f"/{ways[0].bucket}{query}"
        assert ways[1].ask("GET", path) == ways[0].ask("GET", path), query


def test_a_multipart_upload_of_a_gibibyte(ways: tuple[Way, Way]) -> None:
    """Through the gateway; what is read of it is the same on both ways."""
    _, gateway = ways
    block = Block(1 << 30)
    gateway.minio.put_object(gateway.bucket, "large", block, block.size, part_size=64 * MIB)
    sums = []
    for way in ways:
        sha = hashlib.sha256()
        with way.minio.get_object(way.bucket, "large") as answer:
            for chunk in answer.stream(MIB):
                sha.update(chunk)
        sums.append((sha.hexdigest(), way.minio.stat_object(way.bucket, "large").etag))
    assert sums[0] == sums[1]
    assert sums[0][0] == block.sha.hexdigest()
