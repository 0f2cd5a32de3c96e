"""The application's namespace: one look at it, and the few writes that a release makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from opsctl.core.bindings import GATE_LABEL, GATED
from opsctl.core.color import Color
from opsctl.core.room import Room
from opsctl.core.secrets import Keys
from opsctl.core.sizes import Sizes
from opsctl.core.snapshot import Snapshot
from opsctl.tools import clock
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, Forbidden, NotFound
from opsctl.tools.cluster.fence import unlocked
from opsctl.tools.cluster.guard import guard_state
from opsctl.tools.cluster.last_words import LastWords
from opsctl.tools.cluster.migration import migration_state
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.reading import color_state, name_of, ready_behind
from opsctl.tools.cluster.room import read_room
from opsctl.tools.cluster.secrets import secret_keys
from opsctl.tools.cluster.traffic import Routers

_READERS = 5  # lists at once
_TRIES = 5  # to write over a version; each takes milliseconds


class KubernetesCluster:
    """`still_ours` makes sure of the lock, as `Lock.check` does; without it this is for reading alone."""

    def __init__(self, api: Api, names: Names, traffic: Routers, still_ours: Callable[[], None] = unlocked) -> None:
        self.api, self.names, self.traffic, self.still_ours = api, names, traffic, still_ours
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="read")

    def read(self) -> Snapshot:
        """All lists at once: each write waits for a look, and a look for the way there and back."""
        names, begun = self.names, self._readers.submit
        asked = (
            begun(self._list, names.apps("deployments")),
            begun(self._list, names.core("pods"), names.pod_selector),
            begun(self._slices),
        )
        pointing = [begun(router.read) for router in self.traffic.routers]
        deployments, pods, slices = (answer.result() for answer in asked)
        states = {color: color_state(color, names, deployments, pods, slices) for color in Color}
        traffic = tuple(
            replace(found.result(), endpoints=ready_behind(slices, router.name))
            for router, found in zip(self.traffic.routers, pointing, strict=True)
        )
        return Snapshot(clock.now(), traffic, states, guard_state(pods), migration_state(pods))

    def room(self) -> Room:
        return read_room(self.api, self.names)

    def secrets(self, wanted: Mapping[str, Keys]) -> dict[str, Keys | None]:
        return secret_keys(self.api, self.names, wanted)

    def ensure_namespace(self) -> None:
        labels = {
            "app.kubernetes.io/managed-by": "opsctl", "pod-security.kubernetes.io/enforce": "restricted",
            GATE_LABEL: GATED,
        }  # fmt: skip
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
        uids = {name_of(pod): pod["metadata"]["uid"] for pod in self._list(self.names.core("pods"))}
        self.still_ours()
        for name in (name for name in names if name in uids):
            body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uids[name]}}
            with suppress(NotFound):
                self.api.request("DELETE", self.names.core("pods", name), body)

    def last_words(self, color: Color) -> tuple[str, ...]:
        return LastWords(self.api, self.names).of(color)

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
