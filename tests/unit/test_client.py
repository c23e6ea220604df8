"""The adapter against answers that no healthy store gives, and what it puts on the wire."""

import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from minio.datatypes import Object

from plugins.module_utils.storage_server.bucket_settings import NOTHING
from plugins.module_utils.storage_server.client import MinioStore
from plugins.module_utils.storage_server.client_buckets import _describe
from plugins.module_utils.storage_server.connection import Connection
from plugins.module_utils.storage_server.errors import (
    AccessDeniedError,
    CredentialsError,
    MissingError,
    ReadOnlyError,
    StoreError,
    UnreachableError,
)

SECRET = "sesame-open"


class Script(BaseHTTPRequestHandler):
    """Gives the answer that the test has put on the server, and remembers the request."""

    protocol_version = "HTTP/1.1"

    def do(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        status, kind, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Told", "yes")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = do

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Script) as server:
        server.requests = []
        server.answer = (200, "application/json", b"{}")
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def store_at(port, **changes):
    settings = {
        "address": f"127.0.0.1:{port}",
        "secure": False,
        "access_key": "key",
        "secret_key": SECRET,
        "region": "us-east-1",
        "verify": True,
        "ca_path": None,
    }
    read_only = changes.pop("read_only", False)
    return MinioStore(Connection(**settings | changes), read_only=read_only)


@pytest.fixture
def store(server):
    return store_at(server.server_port)


def xml_error(code, message="Because."):
    return f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>17F</RequestId></Error>".encode()


XML, HTML, JSON = "application/xml", "text/html", "application/json"
ANSWERS = {
    "wrong secret": (403, XML, xml_error("SignatureDoesNotMatch"), CredentialsError, "check secret_key"),
    "wrong key": (403, XML, xml_error("InvalidAccessKeyId"), CredentialsError, "check access_key"),
    "not allowed": (403, XML, xml_error("AccessDenied"), AccessDeniedError, "Because (403 AccessDenied)"),
    "wrong region": (400, XML, xml_error("AuthorizationHeaderMalformed"), StoreError, "check region"),
    "clock": (403, XML, xml_error("RequestTimeTooSkewed"), AccessDeniedError, "clocks"),
    "no bucket": (404, XML, xml_error("NoSuchBucket"), MissingError, "NoSuchBucket"),
    "lagging node": (503, XML, xml_error("SlowDownWrite"), StoreError, "503 SlowDownWrite"),
    "gateway forbids": (403, HTML, b"<html>403</html>", AccessDeniedError, "not one that a store gives (403)"),
    "gateway has no node": (502, HTML, b"<html>502</html>", StoreError, "not one that a store gives (502)"),
    "redirect of nothing": (304, HTML, b"", StoreError, "no reason (304)"),
}


@pytest.mark.parametrize(("status", "kind", "body", "error", "words"), ANSWERS.values(), ids=ANSWERS)
def test_answers_become_errors_that_say_what_to_do(server, store, status, kind, body, error, words):
    server.answer = (status, kind, body)
    with pytest.raises(StoreError) as raised:
        store.buckets()
    assert type(raised.value) is error
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"Failed to list the buckets at http://127.0.0.1:{server.server_port}")
    assert SECRET not in str(raised.value)
    assert raised.value.status == status


ADMIN_ANSWERS = {
    "not ready": (503, JSON, json.dumps({"Code": "XMinioServerNotInitialized", "Message": "Not yet."}), StoreError),
    "wrong secret": (403, JSON, json.dumps({"Code": "SignatureDoesNotMatch", "Message": "No."}), CredentialsError),
    "gateway forbids": (403, HTML, "<html>", AccessDeniedError),
    "quorum is lost": (503, JSON, json.dumps({"Code": "XMinioAdminConfigNoQuorum", "Message": "No."}), StoreError),
    "not an object": (500, JSON, "[]", StoreError),
    "something else": (500, JSON, "{}", StoreError),
}


@pytest.mark.parametrize(("status", "kind", "body", "error"), ADMIN_ANSWERS.values(), ids=ADMIN_ANSWERS)
def test_errors_of_the_admin_api(server, store, status, kind, body, error):
    server.answer = (status, kind, body.encode())
    with pytest.raises(StoreError) as raised:
        store.info()
    assert type(raised.value) is error
    assert raised.value.status == status


def test_what_the_gateway_refuses_is_said(server, store):
    words = "Refused by the gateway: for gateway_admin_networks only"
    server.answer = (403, XML, f"<Error><Code>AccessDenied</Code><Message>{words}</Message></Error>".encode())
    with pytest.raises(AccessDeniedError, match=words):
        store.info()


@pytest.mark.parametrize("question", [lambda store: store.buckets(), lambda store: store.info()])
@pytest.mark.parametrize("body", [b"<!doctype html><p>Console", b"<html/>x", b""])
def test_something_else_that_answers_200(server, store, question, body):
    server.answer = (200, HTML, body)
    with pytest.raises(StoreError, match="not one that a store gives"):
        question(store)


