"""minio_health against a real server: one node that is healthy, and one that does not exist."""


def test_a_healthy_server(module, server, client):
    outcome = module("minio_health", {"nodes": [server.host], "drives": 4, "canary_bucket": "canaries"})
    assert outcome.code == 0, outcome.output
    health = outcome.result["health"]
    assert not outcome.result["changed"]
    assert (health["healthy"], health["problems"], health["versions_equal"]) == (True, [], True)
    assert health["default_credentials_refused"] is True
    assert health["quorum"] == {"write": 3, "read": 2}
    (node,) = health["nodes"]
    assert (node["state"], node["canary"], node["error"]) == ("online", "passed", None)
    assert [drive["state"] for drive in node["drives"]] == ["ok"] * 4
    assert health["capacity"]["raw"] == 2 * health["capacity"]["usable"] > 0
    assert list(client.list_objects("canaries", recursive=True, include_version=True)) == []


def test_check_mode_writes_nothing(module, server, client):
    options = {"nodes": [server.host], "canary_bucket": "canaries-of-check-mode"}
    outcome = module("minio_health", options, "--check")
    assert outcome.result["health"]["nodes"][0]["canary"] == "skipped"
    assert not client.bucket_exists("canaries-of-check-mode")


def test_what_lacks_is_named(module, server):
    options = {"nodes": [server.host, "minio9"], "drives": 5, "timeout": 1, "canary": False}
    outcome = module("minio_health", options)
    assert outcome.code != 0
    assert outcome.result["error"]["code"] == "Unhealthy"
    assert "minio9: the servers call it missing" in outcome.result["msg"]
    assert "4 of 5 drives are ok" in outcome.result["msg"]
    assert outcome.result["health"]["healthy"] is False

    told = module("minio_health", {**options, "fail": False})
    assert (told.code, told.result["health"]["healthy"]) == (0, False)


def test_a_store_that_is_gone_is_a_state_like_any_other(module):
    options = {"nodes": ["minio1"], "timeout": 0, "fail": False}
    outcome = module("minio_health", options, MINIO_ENDPOINT="http://127.0.0.1:1")
    assert outcome.code == 0
    assert "no answer" in outcome.result["health"]["problems"][0]


def test_wrong_credentials_fail_at_once(module, server):
    options = {"nodes": [server.host], "timeout": 40, "fail": False}
    outcome = module("minio_health", options, MINIO_SECRET_KEY="not-the-secret")
    assert outcome.code != 0
    assert outcome.result["error"]["code"] == "SignatureDoesNotMatch"
