"""Connection options, and that the secret has no way out through them."""

import pytest

from plugins.module_utils.storage_server.connection import Connection, parse, parse_endpoint
from plugins.module_utils.storage_server.errors import RequestError


@pytest.mark.parametrize(
    ("endpoint", "secure", "expected"),
    [
        ("http://store:9000", "", (False, "store:9000")),
        ("http://store:9000/", "true", (False, "store:9000")),
        ("https://store", "false", (True, "store")),
        ("store:9000", "", (True, "store:9000")),
        ("store:9000", "true", (True, "store:9000")),
        ("store:9000", "false", (False, "store:9000")),
        ("store:9000", "0", (False, "store:9000")),
        ("[::1]:9000", "no", (False, "[::1]:9000")),
    ],
)
def test_endpoints(endpoint, secure, expected):
    assert parse_endpoint(endpoint, secure) == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://store",
        "http://store/bucket",
        "http://",
        "http://a:b@store",
        "http://store?x=1",
        "",
        "h:port",
        "http://[::1",
    ],
)
def test_endpoints_that_are_none(endpoint):
    with pytest.raises(RequestError, match="expected a URL"):
        parse_endpoint(endpoint, "")


def test_a_password_in_an_endpoint_is_not_repeated():
    with pytest.raises(RequestError) as refused:
        parse_endpoint("http://user:sesame@store", "")
    assert "sesame" not in str(refused.value)


def params(**changes):
    return {
        "endpoint": "store:9000",
        "access_key": "key",
        "secret_key": "sesame-open",
        "region": "us-east-1",
        "validate_certs": True,
        "ca_path": None,
        **changes,
    }


def test_the_environment_decides_where_there_is_no_scheme(monkeypatch):
    monkeypatch.setenv("MINIO_SECURE", "false")
    assert parse(params()).url == "http://store:9000"
    monkeypatch.delenv("MINIO_SECURE")
    assert parse(params()).url == "https://store:9000"


def test_a_certificate_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"ca_path: there is no file .*ca\.pem"):
        parse(params(ca_path=str(tmp_path / "ca.pem")))


def test_the_secret_is_not_in_the_text_of_a_connection():
    connection = parse(params())
    assert isinstance(connection, Connection)
    assert "sesame" not in f"{connection!r} {connection}"
