"""The examples of the modules' documentation are run as they stand, and again."""

import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from plugins.module_utils.storage_server.credentials import APPLICATIONS, CredentialStore, mint
from plugins.module_utils.storage_server.iam import Key
from tests.conftest import running
from tests.harness import ROOT, Server
from tests.worlds import Real

# It asks nodes behind a gateway by their names: the playbooks run it, and so does every Molecule scenario.
ELSEWHERE = {"minio_health"}
MODULES = sorted({path.stem for path in (ROOT / "library").glob("minio_*.py")} - ELSEWHERE)
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::superdarn-data/*"}


@pytest.fixture(scope="module")
def given(minio_binary, hook, server, tmp_path_factory):
    """A server that has what the examples need, and what they name."""
    environment = {
        "MINIO_KMS_SECRET_KEY": "key:c2l4dGVlbiBieXRlcywgYW5kIHNpeHRlZW4gbW9yZS4=",
        "MINIO_NOTIFY_WEBHOOK_ENABLE_radar": "on",
        "MINIO_NOTIFY_WEBHOOK_ENDPOINT_radar": hook.url,
    }
    archive = Real(server, None).store()
    if "old-data" not in archive.buckets():
        archive.make_bucket("old-data")
    with running(minio_binary, tmp_path_factory.mktemp("examples"), environment) as store:
        yield {
            "store_url": store.endpoint,
            "store_access_key": store.access_key,
            "store_secret_key": store.secret_key,
            "pipeline_url": hook.url,
            "pipeline_token": "a-token-of-the-pipeline",
            "archive_url": server.endpoint,
            "archive_access_key": server.access_key,
            "archive_secret_key": server.secret_key,
        }


@pytest.fixture
def granted(given, name, tmp_path):
    """What the examples take for granted."""
    server = Server(
        *urlsplit(given["store_url"]).netloc.split(":"), given["store_access_key"], given["store_secret_key"]
    )
    store = Real(server, None).store()
    store.set_policy("radar-readers", {"Version": "2012-10-17", "Statement": [READ]})
    store.set_user("alice", "a-secret-of-alice", enabled=True)
    if "scratch" not in store.buckets():
        store.make_bucket("scratch")
    if name == "minio_credential":
        old = replace(mint(), created="2026-01-01T00:00:00+00:00")
        CredentialStore(str(tmp_path / "credentials")).keep(APPLICATIONS, "ingest", old)
        store.add_key(old.access_key, old.secret_key, Key(parent="alice"))


def adapted(task, module, folder):
    """The example, for this server and this folder."""
    options = dict(task[module])
    if "endpoint" in options:
        options["endpoint"] = "{{ store_url }}"
    if "credentials_dir" in options:
        options["credentials_dir"] = str(folder)
    return {**task, module: options}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_do_what_they_say_and_a_second_time_nothing(name, given, granted, tmp_path):
    examples = yaml.safe_load(importlib.import_module(f"plugins.modules.{name}").EXAMPLES)
    tasks = []
    for number, task in enumerate(adapted(task, name, tmp_path / "credentials") for task in examples):
        tasks += [task, {**task, "register": f"again{number}"}]
        tasks += [{"ansible.builtin.assert": {"that": f"again{number} is not changed"}}]
    playbook = tmp_path / "examples.yml"
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {**given, "ansible_python_interpreter": sys.executable},
        "environment": {
            "MINIO_ENDPOINT": given["store_url"],
            "MINIO_ACCESS_KEY": given["store_access_key"],
            "MINIO_SECRET_KEY": given["store_secret_key"],
        },
        "tasks": tasks,
    }
    playbook.write_text(json.dumps([play]))
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MINIO_"))}
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", playbook],
        cwd=ROOT,
        env={**environment, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for secret in (value for key, value in given.items() if key.endswith(("secret_key", "token"))):
        assert secret not in done.stdout + done.stderr
