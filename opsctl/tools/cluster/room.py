"""What nodes and quotas have left, read as the scheduler and the API server count it: by what pods ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from opsctl.core.room import Amount, Room, quantity
from opsctl.errors import ToolFailed
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.names import Names

_OVER = "status.phase!=Succeeded,status.phase!=Failed"
_CLOSED = ("NoSchedule", "NoExecute")
_QUOTA = {"cpu": ("requests.cpu", "cpu"), "memory": ("requests.memory", "memory", "limits.memory"), "pods": ("pods",)}


def read_room(api: Api, names: Names) -> Room:
    """Raises Unreachable. What these credentials may not see is None."""
    return Room(_nodes(api), _quotas(api, names))


def _nodes(api: Api) -> tuple[Amount, ...] | None:
    try:
        nodes, pods = api.get("/api/v1/nodes")["items"], api.get("/api/v1/pods", fieldSelector=_OVER)["items"]
    except ToolFailed:
        return None
    return tuple(_left(node, pods) for node in nodes if _takes_pods(node))


def _takes_pods(node: Mapping[str, Any]) -> bool:
    """The chart tolerates no taint, so a tainted node is closed to it."""
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", ()))
    taints = node["spec"].get("taints") or ()
    return ready and not node["spec"].get("unschedulable") and not any(t["effect"] in _CLOSED for t in taints)


def _left(node: Mapping[str, Any], pods: Iterable[Mapping[str, Any]]) -> Amount:
    has = node["status"]["allocatable"]
    left = Amount(quantity(has["cpu"]), quantity(has["memory"]), quantity(has["pods"]))
    for pod in pods:
        if pod["spec"].get("nodeName") == node["metadata"]["name"]:
            left = left.less(_asked(pod["spec"]))
    return left


def _asked(spec: Mapping[str, Any]) -> Amount:
    """Its containers together; those that only begin it come before, and are not counted."""
    asked = [container.get("resources", {}).get("requests", {}) for container in spec["containers"]]
    cpu, memory = (sum(quantity(requests.get(what, "0")) for requests in asked) for what in ("cpu", "memory"))
    return Amount(cpu, memory, 1)


def _quotas(api: Api, names: Names) -> dict[str, Amount] | None:
    try:
        found = api.get(names.core("resourcequotas"))["items"]
    except ToolFailed:
        return None
    return {quota["metadata"]["name"]: _rest(quota.get("status", {})) for quota in found}


def _rest(status: Mapping[str, Any]) -> Amount:
    hard, used = status.get("hard", {}), status.get("used", {})

    def left(what: str) -> float:
        own = (name for name in _QUOTA[what] if name in hard)
        return min((quantity(hard[name]) - quantity(used.get(name, "0")) for name in own), default=inf)

    return Amount(left("cpu"), left("memory"), left("pods"))
