"""A run that is killed leaves its instances running; the next create or destroy removes all of it."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
SCENARIO = "leftovers"
INSTANCE = "storageserver-leftovers-store"


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def objects(kind: str) -> str:
    return output("docker", kind, "ls", "--quiet", "--filter", f"label=storageserver.molecule={SCENARIO}")


def loop_devices() -> set[str]:
    """Each attached file by its inode: the names of loop devices are used again."""
    return set(output("losetup", "-ln", "-O", "BACK-MAJ:MIN,BACK-INO").splitlines())


def busy() -> bool:
    return output("docker", "exec", INSTANCE, "docker", "network", "ls", "--quiet", "--filter", "name=busy") != ""


@pytest.fixture
def killed() -> set[str]:
    """The loop devices of a run that was killed in its middle."""
    before = loop_devices()
    run = subprocess.Popen(
        ["molecule", "converge", "-s", SCENARIO],
        cwd=PROJECT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 300
    while not busy():
        assert time.monotonic() < end
        assert run.poll() is None
        time.sleep(1)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    return loop_devices() - before


def test_destroy_clears_what_a_killed_run_left(killed: set[str]) -> None:
    assert len(killed) >= 2
    listed = subprocess.run([PROJECT / "scripts" / "leftovers"], capture_output=True, text=True, check=False)
    assert listed.returncode == 1
    assert INSTANCE in listed.stdout

    command = ["molecule", "destroy", "-s", SCENARIO]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode == 0
    assert [objects("container"), objects("volume"), objects("network")] == ["", "", ""]
    assert killed & loop_devices() == set()
