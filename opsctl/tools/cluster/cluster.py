"""The application's namespace: one look at it, and the few writes that a release makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from opsctl.core.color import COLOR_LABEL, Color
from opsctl.core.contract import read_contract
from opsctl.core.last_words import distinct, of_log
from opsctl.core.room import Room
from opsctl.core.secrets import Keys
from opsctl.core.sizes import AGENT, Sizes
from opsctl.core.snapshot import ColorState, Pod, Snapshot
from opsctl.errors import OpsError
from opsctl.tools import clock
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, Forbidden, NotFound
from opsctl.tools.cluster.fence import unlocked
from opsctl.tools.cluster.guard import guard_state
from opsctl.tools.cluster.migration import migration_state
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.room import read_room
from opsctl.tools.cluster.secrets import secret_keys
from opsctl.tools.cluster.traffic import Routers

RELEASE_ANNOTATION = "opsctl/release"
SERVICES_ANNOTATION = "opsctl/services"
_TRIES = 5  # to write over a version; each takes milliseconds
_PODS = 3  # whose last words are read
_LINES = 10


class KubernetesCluster:
    """`still_ours` makes sure of the lock, as `Lock.check` does; without it this is for reading alone."""

    def __init__(self, api: Api, names: Names, traffic: Routers, still_ours: Callable[[], None] = unlocked) -> None:
        self.api, self.names, self.traffic, self.still_ours = api, names, traffic, still_ours

    def read(self) -> Snapshot:
        deployments = self._list(self.names.apps("deployments"))
        pods = self._list(self.names.core("pods"), self.names.pod_selector)
        slices = self._slices()
        states = {color: _color_state(color, self.names, deployments, pods, slices) for color in Color}
        traffic = tuple(router.read(_ready(slices, router.name)) for router in self.traffic.routers)
        return Snapshot(clock.now(), traffic, states, guard_state(pods), migration_state(pods))

    def room(self) -> Room:
        return read_room(self.api, self.names)

    def secrets(self, wanted: Mapping[str, Keys]) -> dict[str, Keys | None]:
        return secret_keys(self.api, self.names, wanted)

    def ensure_namespace(self) -> None:
        labels = {"app.kubernetes.io/managed-by": "opsctl", "pod-security.kubernetes.io/enforce": "restricted"}
        body = {
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": self.names.namespace, "labels": labels},
        }  # fmt: skip
        with suppress(Conflict, Forbidden):  # who may only work inside it may not make it: then it is there, or we hear
            self.api.request("POST", "/api/v1/namespaces", body)

    def scale(self, color: Color, sizes: Sizes) -> None:
        """Set the size on each Deployment itself, so that opsctl is on record as the field's owner.

        Fenced (see `fence`): read, make sure of the lock, then write over the version that was read; again where
        Kubernetes noted something on the Deployment in between. Raises Conflict where that happens every time.
        """
        for name, replicas in sizes.items():
            self._scale(self.names.apps("deployments", self.names.workload(color, name)), replicas)

    def _scale(self, path: str, replicas: int) -> None:
        for _ in range(_TRIES - 1):
            with suppress(Conflict):
                return self._scale_once(path, replicas)
        return self._scale_once(path, replicas)

    def _scale_once(self, path: str, replicas: int) -> None:
        version = self.api.get(path)["metadata"]["resourceVersion"]
        self.still_ours()
        body = {"metadata": {"resourceVersion": version}, "spec": {"replicas": replicas}}
        self.api.request("PATCH", path, body, kind=MERGE, query={"fieldManager": FIELD_MANAGER})

    def stop_pods(self, names: Sequence[str]) -> None:
        """By uid, so that a late call never meets another pod of the same name. Raises Conflict where one has it."""
        uids = {_name(pod): pod["metadata"]["uid"] for pod in self._list(self.names.core("pods"))}
        self.still_ours()
        for name in (name for name in names if name in uids):
            body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uids[name]}}
            with suppress(NotFound):
                self.api.request("DELETE", self.names.core("pods", name), body)

    def last_words(self, color: Color) -> tuple[str, ...]:
        """Never raises: evidence is welcome, but a rollback does not wait for it."""
        try:
            own = [pod for pod in self._list(self.names.core("pods")) if _label(pod) == color]
            pods = sorted(own, key=_restarts, reverse=True)[:_PODS]
            logs = [(_name(pod), of_log(self._log(pod))) for pod in pods]
            return distinct([*logs, *((_name(pod), self._warning(pod)) for pod in pods)])
        except OpsError as error:
            return (f"no evidence: {error.message}",)

    def _log(self, pod: dict[str, Any]) -> list[str]:
        """Of a container that was started again its former life tells why; of any other the present one."""
        path = self.names.core("pods", _name(pod)) + f"/log?tailLines={_LINES}"
        for which in ("&previous=true", ""):
            answer = self.api.raw("GET", path + which)
            if answer.status == 200 and answer.body.strip():
                return answer.body.decode(errors="replace").splitlines()
        return []

    def _warning(self, pod: dict[str, Any]) -> str:
        """The latest warning event; one that only repeats what came before ("Back-off …") says least."""
        fields = f"involvedObject.name={_name(pod)},type=Warning"
        events = self.api.get(self.names.core("events"), fieldSelector=fields)["items"]
        latest = sorted(events, key=lambda event: (not _repeats(event), _event_time(event)))
        return f"{latest[-1].get('reason')}: {latest[-1].get('message')}" if latest else ""

    def _list(self, path: str, selector: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(path, labelSelector=selector or self.names.selector)["items"]
        return found

    def _slices(self) -> list[dict[str, Any]]:
        services = ",".join([*self.names.actives(), *self.names.colored()])
        selector = f"kubernetes.io/service-name in ({services})"
        found: list[dict[str, Any]] = self.api.get(self.names.discovery("endpointslices"), labelSelector=selector)[
            "items"
        ]
        return found


def _color_state(
    color: Color,
    names: Names,
    deployments: list[dict[str, Any]],
    pods: list[dict[str, Any]],
    slices: list[dict[str, Any]],
) -> ColorState:
    serving = {pod for name in names.workloads for pod in _ready(slices, names.workload(color, name))}
    own = tuple(_pod(pod, serving) for pod in pods if _label(pod) == color and not _over(pod))
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
        restarts=_restarts(pod),
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


def _restarts(pod: dict[str, Any]) -> int:
    """Restarts, and a crash whose restart is still to come."""
    total = 0
    for container in pod.get("status", {}).get("containerStatuses", []):
        ended = "terminated" in container.get("state", {}) and "deletionTimestamp" not in pod["metadata"]
        total += container["restartCount"] + ended
    return total


def _ready(slices: list[dict[str, Any]], service: str) -> tuple[str, ...]:
    """Names of the pods behind a Service."""
    own = (s for s in slices if s["metadata"]["labels"].get("kubernetes.io/service-name") == service)
    endpoints = (endpoint for found in own for endpoint in found.get("endpoints") or ())
    ready = (e for e in endpoints if e.get("conditions", {}).get("ready") and "targetRef" in e)
    return tuple(sorted({endpoint["targetRef"]["name"] for endpoint in ready}))


def _component(found: dict[str, Any]) -> str:
    """The workload that a Deployment or a pod belongs to."""
    return str(found["metadata"].get("labels", {}).get("app.kubernetes.io/component", AGENT))


def _name(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["name"])


def _repeats(event: dict[str, Any]) -> bool:
    return str(event.get("message", "")).startswith(("Back-off", "Error: "))


def _event_time(event: dict[str, Any]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")


def _label(pod: dict[str, Any]) -> str | None:
    value = pod["metadata"].get("labels", {}).get(COLOR_LABEL)
    return str(value) if value else None
