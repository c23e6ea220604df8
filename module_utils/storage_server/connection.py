"""Connection options: defined once, parsed once."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import env_fallback

from .errors import RequestError

CONNECTION: dict[str, dict[str, Any]] = {
    "endpoint": {"type": "str", "required": True, "fallback": (env_fallback, ["MINIO_ENDPOINT"])},
    "access_key": {"type": "str", "required": True, "fallback": (env_fallback, ["MINIO_ACCESS_KEY"])},
    "secret_key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["MINIO_SECRET_KEY"])},
    "region": {"type": "str", "default": "us-east-1", "fallback": (env_fallback, ["MINIO_REGION"])},
    "validate_certs": {"type": "bool", "default": True, "fallback": (env_fallback, ["MINIO_VALIDATE_CERTS"])},
    "ca_path": {"type": "path", "fallback": (env_fallback, ["MINIO_CA_PATH"])},
}

# Of modules that know secrets of others.
SECRETS: dict[str, dict[str, Any]] = {
    "secrets": {"type": "str", "choices": ["export", "probe", "trust"]},
    "credentials_dir": {"type": "path"},
}


@dataclass(frozen=True, repr=False)
class Connection:
    """Where a store is, and who asks. No repr: it holds the secret."""

    address: str
    secure: bool
    access_key: str
    secret_key: str
    region: str
    verify: bool
    ca_path: str | None
    node: str | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.address}"

    @property
    def private(self) -> bool:
        """Whether nobody can listen on the way: it is encrypted, or does not leave this machine."""
        host = urlsplit(self.url).hostname or ""
        if self.secure or host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.url} (node {self.node})" if self.node else self.url


def parse(params: Mapping[str, Any]) -> Connection:
    """A connection from the options of a module."""
    secure, address = parse_endpoint(params["endpoint"], os.environ.get("MINIO_SECURE", ""))
    ca_path = params["ca_path"]
    if ca_path and not os.path.isfile(ca_path):
        raise RequestError(f"ca_path: there is no file {ca_path}")
    return Connection(
        address=address,
        secure=secure,
        access_key=params["access_key"],
        secret_key=params["secret_key"],
        region=params["region"],
        verify=params["validate_certs"],
        ca_path=ca_path,
    )


def parse_endpoint(endpoint: str, secure: str) -> tuple[bool, str]:
    """Whether to use TLS, and host:port. Without a scheme MINIO_SECURE decides; as for the SDK, TLS is the default."""
    if "://" not in endpoint:
        endpoint = f"{'http' if secure.lower() in ('0', 'false', 'no', 'off') else 'https'}://{endpoint}"
    try:
        url = urlsplit(endpoint)
        usable = url.scheme in ("http", "https") and url.hostname and (url.port or True)
    except ValueError:
        usable = False
    if not usable or url.path.strip("/") or url.query or url.username is not None:
        # It may hold a password: what follows an @ is all that is repeated.
        raise RequestError(
            f"endpoint {endpoint.rpartition('@')[2]}: expected a URL such as http://store:9000, or host:port, without a"
            " path and credentials"
        )
    return url.scheme == "https", url.netloc
