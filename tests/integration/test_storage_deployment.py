"""storage_deployment as Ansible runs it; what it compares is in tests/unit/test_deployment.py."""

from tests.harness import run_module


def cluster(image, secret="kept-out-of-sight"):
    node = {"image": image, "command": ["server"], "volumes": [], "environment": {"MINIO_KMS_SECRET_KEY": secret}}
    return {"host": "store", "compose": {"services": {"minio1": node}}, "root_digest": "digest-of-root"}


def test_equal_different_and_refused():
    equal = run_module("storage_deployment", {"deployed": cluster("a"), "desired": cluster("a")})
    assert (equal.code, equal.result["deployment"]) == (0, {"differences": []})

    options = {"deployed": cluster("a"), "desired": cluster("b", "another-secret")}
    different = run_module("storage_deployment", {**options, "data": False}, "--check")
    refused = run_module("storage_deployment", options)
    assert (different.code, refused.result["error"]["code"]) == (0, "Deployment")
    assert "image of minio1: a → b; the playbook for it is playbooks/upgrade.yml" in refused.result["msg"]
    for outcome in (different, refused):
        assert [each["what"] for each in outcome.result["deployment"]["differences"]] == ["image", "environment"]
        for secret in ("kept-out-of-sight", "another-secret", "digest-of-root"):
            assert secret not in outcome.output
