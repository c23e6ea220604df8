"""Everything that can go wrong, as one tree.

StorageError
├── RequestError          what an operator asked for cannot work; nothing was touched
│   ├── TopologyError     nodes, pools, drives or addresses that cannot form a cluster
│   ├── DeploymentError   a running cluster would change in a way that has a playbook of its own
│   ├── PolicyError       a policy that the server would refuse, or that would break it
│   └── NotEmptyError     a bucket still holds something
└── StoreError            the store, or the way to it, said no
    ├── UnreachableError  no answer, or none that a store would give
    ├── CredentialsError  the credentials are not accepted
    ├── AccessDeniedError the credentials are accepted, and not allowed to do this
    ├── MissingError      the thing does not exist
    ├── ReadOnlyError     a write was attempted in check mode: a defect of ours, stopped in time
    └── UnhealthyError    the cluster did not get healthy in time
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StorageError(Exception):
    """`message` says what is wrong, on which thing, and what to set; `result` is what could be found out anyway."""

    def __init__(
        self, message: str, *, code: str = "", status: int = 0, request_id: str = "", result: Mapping[str, Any] = {}
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__.removesuffix("Error")
        self.status = status
        self.request_id = request_id
        self.result = dict(result)


class RequestError(StorageError):
    """What an operator asked for cannot work."""


class TopologyError(RequestError):
    """Nodes, pools, drives or addresses cannot form a cluster."""


class DeploymentError(RequestError):
    """A running cluster would change in a way that has a playbook of its own."""


class PolicyError(RequestError):
    """A policy that the server would refuse, or that would break it."""


class NotEmptyError(RequestError):
    """A bucket still holds something."""


class StoreError(StorageError):
    """The store, or the way to it, said no."""


class UnreachableError(StoreError):
    """No answer, or none that a store would give."""


class CredentialsError(StoreError):
    """The credentials are not accepted."""


class AccessDeniedError(StoreError):
    """The credentials are accepted, and not allowed to do this."""


class MissingError(StoreError):
    """The thing does not exist."""


class ReadOnlyError(StoreError):
    """A write was attempted in check mode."""


class UnhealthyError(StoreError):
    """The cluster did not get healthy in time."""
