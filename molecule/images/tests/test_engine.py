"""An engine that is there is used as it is, and one that runs others' containers is not restarted by the way."""

import json
import re

import pytest
from operating import play

testinfra_hosts = ["storage"]

SETTINGS = {"log-level": "warn", "max-concurrent-downloads": 5}


def pid(host) -> str:
    return host.check_output("systemctl show docker --property MainPID --value")


def settings(host) -> dict[str, object]:
    return json.loads(host.check_output("cat /etc/docker/daemon.json"))


@pytest.fixture
def foreign(host):
    """A container that somebody else runs on this engine."""
    image = host.check_output(
        "docker image ls --quiet --filter label=storageserver.recipe storageserver/nginx"
    ).split()[0]
    host.check_output(f"docker run --detach --name others {image} sleep 600")
    yield
    host.check_output("docker rm --force others")


@pytest.mark.usefixtures("foreign")
def test_settings_are_merged_but_not_while_others_run_containers(host):
    before, version, old = settings(host), host.check_output("docker version --format '{{.Server.Version}}'"), pid(host)
    done = play("install-engine", engine_daemon_settings=SETTINGS)
    assert done.returncode == 0, done.stdout + done.stderr
    output = re.sub(r"\s+", " ", done.stdout)
    assert "it runs containers of others (others)" in output
    assert "set engine_allow_restart=true" in output
    assert (settings(host), pid(host)) == (before, old)

    done = play("install-engine", engine_daemon_settings=SETTINGS, engine_allow_restart=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert settings(host) == before | SETTINGS
    assert pid(host) != old
    assert host.check_output("docker version --format '{{.Server.Version}}'") == version
    assert "changed=0 " in play("install-engine", engine_daemon_settings=SETTINGS).stdout


def test_who_holds_the_gateway_s_port_is_named(host):
    host.check_output("systemd-run --unit holder python3 -m http.server 9001 --bind 127.0.0.1")
    assert (
        host.run("for i in $(seq 50); do ss -Hltn 'sport = :9001' | grep -q . && exit 0; sleep 0.1; done; exit 1").rc
        == 0
    )
    done = play("deploy-cluster", "--tags", "gateway_preflight", engine_container_files=1024)
    output = re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert done.returncode != 0
    assert re.search(
        r"is taken on storageserver-images-store by python3, pid \d+\. Stop it, or set gateway_s3_port", output
    ), output
    host.check_output("systemctl stop holder")
