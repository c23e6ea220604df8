"""One contract for the settings of buckets, kept by the fake and by the adapter on a real server."""

import json

import pytest

from plugins.module_utils.storage_server.bucket_settings import NOTHING, wanted
from plugins.module_utils.storage_server.errors import StoreError
from tests.conftest import KEY

EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


def settings(name, **options):
    given = {key: value for key, value in wanted({"name": name, **options}).items() if value is not None}
    return {**NOTHING, **given}


def policy(name, **more):
    return {"Version": "2012-10-17", "Statement": [{**EVERYBODY, "Resource": f"arn:aws:s3:::{name}/*", **more}]}


RULES = [
    [{"expire_days": 30}],
    [
        {"prefix": "scratch/", "expire_days": 7},
        {"enabled": False, "noncurrent_expire_days": 1},
    ],
    [{"tags": {"kind": "raw", "year": "2025"}, "prefix": "a/", "expire_date": "2031-01-31"}],
    [{"tags": {"kind": "raw"}, "expire_days": 5}],
    [{"noncurrent_expire_days": 10, "noncurrent_keep": 3}],
    [{"expire_delete_markers": True}],
]
CASES = [
    *({"lifecycle": rules} for rules in RULES),
    {"quota": 10 * 2**30},
    {"tags": {"owner": "radar", "a b": "c/d"}},
    {"policy": "download"},
    {"policy": "upload"},
    {"policy": "public"},
    {"encryption": {"type": "sse-s3"}},
    {"encryption": {"type": "sse-kms", "key": KEY}},
    {"notifications": [{"target": "webhook:hook", "events": ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put"]}]},
    {
        "notifications": [
            {"target": "webhook:hook", "events": ["s3:ObjectCreated:*"], "prefix": "a/", "suffix": ".h5"},
            {"target": "webhook:hook", "events": ["s3:ObjectAccessed:Get"]},
        ]
    },
]


@pytest.fixture
def bucket(store, name):
    store.make_bucket(name)
    return name


@pytest.mark.parametrize("options", CASES, ids=json.dumps)
def test_a_setting_comes_back_and_is_cleared(store, bucket, options):
    (what,) = options
    store.set_bucket(bucket, what, settings(bucket, **options))
    assert store.bucket_settings()[bucket] == settings(bucket, **options)
    store.set_bucket(bucket, what, NOTHING)
    assert store.bucket_settings()[bucket] == NOTHING


def test_a_policy_of_its_own_comes_back_with_its_meaning(store, bucket):
    for document in (policy(bucket), policy(bucket, Principal={"AWS": "*"}, Action=["s3:GetObject", "s3:PutObject"])):
        store.set_bucket(bucket, "policy", settings(bucket, policy=document))
        assert store.bucket_settings()[bucket] == settings(bucket, policy=document)


def test_versioning_and_what_is_left_out_of_it(store, bucket):
    for options in (
        {"versioning": "enabled"},
        {"versioning": "enabled", "excluded_prefixes": ["scratch/", "tmp/"], "exclude_folders": True},
        {"versioning": "suspended"},
    ):
        store.set_bucket(bucket, "versioning", settings(bucket, **options))
        assert store.bucket_settings()[bucket] == settings(bucket, **options)


def test_locks_bring_versioning_and_take_a_retention(store, name):
    store.make_bucket(name, object_lock=True)
    locked = {"object_lock": True, "versioning": "enabled"}
    assert store.bucket_settings()[name] == settings(name, **locked)
    for retention in ({"mode": "governance", "days": 3}, {"mode": "compliance", "years": 1}, {}):
        store.set_bucket(name, "retention", settings(name, **locked, retention=retention))
        assert store.bucket_settings()[name] == settings(name, **locked, retention=retention)


def test_all_buckets_in_one_answer(store, name):
    for suffix in "ab":
        store.make_bucket(f"{name}-{suffix}")
    store.set_bucket(f"{name}-b", "tags", settings(name, tags={"a": "b"}))
    found = store.bucket_settings()
    assert found[f"{name}-a"] == NOTHING
    assert found[f"{name}-b"]["tags"] == {("a", "b")}
    assert sorted(found) == store.buckets()


def test_a_bucket_that_is_missing_takes_no_settings(store, name):
    with pytest.raises(StoreError) as missing:
        store.set_bucket(name, "tags", settings(name, tags={"a": "b"}))
    assert missing.value.code == "NoSuchBucket"
