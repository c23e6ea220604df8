"""Policy documents: what is refused, what is equal, and what the shorthand compiles to."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.errors import PolicyError
from plugins.module_utils.storage_server.policies import Policy, access_policy, normal, parse


def document(**statement):
    base = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::models/*"]}
    return {"Version": "2012-10-17", "Statement": [{k: v for k, v in (base | statement).items() if v is not None}]}


def same(a, b):
    return Policy.of("p", a) == Policy.of("p", b)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "not JSON"),
        ("[]", "expected a document"),
        ([], "expected a document"),
        ({}, "set Version"),
        ({"Version": "2008-10-17", "Statement": [{}]}, "set Version"),
        ({"Version": "2012-10-17"}, "Statement has to be a list"),
        ({"Version": "2012-10-17", "Statement": []}, "Statement has to be a list"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "statement 1 is not a dictionary"),
        ({**document(), "Extra": 1}, "unknown key Extra"),
        (document(Extra=1), "unknown key Extra"),
        (document(Action=None, NotAction=["s3:*"]), "NotAction breaks"),
        (document(NotAction=["s3:*"]), "NotAction breaks"),
        (document(Effect="allow"), "Effect is Allow or Deny"),
        (document(Action=None), "Action is missing"),
        (document(Action=[]), "Action is missing"),
        (document(Action=["GetObject"]), "action 'GetObject' is none"),
        (document(Action=["s3:GetObject", "admin:*"]), "do not go together"),
        (document(Resource=None), "Resource is missing"),
        (document(Principal="*"), "Principal belongs"),
        (document(Condition={}), "Condition has to be"),
        (document(Condition="x"), "Condition has to be"),
        (document(Condition={"Bool": {}}), "condition Bool has to be"),
        (document(Condition={"IpAddress": {"aws:SourceIp": "::1"}}), "write ::1/128"),
        (document(Condition={"NotIpAddress": {"aws:SourceIp": ["10.0.0.1", 5]}}), "5 is no address"),
        (document(Resource=[f"arn:aws:s3:::models/{n}" for n in range(2000)]), "larger than 20 KiB"),
    ],
)
def test_what_would_break_or_be_lost_is_refused(bad, words):
    with pytest.raises(PolicyError, match=words) as refused:
        Policy.of("radar", bad)
    assert "policy radar: " in str(refused.value)


@pytest.mark.parametrize("name", ["", " radar", "radar ", "a,b"])
def test_names_that_no_list_could_hold(name):
    with pytest.raises(PolicyError):
        Policy.of(name, document())


def test_a_bucket_s_own_policy_says_who():
    with pytest.raises(PolicyError, match="Principal is missing"):
        parse(document(), "bucket b", principals=True)
    assert parse(document(Principal="*"), "bucket b", principals=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (document(Action="s3:GetObject"), document(Action=["s3:GetObject", "s3:GetObject"])),
        (document(Resource="*"), document(Resource=["**"])),
        (document(Sid="a"), document(Sid="b")),
        (document(), json.dumps(document())),
        (document(), {**document(), "Statement": document()["Statement"] * 2}),
        (document(), {**document(), "Statement": document()["Statement"][0]}),
        (document(), {**document(), "ID": "x"}),
        (document(Condition={"Null": {"aws:username": True}}), document(Condition={"Null": {"aws:username": "true"}})),
        (
            document(Condition={"NumericEquals": {"s3:max-keys": 1}}),
            document(Condition={"NumericEquals": {"s3:max-keys": ["1"]}}),
        ),
        (
            document(Condition={"IpAddress": {"aws:SourceIp": "10.1.2.3/16"}}),
            document(Condition={"IpAddress": {"aws:SourceIp": ["10.1.0.0/16"]}}),
        ),
        (
            document(Condition={"NotIpAddress": {"aws:SourceIp": "10.1.2.3"}}),
            document(Condition={"NotIpAddress": {"aws:SourceIp": ["10.1.2.3/32"]}}),
        ),
    ],
)
def test_equal(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    "other",
    [
        document(Effect="Deny"),
        document(Action=["s3:PutObject"]),
        document(Resource=["arn:aws:s3:::models"]),
        document(Resource=None, NotResource=["arn:aws:s3:::models/*"]),
        document(Condition={"Bool": {"aws:SecureTransport": True}}),
        {**document(), "Statement": document()["Statement"] + document(Effect="Deny")["Statement"]},
    ],
)
def test_different(other):
    assert not same(document(), other)


def shuffled(value, dice):
    """The same document as a server would give it back."""
    if isinstance(value, dict):
        return {key: shuffled(inner, dice) for key, inner in value.items()}
    if isinstance(value, list):
        return dice.sample([shuffled(inner, dice) for inner in value], len(value))
    return value


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*"]), min_size=1),
            "Resource": st.lists(st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::b/*"]), min_size=1),
        }
    ),
    min_size=1,
)


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_order_never_matters(statements, dice: random.Random):
    a = {"Version": "2012-10-17", "Statement": statements}
    assert same(a, shuffled(a, dice))


@given(STATEMENTS)
def test_the_canonical_form_means_the_same(statements):
    a = Policy.of("p", {"Version": "2012-10-17", "Statement": statements})
    assert Policy.of("p", {"Version": "2012-10-17", "Statement": normal(a.canonical)}) == a


def test_the_shorthand():
    read, write = access_policy("models", "read"), access_policy("models", "write")
    assert (read.name, write.name) == ("models-read", "models-write")
    assert "s3:GetObject" in read.canonical
    assert "s3:PutObject" not in read.canonical
    assert "s3:PutObject" in write.canonical
    assert "s3:GetObject" not in write.canonical
