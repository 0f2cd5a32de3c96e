"""The proof that a pod can be scheduled: a pod that ran."""

from __future__ import annotations

import time
from typing import Any

from opsctl.errors import OpsError, Unreachable
from opsctl.sandbox.api import Api
from opsctl.sandbox.settings import NODE_NAME, PAUSE_IMAGE

_PODS = "/api/v1/namespaces/default/pods"
_NAME = "opsctl-sandbox-proof"
_NOW = {"gracePeriodSeconds": 0}


def node_ready(api: Api) -> bool:
    """Whether the node is Ready and pods may be made: they need the default service account."""
    try:
        node = api.get(f"/api/v1/nodes/{NODE_NAME}")
        account = api.get("/api/v1/namespaces/default/serviceaccounts/default")
    except Unreachable:
        return False
    return bool(node and account) and _condition(node, "Ready")


def run_pod(api: Api, seconds: float = 60) -> None:
    """Run the smallest of pods and remove it. Raises OpsError with the pod's own reason if it does not start."""
    api.call("DELETE", f"{_PODS}/{_NAME}", _NOW)
    deadline = time.monotonic() + seconds
    while (pod := _ensure(api)) is None or not _condition(pod, "Ready"):
        if time.monotonic() > deadline:
            raise OpsError(f"no pod starts in the sandbox: {_why(pod)}", hint="opsctl sandbox status names the logs")
        time.sleep(0.05)
    api.call("DELETE", f"{_PODS}/{_NAME}", _NOW)


def _ensure(api: Api) -> Any:
    """The pod, or None while an earlier one of its name is going away."""
    pod = api.get(f"{_PODS}/{_NAME}")
    if pod is None:
        api.call("POST", _PODS, _pod())
        return None
    return None if pod["metadata"].get("deletionTimestamp") else pod


def _pod() -> dict[str, Any]:
    container = {"name": "pause", "image": PAUSE_IMAGE, "imagePullPolicy": "Never"}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": _NAME}, "spec": spec}


def _condition(subject: Any, name: str) -> bool:
    found = subject.get("status", {}).get("conditions", [])
    return any(row["type"] == name and row["status"] == "True" for row in found)


def _why(pod: Any) -> str:
    if pod is None:
        return "it could not be made"
    containers = pod["status"].get("containerStatuses", [])
    waiting = [row["state"]["waiting"] for row in containers if "waiting" in row["state"]]
    return str((waiting or [pod["status"].get("phase", "no status")])[0])
