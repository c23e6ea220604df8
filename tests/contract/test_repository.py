"""Rules of the repository: roles that say what they take, and nothing of the machine it was written on."""

import subprocess

import pytest
import yaml

from tests.harness import ROOT

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir() and not path.is_symlink())


def load(path):
    return (yaml.safe_load(path.read_text()) or {}) if path.is_file() else {}


def options(role):
    return load(ROOT / f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"].get("options", {})


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_the_argument_specs(role):
    defaults = load(ROOT / f"roles/{role}/defaults/main.yml")
    specs = options(role)
    assert {name: spec.get("default") for name, spec in specs.items()} == defaults


@pytest.mark.parametrize("role", ROLES)
def test_options_of_a_role_carry_its_name_and_a_description(role):
    for name, spec in options(role).items():
        assert name.startswith(f"{role}_")
        assert spec["type"]
        assert spec["description"]


@pytest.mark.parametrize("role", ROLES)
def test_secrets_of_a_role_are_not_logged(role):
    for name, spec in options(role).items():
        # What is chosen of a list that everybody can read is no secret.
        if any(word in name for word in ("secret", "password")) and "choices" not in spec:
            assert spec.get("no_log") is True, name


@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_what_it_is(role):
    assert (ROOT / f"roles/{role}/README.md").is_file()
    assert load(ROOT / f"roles/{role}/meta/main.yml")["galaxy_info"]["description"]


def grep(pattern, *paths):
    """Lines of files that are, or are about to be, part of the repository."""
    command = ["git", "-C", ROOT, "grep", "--untracked", "-nIE", pattern, "--", *paths]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    return found.stdout


def test_no_path_of_one_machine():
    start = "(^|[^A-Za-z0-9_.}-])"
    assert grep(f"{start}/[w]ork/") == ""
    # Instances of Molecule have a root of their own.
    assert grep(f"{start}/[r]oot/", ":!molecule") == ""
