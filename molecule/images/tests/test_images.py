"""The engine is asked what it has, and the images what they are."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from operating import play

testinfra_hosts = ["storage"]

VERSION = "DEVELOPMENT.2026-02-12T20-18-48Z"
COMMIT = "7aac2a2c5b7c"


def images(host) -> dict[str, str]:
    """Reference to id, of all images."""
    lines = host.check_output("docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'").splitlines()
    return dict(line.split() for line in lines)


@pytest.fixture(scope="module")
def minio(host) -> str:
    return next(name for name in images(host) if re.fullmatch(r"storageserver/minio:[0-9a-f]{12}", name))


@pytest.fixture(scope="module")
def nginx(host) -> str:
    return next(name for name in images(host) if re.fullmatch(r"storageserver/nginx:[0-9a-f]{12}", name))


def test_minio_says_what_it_was_built_of(host, minio):
    version = host.check_output(f"docker run --rm {minio} --version")
    assert VERSION in version
    assert COMMIT in version


def test_minio_s_image_has_no_shell_and_is_not_root_s(host, minio):
    config = json.loads(host.check_output(f"docker image inspect {minio}"))[0]["Config"]
    assert config["User"] == "9000:9000"
    assert "MINIO_UPDATE=off" in config["Env"]
    assert host.run(f"docker run --rm --entrypoint /bin/sh {minio} -c true").rc == 127


def test_minio_is_static(host, minio):
    host.check_output(
        f"docker create --name static {minio} && docker cp static:/usr/bin/minio /var/tmp/minio && docker rm static"
    )
    # ldd's answer to a program that needs no library.
    assert "not a dynamic executable" in host.run("ldd /var/tmp/minio").stderr


def test_the_probe_tells_a_server_that_answers(host, minio):
    start = f"docker run --detach --rm --name probed --tmpfs /data:uid=9000,gid=9000 {minio} server /data"
    host.check_output(start)
    probe = "docker exec probed /usr/bin/healthcheck http://127.0.0.1:9000/minio/health/live"
    assert host.run(f"for i in $(seq 50); do {probe} && exit 0; sleep 0.2; done; exit 1").rc == 0
    assert host.run(probe.replace("9000", "9999")).rc == 1
    host.check_output("docker rm --force probed")


def test_nginx_runs_without_root_and_without_writing(host, nginx):
    flags = "--rm --read-only --tmpfs /tmp --tmpfs /run:uid=9000,gid=9000 --cap-drop ALL"
    assert "nginx/1.26" in host.run(f"docker run {flags} {nginx} nginx -v").stderr
    configuration = (
        "load_module /usr/lib/nginx/modules/ndk_http_module.so;"
        " load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"
        ' pid /run/n.pid; error_log stderr; events {} http { init_by_lua_block { require "cjson" } }'
    )
    command = f"echo '{configuration}' > /tmp/n.conf; nginx -t -c /tmp/n.conf"
    tried = host.run(f"docker run {flags} {nginx} bash -c %s", command)
    assert "test is successful" in tried.stderr, tried.stderr


def test_a_tag_is_refused(host):
    done = play("supply-images", images_minio={"source": "pull", "reference": "127.0.0.1:5000/minio:latest"})
    assert done.returncode != 0
    assert "images_minio: '127.0.0.1:5000/minio:latest' has no digest" in done.stdout + done.stderr


def test_a_digest_is_pulled(host, minio):
    host.check_output(f"docker tag {minio} 127.0.0.1:5000/minio:1 && docker push --quiet 127.0.0.1:5000/minio:1")
    digests = json.loads(host.check_output("docker image inspect 127.0.0.1:5000/minio:1"))[0]["RepoDigests"]
    reference = next(name for name in digests if name.startswith("127.0.0.1:5000/"))
    saved = images(host)[minio]
    host.check_output(f"docker image rm {minio} 127.0.0.1:5000/minio:1")
    source = {"source": "pull", "reference": reference}
    for changes in ("changed=1 ", "changed=0 "):
        done = play("supply-images", images_minio=source)
        assert done.returncode == 0, done.stdout + done.stderr
        assert changes in done.stdout
    assert json.loads(host.check_output(f"docker image inspect {reference}"))[0]["Id"] == saved


@pytest.fixture
def archive(host, nginx, tmp_path) -> Path:
    host.check_output(f"docker save --output /var/tmp/nginx.tar {nginx}")
    target = tmp_path / "nginx.tar"
    subprocess.run(["docker", "cp", "storageserver-images-store:/var/tmp/nginx.tar", target], check=True)
    return target


def test_an_archive_is_loaded_by_its_checksum_and_a_tampered_one_is_not(host, nginx, archive):
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    source = {"source": "load", "archive": str(archive), "checksum": f"sha256:{checksum}"}
    before = images(host)
    with archive.open("r+b") as file:
        file.seek(4096)
        file.write(b"tampered")
    done = play("supply-images", "--tags", "images_nginx", images_nginx=source)
    output = re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert done.returncode != 0
    assert f"has the checksum sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}" in output
    assert f"wanted is sha256:{checksum}" in output
    assert "Nothing was loaded" in output
    assert images(host) == before

    subprocess.run(["docker", "cp", "storageserver-images-store:/var/tmp/nginx.tar", archive], check=True)
    done = play("supply-images", "--tags", "images_nginx", images_nginx=source)
    assert done.returncode == 0, done.stdout + done.stderr
    assert images(host)[f"storageserver/nginx:{checksum[:12]}"] == before[nginx]
    assert "changed=0 " in play("supply-images", "--tags", "images_nginx", images_nginx=source).stdout
