"""Playbooks as an operator runs them, against the instances of the scenario that is being verified."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def play(playbook: str, *flags: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run playbooks/PLAYBOOK.yml; the caller judges its code and what it printed."""
    command = ["ansible-playbook", ROOT / f"playbooks/{playbook}.yml", "-i", os.environ["MOLECULE_INVENTORY_FILE"]]
    return subprocess.run(
        [*command, *flags, "--extra-vars", json.dumps(variables)],
        env=_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def start(playbook: str, **variables: object) -> subprocess.Popen[bytes]:
    """The same in a process group of its own, so that it can be killed with all that it has started."""
    command = ["ansible-playbook", ROOT / f"playbooks/{playbook}.yml", "-i", os.environ["MOLECULE_INVENTORY_FILE"]]
    return subprocess.Popen(
        [*command, "--extra-vars", json.dumps(variables)],
        env=_environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Without Molecule's settings, colours among them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**kept, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