def test_nobody_is_asked_twice(server, store):
    server.answer = (503, XML, xml_error("SlowDown"))
    with pytest.raises(StoreError):
        store.buckets()
    assert len(server.requests) == 1


def test_a_node_is_named_below_the_signature(server, store):
    node = store.at("minio3")
    node.probe("/minio/health/cluster")
    node.info()
    server.answer = (503, XML, xml_error("SlowDownWrite"))
    with pytest.raises(StoreError) as failed:
        node.put("canaries", "canary", b"data")
    assert "(node minio3)" in str(failed.value)
    assert [headers["X-Storage-Node"] for _, _, headers, _ in server.requests] == ["minio3"] * 3
    signed = [headers["Authorization"] for _, _, headers, _ in server.requests if "Authorization" in headers]
    assert len(signed) == 2
    assert not any("x-storage-node" in header for header in signed)
    server.requests.clear()
    store.probe("/")
    assert "X-Storage-Node" not in server.requests[0][2]


def test_headers_of_a_probe_have_names_in_lower_case(server, store):
    server.answer = (412, "text/plain", b"")
    answer = store.probe("/minio/health/cluster?maintenance=true")
    assert (answer.status, answer.headers["x-told"]) == (412, "yes")


def test_in_check_mode_no_write_reaches_the_store(server):
    store = store_at(server.server_port, read_only=True)
    for view in (store, store.at("minio1")):
        for write in (
            lambda view=view: view.make_bucket("models"),
            lambda view=view: view.remove_bucket("models"),
            lambda view=view: view.set_bucket("models", "versioning", NOTHING),
            lambda view=view: view.put("models", "a", b""),
            lambda view=view: view.remove("models", "a", None),
        ):
            with pytest.raises(ReadOnlyError, match="check mode"):
                write()
    assert server.requests == []


def test_no_answer_at_all():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(UnreachableError, match=rf"at http://127.0.0.1:{port}: no answer .*Connection refused"):
            store_at(port).buckets()


def test_tls_where_there_is_none(server):
    with pytest.raises(UnreachableError, match=r"at https://.*no answer"):
        store_at(server.server_port, secure=True).buckets()


@pytest.fixture
def certificate(tmp_path):
    """For 127.0.0.1, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    path = tmp_path / "certificate.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(form[0]) + key.private_bytes(*form))
    return path


def test_a_certificate_has_to_be_trusted(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answer = (200, XML, b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")
    with pytest.raises(UnreachableError, match=r"CERTIFICATE_VERIFY_FAILED.*set ca_path to its authority"):
        store_at(server.server_port, secure=True).buckets()
    assert store_at(server.server_port, secure=True, ca_path=str(certificate)).buckets() == []
    assert store_at(server.server_port, secure=True, verify=False).buckets() == []


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ((403, XML, xml_error("InvalidAccessKeyId")), False),
        ((403, XML, xml_error("AccessDenied")), True),
        ((200, XML, b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"), True),
    ],
)
def test_whether_other_credentials_are_accepted(server, store, answer, accepted):
    server.answer = answer
    assert store.accepts("minioadmin", "minioadmin") is accepted


def test_a_gateway_that_forbids_says_nothing_about_credentials(server, store):
    server.answer = (403, HTML, b"<html>")
    with pytest.raises(AccessDeniedError):
        store.accepts("minioadmin", "minioadmin")


def test_versions_and_markers_in_words():
    # The SDK leaves the first of the two as text.
    flags = {"newest": ("true", False), "older": ("false", False), "marker": ("true", True)}
    told = [
        _describe(Object("models", name, is_latest=latest, is_delete_marker=marker))
        for name, (latest, marker) in flags.items()
    ]
    assert told == ["object newest", "old version of older", "delete marker marker"]


def test_what_is_written_is_what_is_on_the_wire(server, store):
    server.answer = (200, XML, b"")
    store.make_bucket("models")
    store.remove_bucket("models")
    assert store.put("models", "a", b"data") is None
    server.answer = (200, "application/octet-stream", b"data")
    assert store.get("models", "a") == b"data"
    server.answer = (204, XML, b"")
    store.remove("models", "a", "v1")
    assert [(method, path) for method, path, *_ in server.requests] == [
        ("PUT", "/models"),
        ("DELETE", "/models"),
        ("PUT", "/models/a"),
        ("GET", "/models/a"),
        ("DELETE", "/models/a?versionId=v1"),
    ]


def test_a_look_into_a_bucket_is_two_requests(server, store):
    # One answer for both: a listing of versions without any is one of uploads without any.
    server.answer = (200, XML, b'<Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>models</Name></Result>')
    assert store.contents("models", 5) == []
    assert len(server.requests) == 2


def test_servers_as_they_are_told(server, store):
    server.answer = (200, JSON, b'{"servers": []}')
    assert store.info() == {"servers": []}
