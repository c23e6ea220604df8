"""Tiers: asked for, written, read, and refused."""

import pytest

from plugins.module_utils.storage_server.errors import RequestError
from plugins.module_utils.storage_server.tiers import Tier, tier_body, tier_of, wanted_tier

REMOTE = {"endpoint": "https://archive:9000", "bucket": "old", "access_key": "mover"}


def params(name="ARCHIVE", kind="minio", **remote):
    return {"name": name, "type": kind, "remote": {**REMOTE, **remote}}


@pytest.mark.parametrize(("kind", "rest"), [("minio", {}), ("s3", {"storage_class": "GLACIER", "region": "eu"})])
def test_what_is_sent_is_read_as_it_was_meant(kind, rest):
    wanted = {key: value for key, value in wanted_tier(params(kind=kind, **rest)).items() if value is not None}
    tier = Tier("ARCHIVE", **wanted)
    body = tier_body(tier, "a-secret")
    holder = body[{"minio": "MinIO", "s3": "S3"}[kind]]
    assert holder["SecretKey"] == "a-secret"
    # Beside it the server tells of the types that it is not.
    told = {**body, "Azure": {}, "GCS": {}, "MinIO": {}, "S3": {}}
    assert tier_of({**told, **body}) == tier


def test_of_a_type_that_is_not_managed_only_the_type_is_known():
    assert tier_of({"Name": "ELSEWHERE", "Type": "azure", "Azure": {"Bucket": "a"}}) == Tier("ELSEWHERE", "azure")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (params(name="archive"), "expected a name in upper case"),
        (params(name="STANDARD"), "none of REDUCED_REDUNDANCY, STANDARD"),
        (params(endpoint="archive:9000"), "expected a URL"),
        (params(bucket=""), "remote.bucket is missing"),
        ({"name": "ARCHIVE", "type": "minio", "remote": None}, "remote.endpoint is missing"),
        (params(storage_class="GLACIER"), "storage_class is for type s3"),
    ],
)
def test_what_the_server_would_refuse_is_refused(options, words):
    with pytest.raises(RequestError, match=words):
        wanted_tier(options)
