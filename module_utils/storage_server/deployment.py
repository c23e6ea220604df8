"""What differs between the deployed and the desired cluster, and which playbook carries such a change out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .errors import DeploymentError
from .runner import Params, Result, is_secret

# A change of a cluster that holds data, and the playbook that makes it without losing anything.
PLAYBOOKS = {
    "image": "playbooks/upgrade.yml",
    "environment": "playbooks/upgrade.yml",
    "arguments": "playbooks/upgrade.yml",
    "root credentials": "playbooks/rotate-credentials.yml",
    "encryption key": "playbooks/upgrade.yml",
    "drives": "playbooks/replace-drive.yml",
    "host": "playbooks/replace-drive.yml",
    "pools": "playbooks/add-pool.yml",
}
# What is left costs no data, but a restart of the nodes: whether that may be now is the operator's to say.
SETTINGS = "settings"
# Everything that a node keeps is mounted here or below.
DATA = "/data"
HIDDEN = "(not shown)"
ABSENT = "(none)"


@dataclass(frozen=True)
class Difference:
    """`node` names all nodes that differ in the same way, `playbook` is empty where none is needed."""

    what: str
    node: str
    old: str
    new: str

    @property
    def playbook(self) -> str:
        return PLAYBOOKS.get(self.what, "")


def deployment(params: Params) -> Result:
    """The answer of the module storage_deployment."""
    deployed, desired = params["deployed"], params["desired"]
    differences = compare(deployed, desired) if nodes_of(deployed) else []
    result: Result = {"differences": [{**asdict(each), "playbook": each.playbook} for each in differences]}
    own = f"playbooks/{params['playbook']}.yml"
    allowed = params["allow_restart"] or bool(params["playbook"])
    refused = [each for each in differences if each.playbook != own and (each.playbook or not allowed)]
    if refused and params["data"]:
        existing = {_verb(name) for name in params["playbooks"]}
        listed = "\n".join(f"- {sentence(each, existing)}" for each in refused)
        raise DeploymentError(
            "This cluster holds data, and a running cluster is changed only by the playbook made for the change."
            f" Deployed → asked for:\n{listed}",
            result={"deployment": result},
        )
    return result


def sentence(difference: Difference, existing: set[str]) -> str:
    """One difference in words, and honestly whether its playbook exists."""
    subject = f"{difference.what} of {difference.node}" if difference.node else difference.what
    change = f"{subject}: {difference.old} → {difference.new}"
    if not difference.playbook:
        return f"{change}; nodes would restart, set cluster_allow_restart=true to let them"
    lacking = "" if _verb(difference.playbook) in existing else " (not part of this version yet)"
    return f"{change}; the playbook for it is {difference.playbook}{lacking}"


def _verb(playbook: str) -> str:
    return playbook.rpartition("/")[2].removesuffix(".yml")


def nodes_of(cluster: Params) -> Mapping[str, Any]:
    """Services of the Compose file by the names of the nodes."""
    nodes: Mapping[str, Any] = (cluster.get("compose") or {}).get("services") or {}
    return nodes


def compare(deployed: Params, desired: Params) -> list[Difference]:
    """All differences; nodes that differ in the same way share one."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for what, node, old, new in _compare_cluster(deployed, desired):
        found.setdefault((what, old, new), []).append(node)
    return [Difference(what, ", ".join(filter(None, nodes)), old, new) for (what, old, new), nodes in found.items()]


def _compare_cluster(deployed: Params, desired: Params) -> Iterator[tuple[str, str, str, str]]:
    old_nodes, new_nodes = nodes_of(deployed), nodes_of(desired)
    if set(old_nodes) != set(new_nodes):
        yield "pools", "", f"nodes {', '.join(old_nodes)}", f"nodes {', '.join(new_nodes) or ABSENT}"
    if deployed["host"] != desired["host"]:
        yield "host", ", ".join(old_nodes), deployed["host"], desired["host"]
    for name in old_nodes:
        if name in new_nodes:
            for what, old, new in compare_node(old_nodes[name], new_nodes[name]):
                yield what, name, old, new
    for what, digest, other in (
        ("root credentials", "root_digest", "others"),
        ("encryption key", "key_digest", "another"),
    ):
        if deployed.get(digest) != desired.get(digest):
            yield what, "", HIDDEN, other
    old_rest, new_rest = ({**cluster["compose"], "services": {}} for cluster in (deployed, desired))
    for old, new in compare_settings(old_rest, new_rest):
        yield SETTINGS, "", old, new


def compare_node(old: Params, new: Params) -> Iterator[tuple[str, str, str]]:
    """What differs in one node."""
    if old["image"] != new["image"]:
        yield "image", old["image"], new["image"]
    for before, after in compare_environment(old.get("environment") or {}, new.get("environment") or {}):
        yield "environment", before, after
    for what, pools in (("pools", True), ("arguments", False)):
        before, after = (arguments(node["command"], pools) for node in (old, new))
        if before != after:
            yield what, before, after
    before, after = (drives(node["volumes"]) for node in (old, new))
    if before != after:
        yield "drives", before, after
    for before, after in compare_settings(_settings(old), _settings(new)):
        yield SETTINGS, before, after


def compare_environment(old: Params, new: Params) -> Iterator[tuple[str, str]]:
    """One difference for each variable."""

    def shown(name: str, environment: Params) -> str:
        if name not in environment:
            return f"{name} {ABSENT}"
        return f"{name}={HIDDEN if is_secret(name) else environment[name]}"

    for name in sorted(set(old) | set(new)):
        if name not in old or name not in new or str(old[name]) != str(new[name]):
            yield shown(name, old), shown(name, new)


def arguments(command: Sequence[str], pools: bool) -> str:
    """The pools, which are URLs, or all other arguments."""
    return " ".join(word for word in command if word.startswith(("http://", "https://")) == pools) or ABSENT


def drives(volumes: Sequence[Params]) -> str:
    """Which directory of the host a node keeps its data in, whatever the order."""
    return ", ".join(sorted(f"{each['source']} at {each['target']}" for each in volumes if _holds_data(each))) or ABSENT


def _holds_data(volume: Params) -> bool:
    target = str(volume["target"])
    return target == DATA or target.startswith(f"{DATA}/")


def _settings(node: Params) -> dict[str, Any]:
    rest = {key: value for key, value in node.items() if key not in ("image", "environment", "command")}
    return {**rest, "volumes": [volume for volume in node["volumes"] if not _holds_data(volume)]}


def compare_settings(old: Params, new: Params) -> Iterator[tuple[str, str]]:
    """One difference for each key."""

    def shown(key: str, settings: Params) -> str:
        return f"{key} {json.dumps(settings[key], sort_keys=True) if key in settings else ABSENT}"

    for key in sorted(set(old) | set(new)):
        if shown(key, old) != shown(key, new):
            yield shown(key, old), shown(key, new)
