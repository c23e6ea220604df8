"""The server's text of its settings, what is asked of them, and what waits for a restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.errors import RequestError
from plugins.module_utils.storage_server.settings import (
    line,
    parse,
    refuse_overruled,
    shown_values,
    wanted,
    with_pending,
)

TEXT = """\
# MINIO_API_REQUESTS_MAX=55
api requests_max=0 cors_allow_origin=* root_access=on\x20
scanner speed=default\x20
# callhome enable=off frequency=24h\x20
browser csp_policy="default-src 'self'; script-src 'self'" hsts_seconds=0\x20
# MINIO_NOTIFY_WEBHOOK_ENABLE_Radar=on
# MINIO_NOTIFY_WEBHOOK_ENDPOINT_Radar=http://127.0.0.1:1/
notify_webhook:Radar\x20
notify_webhook:other endpoint=http://127.0.0.1:2/ auth_token= queue_limit=0\x20
"""


def test_the_text_is_understood():
    told = parse(TEXT)
    assert told["api"].values == {"requests_max": "0", "cors_allow_origin": "*", "root_access": "on"}
    assert told["api"].overruled == {"requests_max": "MINIO_API_REQUESTS_MAX"}
    assert told["scanner"].overruled == {}
    assert told["callhome"].values == {"enable": "off", "frequency": "24h"}
    assert told["browser"].values["csp_policy"] == "default-src 'self'; script-src 'self'"
    assert set(told["notify_webhook:Radar"].overruled) == {"enable", "endpoint"}
    assert told["notify_webhook:other"].values["endpoint"] == "http://127.0.0.1:2/"


VALUES = st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters='"'), max_size=20)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), VALUES, max_size=4))
def test_what_is_sent_is_understood_as_it_was_meant(values):
    assert parse(line("notify_webhook:radar", values))["notify_webhook:radar"].values == values


def test_values_become_what_the_server_writes():
    assert wanted("api", {"requests_max": 100, "gzip_objects": True}) == {"requests_max": "100", "gzip_objects": "on"}


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("Api", {"a": 1}, "settings Api: expected the name of a sub-system"),
        ("region", {"name": "eu"}, "settings region: after the next restart"),
        ("api", {"a": 'say "hi"'}, "quotation mark"),
        ("api", {"a": "one\ntwo"}, "line break"),
        ("api", {"a b": "c"}, "a b"),
    ],
)
def test_what_the_server_would_misunderstand_is_refused(name, values, words):
    with pytest.raises(RequestError, match=words):
        wanted(name, values)


def test_what_the_environment_says_cannot_be_set():
    with pytest.raises(RequestError, match="remove MINIO_API_REQUESTS_MAX from cluster_environment"):
        refuse_overruled("api", parse(TEXT)["api"], ["cors_allow_origin", "requests_max"])
    refuse_overruled("api", parse(TEXT)["api"], ["cors_allow_origin"])


def test_what_was_set_since_the_start_waits_and_is_what_counts():
    told = with_pending(
        parse(TEXT),
        [
            "api requests_max=7",
            'notify_webhook:other endpoint="http://127.0.0.1:3/"',
            "notify_webhook:new endpoint=http://127.0.0.1:4/",
            "notify_webhook:Radar enable=off comment=removed",
        ],
    )
    # The server applies it at once, and tells so itself.
    assert (told["api"].values["requests_max"], told["api"].waits) == ("0", False)
    other = told["notify_webhook:other"]
    assert (other.values["endpoint"], other.values["queue_limit"], other.waits) == ("http://127.0.0.1:3/", "0", True)
    assert told["notify_webhook:new"].values == {"endpoint": "http://127.0.0.1:4/", "enable": "on"}
    assert told["notify_webhook:Radar"].removed
    again = with_pending(told, ["notify_webhook:Radar endpoint=http://127.0.0.1:5/"])
    assert not again["notify_webhook:Radar"].removed


def test_of_a_secret_only_whether_it_is_right():
    values = {"endpoint": "http://a/", "auth_token": "s3cret", "url": "amqp://me:pw@host"}
    declared = {"auth_token": "s3cret", "url": "amqp://me:other@host"}
    shown = dict(shown_values(values, values, declared))
    assert shown == {"endpoint": "http://a/", "auth_token": "as declared", "url": "another"}
    assert dict(shown_values({}, ["enable", "auth_token"], {"auth_token": "x"})) == {
        "enable": "on",
        "auth_token": "another",
    }
