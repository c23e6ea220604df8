"""minio_config: check, apply, again, drift, repair, absent, absent; at once, and after a restart."""

import pytest

from tests.harness import run_module
from tests.worlds import Real


def test_what_is_applied_at_once(module, behind):
    want = {"name": "scanner", "values": {"speed": "slow"}}
    present = {"name": "scanner", "state": "present", "values": {"speed": "slow"}, "restart_required": False}
    checked = module("minio_config", want, "--check", "--diff")
    assert behind.settings()["scanner"].values["speed"] == "default"
    applied = module("minio_config", want, "--diff")
    for outcome in (checked, applied):
        assert outcome.code == 0, outcome.output
        assert outcome.result["actions"] == ["set speed of scanner"]
        assert outcome.result["settings"] == present
        assert outcome.result["diff"]["before"] == {
            "settings": {"scanner": {"name": "scanner", "values": {"speed": "default"}}}
        }
    again = module("minio_config", want)
    assert (again.result["changed"], again.result["settings"]) == (False, present)

    behind.set_settings("scanner", {"speed": "fast", "alert_excess_versions": "50"})
    repaired = module("minio_config", want)
    assert repaired.result["actions"] == ["set speed of scanner"]
    # Only what is named is managed.
    assert behind.settings()["scanner"].values["alert_excess_versions"] == "50"
    behind.set_settings("scanner", {"speed": "default", "alert_excess_versions": "100"})


def test_what_waits_for_a_restart(restarted, hook, tmp_path):
    server = restarted()

    def module(options, *flags):
        outcome = run_module("minio_config", options, *flags, **server.environment)
        assert outcome.code == 0, outcome.output
        for secret in (server.secret_key, "a-token-of-the-hook", "another-token"):
            assert secret not in outcome.output.replace('"auth_token": "a-token-of-the-hook"', "")
        return outcome.result

    want = {"name": "notify_webhook:radar", "values": {"endpoint": hook.url, "auth_token": "a-token-of-the-hook"}}
    sentence = "set auth_token, endpoint of notify_webhook:radar"
    shown = {"endpoint": hook.url, "auth_token": "as declared"}
    checked = module(want, "--check")
    assert (checked["actions"], checked["settings"]["restart_required"]) == ([sentence], True)
    applied = module(want, "--diff")
    assert applied["actions"] == [sentence]
    for waiting in (applied, module(want)):
        assert waiting["settings"]["values"] == shown
        assert waiting["settings"]["restart_required"] is True
    assert module(want)["changed"] is False

    restarted()
    ran = module(want)
    assert (ran["changed"], ran["settings"]["values"], ran["settings"]["restart_required"]) == (False, shown, False)
    assert list(Real(server, None).store().notification_targets()) == ["webhook:radar"]

    Real(server, None).store().set_settings("notify_webhook:radar", {"auth_token": "another-token"})
    assert module(want)["actions"] == ["set auth_token of notify_webhook:radar"]
    # What somebody switched off stays so, while what is managed changes.
    off = {"name": "notify_webhook:radar", "values": {"enable": "off"}}
    assert module(off)["actions"] == ["set enable of notify_webhook:radar"]
    assert module({**want, "values": {**want["values"], "queue_limit": 10}})["changed"]
    assert module(off)["changed"] is False

    absent = {"name": "notify_webhook:radar", "state": "absent"}
    assert module(absent, "--check")["changed"] is True
    removed = module(absent)
    assert removed["actions"] == ["remove settings notify_webhook:radar"]
    assert removed["settings"] == {"name": "notify_webhook:radar", "state": "absent", "restart_required": True}
    assert module(absent)["changed"] is False
    restarted()
    assert module(absent)["settings"]["restart_required"] is False


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "api", "state": "absent"}, "settings api: the server always has them"),
        ({"name": "notify_webhook:nobody", "values": {"endpoint": "http://127.0.0.1:1/"}}, "connection refused"),
        ({"name": "notify_webhook:hook", "values": {"endpoint": "http://127.0.0.1:1/"}}, "from cluster_environment"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(module, options, words):
    outcome = module("minio_config", options)
    assert outcome.code != 0
    assert words in outcome.result["msg"]
    assert "Traceback" not in outcome.output
