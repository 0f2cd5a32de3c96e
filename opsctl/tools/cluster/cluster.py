"""The application's namespace: one look at it, and the few writes that a release makes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from opsctl.core.color import COLOR_LABEL, Color
from opsctl.core.snapshot import ColorState, Pod, Snapshot, TrafficState
from opsctl.errors import OpsError
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, NotFound
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.traffic import ServiceTraffic

RELEASE_ANNOTATION = "opsctl/release"
_WORDS = 3  # pods whose last words are reported
_LINES = 5


class KubernetesCluster:
    def __init__(self, api: Api, names: Names, traffic: ServiceTraffic) -> None:
        self.api, self.names, self.traffic = api, names, traffic

    def read(self) -> Snapshot:
        deployments = self._list(self.names.apps("deployments"))
        pods = self._list(self.names.core("pods"))
        slices = self._slices()
        states = {color: _color_state(color, self.names.workload(color), deployments, pods, slices) for color in Color}
        return Snapshot(time.time(), self._read_traffic(slices), states)

    def ensure_namespace(self) -> None:
        labels = {"app.kubernetes.io/managed-by": "opsctl", "pod-security.kubernetes.io/enforce": "restricted"}
        body = {
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": self.names.namespace, "labels": labels},
        }  # fmt: skip
        try:
            self.api.request("POST", "/api/v1/namespaces", body)
        except Conflict:
            return

    def scale(self, color: Color, replicas: int) -> None:
        """Set the size on the Deployment itself, so that opsctl is on record as the field's owner."""
        path = self.names.apps("deployments", self.names.workload(color))
        self.api.request(
            "PATCH", path, {"spec": {"replicas": replicas}}, kind=MERGE, query={"fieldManager": FIELD_MANAGER}
        )

    def stop_pods(self, names: Sequence[str]) -> None:
        for name in names:
            try:
                self.api.request("DELETE", self.names.core("pods", name))
            except NotFound:
                continue

    def last_words(self, color: Color) -> tuple[str, ...]:
        """Never raises: evidence is welcome, but a rollback does not wait for it."""
        try:
            pods = [pod for pod in self._list(self.names.core("pods")) if _label(pod) == color]
            return tuple(word for pod in pods[:_WORDS] for word in self._words_of(pod))
        except OpsError as error:
            return (f"no evidence: {error.message}",)

    def _words_of(self, pod: dict[str, Any]) -> list[str]:
        name = pod["metadata"]["name"]
        words = [f"{name}: {line}" for line in self._last_lines(name, _restarts(pod) > 0)]
        events = self.api.get(self.names.core("events"), fieldSelector=f"involvedObject.name={name},type=Warning")
        latest = sorted(events["items"], key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime")))
        return [*words, *(f"{name}: {event['reason']}: {event['message']}" for event in latest[-1:])]

    def _last_lines(self, name: str, crashed: bool) -> list[str]:
        path = self.names.core("pods", name) + f"/log?tailLines={_LINES}" + ("&previous=true" if crashed else "")
        answer = self.api.raw("GET", path)
        lines = answer.body.decode(errors="replace").strip().splitlines() if answer.status == 200 else []
        return [line[:300] for line in lines[-1:]]

    def _list(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(path, labelSelector=self.names.selector)["items"]
        return found

    def _slices(self) -> list[dict[str, Any]]:
        services = ",".join([self.names.app, *(self.names.workload(color) for color in Color)])
        selector = f"kubernetes.io/service-name in ({services})"
        found: list[dict[str, Any]] = self.api.get(self.names.discovery("endpointslices"), labelSelector=selector)[
            "items"
        ]
        return found

    def _read_traffic(self, slices: list[dict[str, Any]]) -> TrafficState | None:
        try:
            return self.traffic.read(tuple(sorted(_ready_pods(slices, self.names.app))))
        except NotFound:
            return None


def _color_state(
    color: Color,
    name: str,
    deployments: list[dict[str, Any]],
    pods: list[dict[str, Any]],
    slices: list[dict[str, Any]],
) -> ColorState:
    serving = _ready_pods(slices, name)
    own = tuple(_pod(pod, serving) for pod in pods if _label(pod) == color)
    deployment = next((d for d in deployments if d["metadata"]["name"] == name), None)
    if deployment is None:
        return ColorState(color, pods=own)
    release = deployment["metadata"].get("annotations", {}).get(RELEASE_ANNOTATION, "")
    return ColorState(
        color=color,
        release=int(release) if release.isdigit() else None,
        image=deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        desired=deployment["spec"].get("replicas", 1),
        settled=_settled(deployment, own),
        version=deployment["metadata"]["resourceVersion"],
        pods=own,
    )


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
        restarts=_restarts(pod),
        image=pod["spec"]["containers"][0]["image"],
        terminating="deletionTimestamp" in pod["metadata"],
        waiting=waiting.get("reason", ""),
        message=waiting.get("message", ""),
        in_service=name in serving,
    )


def _restarts(pod: dict[str, Any]) -> int:
    """Restarts, and a crash whose restart is still to come."""
    total = 0
    for container in pod.get("status", {}).get("containerStatuses", []):
        ended = "terminated" in container.get("state", {}) and "deletionTimestamp" not in pod["metadata"]
        total += container["restartCount"] + ended
    return total


def _ready_pods(slices: list[dict[str, Any]], service: str) -> set[str]:
    own = (s for s in slices if s["metadata"]["labels"].get("kubernetes.io/service-name") == service)
    endpoints = (endpoint for found in own for endpoint in found.get("endpoints") or ())
    return {e["targetRef"]["name"] for e in endpoints if e.get("conditions", {}).get("ready") and "targetRef" in e}


def _label(pod: dict[str, Any]) -> str | None:
    value = pod["metadata"].get("labels", {}).get(COLOR_LABEL)
    return str(value) if value else None
