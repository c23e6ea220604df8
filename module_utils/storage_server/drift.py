"""What a run in check mode would have changed, by layer. Pure: the output of the run in, a report out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import RequestError
from .runner import Params, Result

# From the best to the worst.
STATES = ("ok", "drift", "error")
# Where a result says what it is about, the most telling first.
TELLING = ("dest", "path", "name", "item", "cmd")


def drift(params: Params) -> Result:
    """The answer of the module storage_drift."""
    layers: dict[str, Result] = {}
    for layer, host, task, result in _results(_run(params["output"])):
        found = layers.setdefault(layer, {"state": "ok", "changes": [], "errors": []})
        entry = {"host": host, "task": task}
        if result.get("unreachable") or (result.get("failed") and not result.get("ignore_errors")):
            found["errors"].append({**entry, "message": str(result.get("msg", "no reason given"))})
        elif result.get("changed"):
            found["changes"].append({**entry, "details": list(_details(result))})
    for found in layers.values():
        found["state"] = "error" if found["errors"] else "drift" if found["changes"] else "ok"
    worst = max((STATES.index(found["state"]) for found in layers.values()), default=STATES.index("error"))
    if params["code"] and STATES[worst] != "error":
        # It failed where no task did, for example before the first.
        worst = STATES.index("error")
    return {"state": STATES[worst], "layers": layers, "summary": list(_summary(layers))}


def _run(output: str) -> Mapping[str, Any]:
    """The JSON in it; warnings may stand before and behind."""
    start = output.find("{\n")
    try:
        run, _ = json.JSONDecoder().raw_decode(output[max(start, 0) :])
        return {"plays": run["plays"]}
    except (ValueError, KeyError, TypeError) as error:
        said = output.strip().splitlines() or ["it printed nothing"]
        raise RequestError(f"The run in check mode gave no report: {said[0]}") from error


def _results(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Layer, host, task and result. A layer is a role; what belongs to none goes by the name of its play."""
    for play in run["plays"]:
        for task in play["tasks"]:
            role, separator, name = task["task"]["name"].partition(" : ")
            layer = role if separator else play["play"]["name"]
            for host, result in task["hosts"].items():
                yield layer, host, name if separator else role, result


def _details(result: Mapping[str, Any]) -> Iterator[str]:
    if result.get("results"):
        for each in result["results"]:
            if each.get("changed"):
                yield from _details(each)
        return
    actions = [action for action in result.get("actions") or [] if isinstance(action, str)]
    if actions:
        yield from actions
        return
    told = next((result[key] for key in TELLING if result.get(key)), None) or _file_of(result)
    if isinstance(told, Mapping):
        told = next((told[key] for key in ("mount_point", *TELLING) if key in told), None)
    if told:
        yield " ".join(map(str, told)) if isinstance(told, list) else str(told)


def _file_of(result: Mapping[str, Any]) -> str | None:
    """The file that a template would replace: in check mode only its diff names it."""
    diffs = result.get("diff") or []
    headers = [diff.get("before_header") for diff in (diffs if isinstance(diffs, list) else [diffs])]
    return next((header for header in headers if header), None)


def _summary(layers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """For people: a line for each layer, and one for each thing that is not as it should be."""
    for layer, found in layers.items():
        yield f"{layer}: {found['state']}"
        for change in found["changes"]:
            yield f"  {change['host']}: {change['task']}" + "".join(f"\n    {detail}" for detail in change["details"])
        for error in found["errors"]:
            yield f"  {error['host']}: {error['task']} failed: {error['message']}"
