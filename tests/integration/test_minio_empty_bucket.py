"""minio_empty_bucket: check, apply, again; and what is locked or held stays."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from tests.worlds import set_versioning


@pytest.fixture
def full(client, behind, name):
    """A bucket with two versions, a delete marker, a removed object and an upload that never ended."""
    client.make_bucket(name)
    set_versioning(behind, name, "enabled")
    for data in (b"old", b"new"):
        client.put_object(name, "a", io.BytesIO(data), 3)
    client.put_object(name, "b", io.BytesIO(b"new"), 3)
    client.remove_object(name, "b")
    client._create_multipart_upload(name, "c", {})
    return name


def test_check_apply_again(module, client, behind, full):
    want = {"name": full, "confirm": full}
    checked = module("minio_empty_bucket", want, "--check")
    assert (checked.code, checked.result["changed"], checked.result["bucket"]["removed"]) == (0, True, 0)
    assert len(behind.contents(full, 9)) >= 4
    applied = module("minio_empty_bucket", want)
    assert (applied.code, applied.result["changed"]) == (0, True), applied.output
    assert applied.result["bucket"]["removed"] == 4
    assert behind.contents(full, 9) == []
    assert module("minio_empty_bucket", want).result["changed"] is False
    client.remove_bucket(full)


def test_a_bucket_without_versions(module, client, behind, name):
    client.make_bucket(name)
    client.put_object(name, "a/b", io.BytesIO(b"x"), 1)
    assert module("minio_empty_bucket", {"name": name, "confirm": name}).result["bucket"]["removed"] == 1
    assert behind.contents(name, 9) == []


def test_the_name_has_to_be_said_twice(module, behind, full):
    refused = module("minio_empty_bucket", {"name": full, "confirm": "another"})
    assert "Nothing was removed" in refused.result["msg"]
    assert len(behind.contents(full, 9)) >= 4


def test_what_is_locked_or_held_stays_and_is_named(module, client, behind, name):
    client.make_bucket(name, object_lock=True)
    for key in ("free", "held", "locked"):
        client.put_object(name, key, io.BytesIO(b"x"), 1)
    client.enable_object_legal_hold(name, "held")
    client.set_object_retention(name, "locked", Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=1)))
    outcome = module("minio_empty_bucket", {"name": name, "confirm": name})
    assert outcome.code != 0
    assert "1 versions were removed, 2 are locked or held and stay: held, locked" in outcome.result["msg"]
    assert (outcome.result["changed"], outcome.result["bucket"]["removed"]) == (True, 1)
    assert behind.contents(name, 9) == ["object held", "object locked"]
