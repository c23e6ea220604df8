"""minio_info: what is there, in the words of minio_access, and no secret."""

import uuid

from tests.worlds import Real, set_versioning


def test_it_tells_what_is_there(module, server, client):
    name = f"info-{uuid.uuid4().hex[:8]}"
    store = Real(server, client).store()
    store.make_bucket(name)
    set_versioning(store, name, "enabled")
    store.set_user(name, "a-secret-of-the-user", enabled=False)
    store.change_members(name, [name], remove=False)
    told = module("minio_info", {"region": "us-east-1"}, "--check")
    assert (told.code, told.result["changed"]) == (0, False), told.output
    info = told.result["info"]
    assert {"name": name, "versioning": "enabled"} in info["buckets"]
    assert {"name": name, "enabled": False, "policies": []} in info["users"]
    assert {"name": name, "enabled": True, "members": [name], "policies": []} in info["groups"]
    assert "a-secret-of-the-user" not in told.output
    assert not [policy for policy in info["policies"] if policy["name"] == "readonly"]
    assert set(info) == {"buckets", "policies", "users", "groups", "service_accounts"}
