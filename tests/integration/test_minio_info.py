"""minio_info: what is there, in the words of minio_access, and no secret."""

from tests.worlds import set_versioning


def test_it_tells_what_is_there(module, behind, name):
    behind.make_bucket(name)
    set_versioning(behind, name, "enabled")
    behind.set_user(name, "a-secret-of-the-user", enabled=False)
    behind.change_members(name, [name], remove=False)
    told = module("minio_info", {"region": "us-east-1"}, "--check")
    assert (told.code, told.result["changed"]) == (0, False), told.output
    info = told.result["info"]
    assert {"name": name, "versioning": "enabled"} in info["buckets"]
    assert {"name": name, "enabled": False, "policies": []} in info["users"]
    assert {"name": name, "enabled": True, "members": [name], "policies": []} in info["groups"]
    assert "a-secret-of-the-user" not in told.output
    assert not [policy for policy in info["policies"] if policy["name"] == "readonly"]
    assert set(info) == {"buckets", "policies", "users", "groups", "service_accounts"}
