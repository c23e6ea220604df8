"""Notifications: asked for, written, read, and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.errors import RequestError
from plugins.module_utils.storage_server.markup import parsed
from plugins.module_utils.storage_server.notifications import (
    notifications_of,
    notifications_xml,
    targets,
    wanted_notifications,
)

ARNS = {"webhook:radar": "arn:minio:sqs::radar:webhook", "kafka:a-1": "arn:minio:sqs:eu:a-1:kafka"}
ONE = st.fixed_dictionaries(
    {
        "target": st.sampled_from(sorted(ARNS)),
        "events": st.lists(st.sampled_from(["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]), min_size=1),
    },
    optional={"prefix": st.sampled_from(["a/", "<&>"]), "suffix": st.sampled_from([".h5", None])},
)


@given(st.lists(ONE))
def test_what_is_sent_is_read_as_it_was_meant_in_any_order(given_ones):
    wanted = wanted_notifications("models", given_ones)
    assert notifications_of(parsed(notifications_xml(wanted, ARNS))) == wanted
    assert wanted_notifications("models", given_ones[::-1]) == wanted
    assert targets(wanted) == {each["target"] for each in given_ones}


@pytest.mark.parametrize(
    ("target", "events", "words"),
    [
        ("radar", ["s3:ObjectCreated:*"], "radar is no target"),
        ("webhook:radar", ["ObjectCreated"], "ObjectCreated is no event"),
        ("webhook:radar", [], "without events"),
    ],
)
def test_what_can_be_none_is_refused(target, events, words):
    with pytest.raises(RequestError, match=f"bucket models: .*{words}"):
        wanted_notifications("models", [{"target": target, "events": events}])
