"""Whether the cluster can be relied on: asked of every node by itself, and proved by a write and a read through it."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from .errors import CredentialsError, RequestError, StoreError, UnhealthyError
from .runner import Params, Result

if TYPE_CHECKING:
    from .store import Answer, Store

Answered = TypeVar("Answered")

INTERVAL = 0.5
HEALTH = "/minio/health/cluster"
DEFAULT_CREDENTIALS = ("minioadmin", "minioadmin")
CANARY_SIZE = 4096


def health(
    api: Store,
    params: Params,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """The answer of the module minio_health: asks until everything passes, or the time is over."""
    if not params["nodes"]:
        raise RequestError("nodes: name at least one node")
    deadline = clock() + params["timeout"]
    gate = Gate(api, params)
    while True:
        state = gate.look()
        # Waiting does not make an accepted default credential better.
        if state["healthy"] or state["default_credentials_refused"] is False or clock() + INTERVAL > deadline:
            break
        sleep(INTERVAL)
    gate.sweep()
    if params["fail"] and not state["healthy"]:
        problems = "; ".join(state["problems"])
        raise UnhealthyError(
            f"The cluster at {params['endpoint']} is not healthy, {params['timeout']} s were given: {problems}",
            result={"health": state},
        )
    return state


class Gate:
    """One look after the other, at the same nodes."""

    def __init__(self, api: Store, params: Params) -> None:
        self._api = api
        self._nodes: dict[str, Store] = {name: api.at(name) for name in params["nodes"]}
        self._drives: int | None = params["drives"]
        self._bucket: str = params["canary_bucket"]
        self._canary: bool = params["canary"] and not api.read_only
        self._maintenance: bool = params["maintenance"]
        # Canaries that could not be removed, to be removed at the next look.
        self._left: dict[str, str | None] = {}

    def look(self) -> Result:
        """Everything that can be said now. What cannot be found out is a problem, not an error."""
        problems: list[str] = []
        # All at the same time, because a node that hangs would make every question wait in turn.
        with ThreadPoolExecutor(len(self._nodes) + 4) as pool:
            asked_read = pool.submit(self._api.probe, f"{HEALTH}/read")
            asked_info = pool.submit(self._api.info)
            asked_buckets = pool.submit(self._api.buckets)
            asked_default = pool.submit(self._api.accepts, *DEFAULT_CREDENTIALS)
            asks = f"{HEALTH}?maintenance=true" if self._maintenance else HEALTH
            asked_nodes = {name: pool.submit(node.probe, asks) for name, node in self._nodes.items()}
        info = settle(problems, "servers", asked_info)
        buckets = settle(problems, "buckets", asked_buckets)
        accepted = settle(problems, "default credentials", asked_default)
        read = settle(problems, "cluster", asked_read)
        if accepted:
            problems.append(f"the default credentials {':'.join(DEFAULT_CREDENTIALS)} are accepted: set others")
        if self._canary and buckets is not None:
            self._prepare(problems, buckets)
        nodes = self._look_at_nodes(info, asked_nodes, self._canary and buckets is not None)
        problems += [f"{node['name']}: {node['error']}" for node in nodes if node["error"]]
        problems += missing_drives(nodes, self._drives) if info else []
        versions = {node["name"]: f"{node['version']} {node['commit']}" for node in nodes if node["version"]}
        if len(set(versions.values())) > 1:
            problems.append("versions differ: " + ", ".join(f"{name} has {told}" for name, told in versions.items()))
        return {
            "healthy": not problems,
            "problems": problems,
            "quorum": {"write": write_quorum(asked_nodes.values()), "read": quorum(read, "read")},
            "nodes": nodes,
            "versions_equal": len(versions) == len(nodes) and len(set(versions.values())) == 1,
            "capacity": capacity(info or {}),
            "buckets": buckets or [],
            "default_credentials_refused": None if accepted is None else not accepted,
        }

    def sweep(self) -> None:
        """Remove canaries that could not be removed through their node."""
        for name, version in list(self._left.items()):
            # Whoever does not let it be removed now is asked again at the next look.
            with suppress(StoreError):
                self._api.remove(self._bucket, name, version)
                del self._left[name]

    def _prepare(self, problems: list[str], buckets: Sequence[str]) -> None:
        self.sweep()
        if self._bucket not in buckets:
            try:
                self._api.make_bucket(self._bucket)
            except StoreError as error:
                problems.append(f"canary bucket: {error.message}")

    def _look_at_nodes(
        self, info: Mapping[str, Any] | None, asked: Mapping[str, Future[Answer]], canary: bool
    ) -> list[Result]:
        servers = {urlsplit(f"//{each['endpoint']}").hostname: each for each in (info or {}).get("servers", [])}
        unknown: Result = {"state": "missing" if info else "unknown"}

        def look(name: str) -> Result:
            return self._look_at_node(name, servers.get(name, unknown), asked[name], canary)

        with ThreadPoolExecutor(len(self._nodes)) as pool:
            return list(pool.map(look, self._nodes))

    def _look_at_node(self, name: str, server: Mapping[str, Any], asked: Future[Answer], canary: bool) -> Result:
        state, drives = server["state"], [described_drive(drive) for drive in server.get("drives", [])]
        if state == "online":
            flaws = [f"drive {drive['path']} is {drive['state']}" for drive in drives if drive["state"] != "ok"]
            if self._maintenance:
                flaws += [f"drive {drive['path']} is being healed" for drive in drives if drive["healing"]]
        else:
            flaws = [f"the servers call it {state}"] if state != "unknown" else []
        flaw = health_flaw(asked, server.get("endpoint", ""))
        verdict = "skipped"
        if canary and not flaw:
            flaw = self._canary_flaw(name)
            verdict = "failed" if flaw else "passed"
        return {
            "name": name,
            "state": state,
            "version": server.get("version", ""),
            "commit": server.get("commitID", ""),
            "drives": drives,
            "canary": verdict,
            "error": "; ".join([*flaws, flaw] if flaw else flaws) or None,
        }

    def _canary_flaw(self, name: str) -> str | None:
        node, canary, data = self._nodes[name], f"{name}-{secrets.token_hex(8)}", secrets.token_bytes(CANARY_SIZE)
        self._left[canary] = None
        try:
            version = self._left[canary] = node.put(self._bucket, canary, data)
            intact = node.get(self._bucket, canary) == data
            node.remove(self._bucket, canary, version)
        except StoreError as error:
            return f"canary: {error.message}"
        del self._left[canary]
        return None if intact else "canary: what was read is not what was written"


def settle(problems: list[str], what: str, asked: Future[Answered]) -> Answered | None:
    """What was answered, or one more problem."""
    try:
        return asked.result()
    except CredentialsError:
        # Our own: waiting does not make them better.
        raise
    except StoreError as error:
        problems.append(f"{what}: {error.message}")
        return None


def health_flaw(asked: Future[Answer], endpoint: str) -> str | None:
    """What its own health check says against a node, and whether it was this node that answered."""
    try:
        answer = asked.result()
    except StoreError as error:
        return error.message
    if answer.status == 412:
        return "it cannot be missed now: without it too few drives are left, or a drive is being healed"
    if answer.status != 200 or answer.headers.get("x-minio-server-status") == "offline":
        told = answer.headers.get("x-minio-server-status", "not ready")
        return f"its health check answers {answer.status}, {told}"
    # A server signs with a hash of what it calls itself.
    signature = answer.headers.get("x-amz-id-2")
    if endpoint and signature and signature != hashlib.sha256(endpoint.encode()).hexdigest():
        return "another node answered for it: the gateway does not let this machine choose a node"
    return None


def described_drive(drive: Mapping[str, Any]) -> Result:
    """A drive in our words; sizes in bytes."""
    return {
        "path": drive.get("path", ""),
        "state": drive.get("state", "unknown"),
        "total": drive.get("totalspace", 0),
        "used": drive.get("usedspace", 0),
        "free": drive.get("availspace", 0),
        "healing": drive.get("healing", False),
    }


def missing_drives(nodes: Sequence[Result], expected: int | None) -> list[str]:
    """Whether as many drives work as there should be."""
    working = sum(drive["state"] == "ok" for node in nodes for drive in node["drives"])
    return [] if expected is None or working == expected else [f"{working} of {expected} drives are ok"]


def capacity(info: Mapping[str, Any]) -> Result:
    """Bytes: all drives together, and what of it is left for data after parity."""
    backend = info.get("backend", {})
    parity, sizes = backend.get("standardSCParity", 0), backend.get("totalDrivesPerSet", [])
    raw, usable, used = 0, 0.0, 0.0
    for drive in (drive for server in info.get("servers", []) for drive in server.get("drives", [])):
        pool = drive.get("pool_index", 0)
        share = 1 - parity / sizes[pool] if 0 <= pool < len(sizes) else 1.0
        raw += drive.get("totalspace", 0)
        usable += share * drive.get("totalspace", 0)
        used += share * drive.get("usedspace", 0)
    return {"raw": raw, "usable": int(usable), "used": int(used)}


def write_quorum(asked: Iterable[Future[Answer]]) -> int | None:
    """As the first node that knows it has it."""
    told = (quorum(each.result(), "write") for each in asked if not each.exception())
    return next((number for number in told if number is not None), None)


def quorum(answer: Answer | None, kind: str) -> int | None:
    """How many drives of a set must answer."""
    text = answer.headers.get(f"x-minio-{kind}-quorum", "") if answer else ""
    return int(text) if text.isdigit() else None
