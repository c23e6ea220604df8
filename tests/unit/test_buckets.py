"""Buckets: names, steps as tables, and the two laws that every resource keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.buckets import Bucket, Buckets, valid_name
from plugins.module_utils.storage_server.errors import NotEmptyError, RequestError
from plugins.module_utils.storage_server.runner import fold
from tests.fake_store import FakeBucket, FakeStore, Version, World

NAME = "superdarn-data"
RESOURCE = Buckets()
LIVE = st.one_of(st.none(), st.builds(Bucket, st.just(NAME), st.sampled_from([None, "enabled", "suspended"])))
# What versioning was once set to cannot be unset, so it is only reached from, not wanted.
WANTED = st.one_of(st.none(), st.builds(Bucket, st.just(NAME), st.sampled_from(["enabled", "suspended"])))


@given(LIVE)
def test_nothing_leads_from_a_state_to_itself(state):
    assert RESOURCE.steps(state, state) == []


@given(LIVE, WANTED)
def test_steps_lead_to_what_is_wanted(current, desired):
    assert fold(RESOURCE.steps(current, desired), current) == desired


@given(LIVE)
def test_versioning_that_was_left_out_is_not_touched(current):
    after = fold(RESOURCE.steps(current, Bucket(NAME)), current)
    assert after == Bucket(NAME, current.versioning if current else None)


@pytest.mark.parametrize(
    ("current", "desired", "sentences"),
    [
        (None, None, []),
        (None, Bucket(NAME), [f"create bucket {NAME}"]),
        (
            None,
            Bucket(NAME, "enabled"),
            [f"create bucket {NAME}", f"set versioning of bucket {NAME} to enabled"],
        ),
        (Bucket(NAME, "enabled"), Bucket(NAME), []),
        (Bucket(NAME), Bucket(NAME, "suspended"), [f"set versioning of bucket {NAME} to suspended"]),
        (Bucket(NAME), None, [f"remove bucket {NAME}"]),
    ],
)
def test_steps(current, desired, sentences):
    assert [step.sentence for step in RESOURCE.steps(current, desired)] == sentences


def test_a_bucket_that_holds_something_is_not_removed_and_the_message_names_the_first_few():
    contents = tuple(f"object day{day}.h5" for day in range(6))
    with pytest.raises(NotEmptyError) as refused:
        RESOURCE.steps(Bucket(NAME, None, contents), None)
    assert "object day0.h5, object day1.h5, object day2.h5, object day3.h5, object day4.h5, ..." in str(refused.value)
    assert "day5" not in str(refused.value)


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


def test_contents_are_looked_at_only_where_a_bucket_is_to_go():
    bucket = FakeBucket(versions=[Version("a", None, b"")], uploads=["big.h5"])
    store = FakeStore(World(buckets={NAME: bucket}))
    assert RESOURCE.current(store, {"name": NAME, "state": "present"}) == Bucket(NAME)
    current = RESOURCE.current(store, {"name": NAME, "state": "absent"})
    assert current == Bucket(NAME, None, ("object a", "unfinished upload big.h5"))
