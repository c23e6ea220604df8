"""Names of buckets."""

import pytest

from plugins.module_utils.storage_server.buckets import valid_name
from plugins.module_utils.storage_server.errors import RequestError


@pytest.mark.parametrize("name", ["abc", "superdarn-data", "a.b-c.9", "0" * 63, "1.2.3.x"])
def test_names_of_buckets(name):
    assert valid_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ab", "3 to 63"),
        ("a" * 64, "3 to 63"),
        ("Models", "lower-case"),
        ("my_models", "lower-case"),
        ("-models", "lower-case"),
        ("models.", "lower-case"),
        ("models\n", "lower-case"),
        ("a..b", "dot"),
        ("a.-b", "dot"),
        ("10.0.0.1", "IP address"),
        ("minio", "for itself"),
    ],
)
def test_names_that_no_bucket_can_have(name, reason):
    with pytest.raises(RequestError, match=reason):
        valid_name(name)
