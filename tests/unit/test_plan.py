"""What holds for all states: nothing to do between equals, and the steps lead where they should."""

from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.storage_server.plan import fold, steps
from plugins.module_utils.storage_server.policies import Policy
from plugins.module_utils.storage_server.state import Bucket, Group, ServiceAccount, Settings, State, User
from plugins.module_utils.storage_server.tiers import Tier

NAMES = st.sampled_from(["a1", "b2", "c3", "d4"])
ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*"])


def document(actions):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": sorted(actions), "Resource": ["arn:aws:s3:::models/*"]}],
    }


POLICIES = st.builds(lambda name, actions: Policy.of(name, document(actions)), NAMES, st.sets(ACTIONS, min_size=1))


PAIRS = st.fixed_dictionaries(
    {"endpoint": st.sampled_from(["http://a", "http://b"]), "auth_token": st.sampled_from(["as declared", "another"])}
).map(lambda pairs: frozenset(pairs.items()))
SETTINGS = st.builds(Settings, NAMES.map(lambda name: f"notify_webhook:{name}"), PAIRS)
TIERS = st.builds(
    lambda name, access_key, work: Tier(
        name, "minio", "https://a", "old", access_key=access_key, credentials_work=work
    ),
    NAMES.map(str.upper),
    st.sampled_from(["one", "other"]),
    st.booleans(),
)


@st.composite
def buckets_of(draw, versionings):
    """A bucket that a server can have. Whether it has locks depends on its name: that never changes."""
    name = draw(NAMES)
    rest = {
        "quota": draw(st.sampled_from([0, 5])),
        "tags": draw(st.frozensets(st.sampled_from([("a", "b"), ("c", "d")]))),
        "lifecycle": draw(st.sampled_from(["[]", '[{"enabled": true, "expire_days": 3}]'])),
        "encryption": draw(st.sampled_from(["", "sse-s3"])),
        "notifications": draw(st.sampled_from(["[]", '[{"events": ["s3:ObjectCreated:*"], "target": "webhook:a"}]'])),
        "policy": draw(st.sampled_from(["", "[]"])),
    }
    if name == "d4":
        return Bucket(
            name, "enabled", object_lock=True, retention=draw(st.sampled_from(["", "governance 3 days"])), **rest
        )
    versioning = draw(st.sampled_from(versionings))
    left_out = draw(st.frozensets(st.sampled_from(["x/", "y/"]))) if versioning == "enabled" else frozenset()
    return Bucket(name, versioning, left_out, **rest)


@st.composite
def states(draw, versioned=None):
    """A state that a server can be in: references lead to what is there."""
    by_name = lambda items, key="name": {getattr(item, key): item for item in items}  # noqa: E731
    buckets = by_name(draw(st.lists(buckets_of(versioned or [None, "enabled", "suspended"]))))
    policies = by_name(draw(st.lists(POLICIES)))
    attached = st.frozensets(st.sampled_from(sorted(policies) or ["readonly"]))
    users = by_name(draw(st.lists(st.builds(User, NAMES, st.booleans(), attached))))
    members = st.frozensets(st.sampled_from(sorted(users))) if users else st.just(frozenset())
    groups = by_name(draw(st.lists(st.builds(Group, NAMES, st.booleans(), members, attached))))
    accounts = {}
    for name in draw(st.sets(NAMES)) if users else ():
        parent = sorted(users)[hash(name) % len(users)]
        policy = draw(st.none() | POLICIES)
        accounts[name] = ServiceAccount(name, parent, enabled=draw(st.booleans()), policy=policy)
    return State(
        settings=by_name(draw(st.lists(SETTINGS))),
        tiers=by_name(draw(st.lists(TIERS))),
        buckets=buckets,
        policies=policies,
        users=users,
        groups=groups,
        service_accounts=accounts,
    )


@given(states())
def test_between_equals_there_is_nothing_to_do(state):
    assert steps(state, state) == []


def same_parents(a, b):
    return all(b.service_accounts.get(n, x).parent == x.parent for n, x in a.service_accounts.items())


@given(states([None]), states(["enabled", "suspended"]))
def test_the_steps_lead_from_any_state_to_any_other(a, b):
    if same_parents(a, b):
        assert fold(steps(a, b), a) == b


@given(states([None]), states(["enabled", "suspended"]))
def test_nothing_is_changed_of_what_is_disabled(a, b):
    if not same_parents(a, b):
        return
    state = a
    for step in steps(a, b):
        if step.kind in ("users", "groups") and step.verb in ("attach", "add"):
            assert state.of(step.kind)[step.name].enabled
        if step.kind == "service_accounts" and step.verb in ("create", "change"):
            assert state.users[step.after.parent].enabled
        state = fold([step], state)


@given(states([None]), states(["enabled", "suspended"]))
def test_nothing_refers_to_what_is_not_there(a, b):
    """After every single step, also of a run that is cut short."""
    if not same_parents(a, b):
        return
    state = a
    for step in steps(a, b):
        if step.verb == "remove" and step.kind == "policies":
            attached = [item.policies for kind in ("users", "groups") for item in state.of(kind).values()]
            assert all(step.name not in policies for policies in attached)
        if step.verb == "remove" and step.kind == "groups":
            assert not state.groups[step.name].members
        if step.verb == "attach":
            assert step.after.policies <= set(state.policies) | {"readonly"}
        if step.verb == "add":
            assert step.after.members <= set(state.users)
        state = fold([step], state)
