"""What the tests start: a server, and modules the way Ansible runs them."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Server:
    """A running server. `host` is what it calls itself, and stands for the name of its only node."""

    host: str
    port: int
    access_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MINIO_ENDPOINT": self.endpoint,
            "MINIO_ACCESS_KEY": self.access_key,
            "MINIO_SECRET_KEY": self.secret_key,
        }

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/minio/health/cluster", timeout=5) as answer:  # noqa: S310 - http
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


class Hook:
    """Listens on loopback, and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._listener.server_port}/"

    def __enter__(self) -> "Hook":
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what takes a moment."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Outcome:
    """What a module said, and everything that was printed on the way."""

    code: int
    output: str
    result: dict[str, Any]


def run_module(
    name: str,
    options: dict[str, Any],
    *flags: str,
    python: str = sys.executable,
    cwd: Path = ROOT,
    **settings: str,
) -> Outcome:
    """`ansible localhost -m NAME`, with options as JSON, at the highest verbosity."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MINIO_"))}
    environment |= {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **settings}
    command = [Path(python).with_name("ansible"), "localhost", "--inventory", "localhost,", "--connection", "local"]
    command += ["--extra-vars", json.dumps({"ansible_python_interpreter": python})]
    command += ["--module-name", name, "--args", json.dumps(options), "-vvv", *flags]
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)
    _, _, result = done.stdout.partition(" => ")
    return Outcome(done.returncode, done.stdout + done.stderr, json.JSONDecoder().raw_decode(result or "{}")[0])
