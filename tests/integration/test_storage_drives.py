"""storage_drives as Ansible runs it, on this machine; what it decides is in tests/unit/test_drives.py."""

from tests.harness import run_module


def test_a_refusal_says_what_to_set(tmp_path):
    point = str(tmp_path / "drive")
    options = {"mount_points": [point], "subdirectory": "minio", "owner": 9000, "hosts": 1}
    for flags in ([], ["--check"]):
        outcome = run_module("storage_drives", options, *flags)
        assert outcome.code != 0
        assert "nothing was written" in outcome.result["msg"]
        assert outcome.result["refusals"][0].startswith(f"{point}: nothing is mounted there, and no device is named")
    assert not (tmp_path / "drive").exists()


def test_no_drives_need_nothing():
    outcome = run_module("storage_drives", {"mount_points": [], "subdirectory": "minio", "owner": 9000, "hosts": 2})
    assert (outcome.code, outcome.result["changed"]) == (0, False)
    assert outcome.result["drives"]["plan"] == []
