"""storage_local_drives as Ansible runs it; what it decides is in tests/unit/test_local_drives.py."""

from tests.harness import run_module


def test_it_plans_and_writes_nothing(tmp_path):
    point, folder = str(tmp_path / "mnt/drive1"), str(tmp_path / "lib/drives")
    # Allowed, so that the answer is the same where there are no loop devices.
    options = {"mount_points": [point], "directory": folder, "size_gib": 2, "allow_shared_disk": True}
    for flags in ([], ["--check"]):
        outcome = run_module("storage_local_drives", options, *flags)
        assert (outcome.code, outcome.result["changed"]) == (0, False)
        answer = outcome.result["local_drives"]
        assert [drive["mount_point"] for drive in answer["make"]] == [point]
        assert answer["new_folders"] == [folder, str(tmp_path / "lib"), point, str(tmp_path / "mnt")]
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_what_would_hide_files(tmp_path):
    (tmp_path / "file").touch()
    outcome = run_module("storage_local_drives", {"mount_points": [str(tmp_path)], "directory": "/nowhere/drives"})
    assert outcome.code != 0
    assert f"{tmp_path}: the folder holds files (file)" in outcome.result["msg"]


def test_removal_refuses_nothing(tmp_path):
    options = {"mount_points": [str(tmp_path)], "directory": str(tmp_path), "state": "absent"}
    outcome = run_module("storage_local_drives", options)
    assert outcome.result["local_drives"] == {"mounted": [], "fstab": [], "loops": []}
