"""Other builds of MinIO than the one that is deployed, as archives that images_minio takes."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ROOT / "roles/images/files"


def stamped(stamp: str) -> bytes:
    """A build that differs by its stamp alone."""
    built = subprocess.run(
        [sys.executable, FILES / "minio/build", "--stamp", stamp], stdout=subprocess.PIPE, text=True, check=True
    )
    return (Path(built.stdout.splitlines()[-1]) / "minio").read_bytes()


def image_with(binary: bytes, instance: str, folder: Path) -> dict[str, str]:
    """The image that the instance's nodes run, with another binary in it: what images_minio has to be."""
    save = "docker save $(docker inspect --format '{{.Image}}' storageserver-minio1-1)"
    content = subprocess.run(["docker", "exec", instance, "sh", "-c", save], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as saved:
        manifest = json.load(saved.extractfile("manifest.json"))[0]
        config = json.load(saved.extractfile(manifest["Config"]))["config"]
        with tarfile.open(fileobj=saved.extractfile(manifest["Layers"][0])) as layer:
            added = list(files_of(layer, binary, folder))
    recipe = hashlib.sha256(binary).hexdigest()
    command = [sys.executable, FILES / "assemble", "--name=minio", f"--recipe={recipe}", f"--output={folder}"]
    made = subprocess.run([*command, f"--config={json.dumps(config)}", *added], stdout=subprocess.PIPE, check=True)
    return {
        "source": "load",
        "archive": str(folder / f"minio-{recipe[:12]}.tar"),
        "checksum": f"sha256:{json.loads(made.stdout)['sha256']}",
    }


def files_of(layer: tarfile.TarFile, binary: bytes, folder: Path) -> Iterator[str]:
    """What is in the image, as options of assemble."""
    for entry in layer:
        if entry.isfile():
            path = folder / entry.name.replace("/", "_")
            path.write_bytes(binary if entry.name.endswith("bin/minio") else layer.extractfile(entry).read())
            yield f"--add={path}:/{entry.name.lstrip('./')}:{entry.mode:o}"
