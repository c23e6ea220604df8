"""Modules run by Ansible against the real server, and nothing of its secret in what is printed."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import minio
import pytest
import urllib3

from plugins.module_utils.storage_server.client import MinioStore
from tests.harness import Outcome, Server, run_module
from tests.worlds import Fake, Real


@pytest.fixture
def module(server: Server) -> Callable[..., Outcome]:
    """The connection comes from the environment, as for an operator."""

    def module(name: str, options: dict[str, Any], *flags: str, **environment: str) -> Outcome:
        outcome = run_module(name, options, *flags, **(server.environment | environment))
        assert server.secret_key not in outcome.output
        return outcome

    return module


@pytest.fixture
def client(server: Server) -> Iterator[minio.Minio]:
    """Another way to the same store, to make drift and to look behind the modules' back."""
    with urllib3.PoolManager(retries=False) as pool:
        yield minio.Minio(
            f"{server.host}:{server.port}", server.access_key, server.secret_key, secure=False, http_client=pool
        )


@pytest.fixture
def behind(server: Server, client: minio.Minio) -> MinioStore:
    """The same by our own adapter, which reaches what the SDK does not."""
    return Real(server, client).store()


@pytest.fixture(params=["fake", "real"])
def world(request):
    if request.param == "fake":
        return Fake()
    return Real(request.getfixturevalue("server"), request.getfixturevalue("client"))


@pytest.fixture
def store(world):
    return world.store()


@pytest.fixture
def name():
    return f"contract-{uuid.uuid4().hex[:12]}"
