"""Playbooks as an operator runs them, against the instances of the scenario that is being verified."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def play(playbook: str, *flags: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run playbooks/PLAYBOOK.yml; the caller judges its code and what it printed."""
    command = ["ansible-playbook", ROOT / f"playbooks/{playbook}.yml", "-i", os.environ["MOLECULE_INVENTORY_FILE"]]
    # Without Molecule's settings, colours among them.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return subprocess.run(
        [*command, *flags, "--extra-vars", json.dumps(variables)],
        env=environment | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
