"""What Kubernetes' objects say about a color, as values. Objects are plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsctl.core.color import COLOR_LABEL, Color
from opsctl.core.contract import read_contract
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod
from opsctl.tools.cluster.names import Names

RELEASE_ANNOTATION = "opsctl/release"
SERVICES_ANNOTATION = "opsctl/services"


def color_state(
    color: Color,
    names: Names,
    deployments: list[dict[str, Any]],
    pods: list[dict[str, Any]],
    slices: list[dict[str, Any]],
) -> ColorState:
    serving = {pod for name in names.workloads for pod in ready_behind(slices, names.workload(color, name))}
    own = tuple(_pod(pod, serving) for pod in pods if label_of(pod) == color and not _over(pod))
    found = {_component(d): d for d in deployments if d["metadata"]["name"] == names.workload(color, _component(d))}
    if not found:
        return ColorState(color, pods=own)
    releases = {_release(deployment) for deployment in found.values()}
    first = found.get(names.front) or next(iter(found.values()))
    return ColorState(
        color=color,
        release=releases.pop() if len(releases) == 1 else None,
        image=first["spec"]["template"]["spec"]["containers"][0]["image"],
        sizes={name: deployment["spec"].get("replicas", 1) for name, deployment in sorted(found.items())},
        settled=all(_settled(deployment, _of(name, own)) for name, deployment in found.items()),
        pods=own,
        services=read_contract(first["metadata"].get("annotations", {}).get(SERVICES_ANNOTATION, "")),
    )


def _of(workload: str, pods: Sequence[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.workload == workload]


def _over(pod: dict[str, Any]) -> bool:
    """Evicted, or ended with its node: it stays listed, though it has been replaced and will never run again."""
    return pod.get("status", {}).get("phase") in ("Failed", "Succeeded")


def _settled(deployment: dict[str, Any], pods: Sequence[Pod]) -> bool:
    status, desired = deployment.get("status", {}), deployment["spec"].get("replicas", 1)
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    living = sum(not pod.terminating for pod in pods)
    return bool(seen and status.get("updatedReplicas", 0) == desired and living == desired)


def _pod(pod: dict[str, Any], serving: set[str]) -> Pod:
    status = pod.get("status", {})
    containers = status.get("containerStatuses", [])
    waiting: dict[str, str] = next((c["state"]["waiting"] for c in containers if "waiting" in c.get("state", {})), {})
    conditions = {c["type"]: c["status"] == "True" for c in status.get("conditions", [])}
    name = pod["metadata"]["name"]
    return Pod(
        name=name,
        ready=conditions.get("Ready", False),
        restarts=restarts_of(pod),
        image=pod["spec"]["containers"][0]["image"],
        terminating="deletionTimestamp" in pod["metadata"],
        waiting=waiting.get("reason", ""),
        message=waiting.get("message", ""),
        ended=_last_end(containers),
        in_service=name in serving,
        release=_release(pod),
        address=status.get("podIP", ""),
        workload=_component(pod),
        offers=frozenset(port.get("name", "") for port in pod["spec"]["containers"][0].get("ports", ())),
    )


def _release(found: dict[str, Any]) -> int | None:
    """Of a Deployment or a pod, by what the chart wrote on it."""
    number = found["metadata"].get("annotations", {}).get(RELEASE_ANNOTATION, "")
    return int(number) if number.isdigit() else None


def _last_end(containers: Sequence[dict[str, Any]]) -> str:
    """Why a container ended last, in Kubernetes' word, or its exit code where that is just "Error"."""
    for container in containers:
        ends = [container.get(key, {}).get("terminated") for key in ("state", "lastState")]
        last = next((end for end in ends if end), None)
        if last:
            reason = str(last.get("reason", "Error"))
            return f"exit code {last.get('exitCode')}" if reason == "Error" else reason
    return ""


def restarts_of(pod: dict[str, Any]) -> int:
    """Restarts, and a crash whose restart is still to come."""
    total = 0
    for container in pod.get("status", {}).get("containerStatuses", []):
        ended = "terminated" in container.get("state", {}) and "deletionTimestamp" not in pod["metadata"]
        total += container["restartCount"] + ended
    return total


def ready_behind(slices: list[dict[str, Any]], service: str) -> tuple[str, ...]:
    """Names of the pods behind a Service."""
    own = (s for s in slices if s["metadata"]["labels"].get("kubernetes.io/service-name") == service)
    endpoints = (endpoint for found in own for endpoint in found.get("endpoints") or ())
    ready = (e for e in endpoints if e.get("conditions", {}).get("ready") and "targetRef" in e)
    return tuple(sorted({endpoint["targetRef"]["name"] for endpoint in ready}))


def _component(found: dict[str, Any]) -> str:
    """The workload that a Deployment or a pod belongs to."""
    return str(found["metadata"].get("labels", {}).get("app.kubernetes.io/component", AGENT))


def name_of(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["name"])


def label_of(pod: dict[str, Any]) -> str | None:
    value = pod["metadata"].get("labels", {}).get(COLOR_LABEL)
    return str(value) if value else None
