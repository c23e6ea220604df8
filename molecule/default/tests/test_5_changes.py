"""A cluster that holds data is changed by the playbook made for the change, and by no other."""

import json
import re
from pathlib import Path

import pytest
from operating import play

testinfra_hosts = ["storage"]

PHASES = "cluster_preflight,cluster_credentials,cluster_compare"
HOST = "storageserver-default-store"
DRIVES = {"minio1": "/mnt/drive3", "minio2": "/mnt/drive2", "minio3": "/mnt/drive4", "minio4": "/mnt/drive1"}


def nodes(**drives: str) -> list[dict[str, object]]:
    return [{"name": name, "host": HOST, "drives": [drive]} for name, drive in drives.items()]


# What can be changed together is: the refusal names every difference.
CHANGES = {
    "image, environment, drives, limits": (
        {
            "images_minio_image": "storageserver/minio:other",
            "cluster_environment": {"MINIO_UPDATE": "off", "MINIO_BROWSER": "off"},
            "storage_nodes": nodes(**(DRIVES | {"minio1": "/mnt/drive2", "minio2": "/mnt/drive3"})),
            "cluster_memory_limit": "3g",
        },
        [
            r"image of minio1, minio2, minio3, minio4: \S+ → storageserver/minio:other; [^;]*upgrade\.yml",
            r"environment of [^;]*MINIO_BROWSER[^;]* → MINIO_BROWSER=off; [^;]*upgrade\.yml",
            r"drives of minio1: /mnt/drive3/minio at /data → /mnt/drive2/minio at /data; [^;]*replace-drive\.yml",
            r"settings of [^;]*mem_limit[^;]*4g[^;]* → [^;]*3g.*cluster_allow_restart",
        ],
    ),
    "pool order and size": (
        {"storage_pools": [{"name": "a", "nodes": ["minio3", "minio4"]}, {"name": "b", "nodes": ["minio1", "minio2"]}]},
        [
            r"pools.*http://minio\{1\.\.\.4\}/data → http://minio\{3\.\.\.4\}/data http://minio\{1\.\.\.2\}/data;.*add-pool"
        ],
    ),
    "fewer nodes": (
        {"storage_nodes": nodes(**{name: drive for name, drive in DRIVES.items() if name != "minio4"})},
        [r"pools: nodes minio1, minio2, minio3, minio4 → nodes minio1, minio2, minio3; .*add-pool\.yml"],
    ),
    "node to host": (
        {"storage_nodes": [{"name": name, "host": "elsewhere", "drives": [drive]} for name, drive in DRIVES.items()]},
        [r"elsewhere"],
    ),
}


@pytest.fixture(scope="module")
def deployed(host) -> dict[str, object]:
    """What an earlier part of the run finds out."""
    node = json.loads(host.check_output("docker inspect storageserver-minio1-1"))[0]
    limit = next(limit for limit in node["HostConfig"]["Ulimits"] if limit["Name"] == "nofile")
    return {"images_minio_image": node["Config"]["Image"], "engine_container_files": limit["Hard"]}


def starts(host) -> str:
    return host.check_output("docker ps --quiet | sort | xargs docker inspect --format '{{.Id}} {{.State.StartedAt}}'")


def deploy(deployed: dict[str, object], **variables: object) -> tuple[int, str]:
    done = play("deploy-cluster", "--tags", PHASES, **deployed | variables)
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_nothing_differs_when_nothing_is_changed(deployed):
    code, output = deploy(deployed)
    assert code == 0, output


@pytest.mark.parametrize(("variables", "reasons"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_refused_with_the_playbook_for_it(host, deployed, variables, reasons):
    before = starts(host)
    code, output = deploy(deployed, **variables)
    assert code != 0
    for reason in reasons:
        assert re.search(reason, output), output
    assert starts(host) == before


def test_other_root_credentials_are_refused_and_not_shown(deployed, tmp_path: Path):
    other = {"access_key": "storageadmin", "secret_key": "another-password-of-forty-characters-000"}
    (tmp_path / "root.json").write_text(json.dumps(other))
    code, output = deploy(deployed, storage_credentials_dir=str(tmp_path))
    assert code != 0
    assert re.search(r"root credentials.*rotate-credentials\.yml", output), output
    assert other["secret_key"] not in output


def test_a_lost_credential_store_is_refused_and_nothing_is_generated(deployed, tmp_path: Path):
    code, output = deploy(deployed, storage_credentials_dir=str(tmp_path / "lost"))
    assert code != 0
    assert f"there is no {tmp_path}/lost/root.json" in output, output
    assert list(tmp_path.iterdir()) == []


def test_a_subnet_that_the_host_uses_already_is_refused(host, deployed):
    route = next(
        route
        for route in json.loads(host.check_output("ip -json route"))
        if route["dev"] == "eth0" and "/" in route["dst"]
    )
    code, output = deploy(deployed, storage_subnet=route["dst"])
    assert code != 0
    assert f"storage_subnet: {route['dst']} overlaps the host's route {route['dst']}" in output, output


def test_a_configuration_that_nginx_refuses_is_not_taken(host, deployed):
    image = host.check_output("docker inspect --format '{{.Config.Image}}' storageserver-nginx-1")
    before = host.check_output(
        "docker compose --project-directory /opt/storageserver exec -T nginx nginx -T 2>/dev/null"
    )
    variables = deployed | {"images_nginx_image": image, "gateway_worker_processes": "nonsense"}
    done = play("deploy-cluster", "--tags", "gateway", **variables)
    assert done.returncode != 0
    assert "directive invalid value" in re.sub(r"\s+", " ", done.stdout + done.stderr), done.stdout
    after = host.check_output(
        "docker compose --project-directory /opt/storageserver exec -T nginx nginx -T 2>/dev/null"
    )
    assert after == before
