"""The active Services: opsctl's alone, each moved from color to color by one compare-and-swap write.

There is one for each workload, and all move or none. A Service's selector is changed as a whole and only here.
`nobody` is a color that no pod has, so that the address exists, and refuses at once, before the first release.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from opsctl.core.color import COLOR_LABEL, NOBODY, Color
from opsctl.core.environment import Environment
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import Moved, TrafficState
from opsctl.core.workloads import parts
from opsctl.errors import Refused, ToolFailed, TrafficRefused
from opsctl.tools import clock
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, NotFound
from opsctl.tools.cluster.fence import unlocked
from opsctl.tools.cluster.names import Names

_OWNER = "app.kubernetes.io/managed-by"


@dataclass(frozen=True)
class ServiceTraffic:
    """The active Service of one workload."""

    api: Api
    names: Names
    workload: str
    still_ours: Callable[[], None]

    @property
    def name(self) -> str:
        return self.names.active(self.workload)

    def read(self) -> TrafficState:
        """Without the pods behind it, which other objects tell."""
        try:
            return self._state(self._get())
        except NotFound:
            return TrafficState(self._router, None, exists=False)

    def switch(self, to: Color, expected: Color | None, *, rehearsal: bool = False) -> bool:
        """Whether it had to move. Fenced (see `fence`): read, make sure of the lock, then write over what was read.

        A rehearsal asks the server whether it would let us, and changes nothing.
        """
        before = self._get()
        active = self._state(before).active
        if active is to and active is not expected:
            return False
        if active is not expected:
            raise ToolFailed(f"traffic goes to {active or NOBODY}, not to {expected or NOBODY} as expected")
        self.still_ours()
        body = {
            "metadata": {"resourceVersion": before["metadata"]["resourceVersion"]},
            "spec": {"selector": {COLOR_LABEL: to.value}},
        }
        query = {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if rehearsal else {})}
        try:
            self.api.request("PATCH", self._path, body, kind=MERGE, query=query)
        except Conflict as error:
            raise ToolFailed("somebody else wrote the active Service just now", state=error.message) from error
        return True

    def ensure(self, environment: Environment) -> None:
        """Make it, pointing at nobody, unless it exists. Raises Refused if it is somebody else's."""
        try:
            found = self._get()
        except NotFound:
            with suppress(Conflict):
                service = active_service(environment, self.names, self.workload)
                self.api.request("POST", self.names.core("services"), service)
            return
        if found["metadata"].get("labels", {}).get(_OWNER) != FIELD_MANAGER:
            raise Refused(
                f"a Service {self.name} exists in {self.names.namespace}, and opsctl did not make it",
                state="It was not touched; nothing was released.",
                hint="another application.name or application.namespace, or delete that Service",
            )

    @property
    def _path(self) -> str:
        return self.names.core("services", self.name)

    @property
    def _router(self) -> str:
        return "service" if self.workload == AGENT else f"service {self.workload}"

    def _get(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(self._path)
        return found

    def _state(self, service: dict[str, Any]) -> TrafficState:
        color = str((service["spec"].get("selector") or {}).get(COLOR_LABEL, ""))
        return TrafficState(self._router, Color(color) if color in set(Color) else None, selects=color)


class Routers:
    """The port `Traffic`. `still_ours` makes sure of the lock, as `Lock.check` does; without it this only reads."""

    def __init__(self, api: Api, names: Names, still_ours: Callable[[], None] = unlocked) -> None:
        self.routers = [ServiceTraffic(api, names, name, still_ours) for name in names.workloads]

    def read(self) -> tuple[TrafficState, ...]:
        return tuple(router.read() for router in self.routers)

    def switch(self, to: Color, expected: Color | None) -> Moved:
        """Several are asked first whether they would, so that a plain no is heard before anything has moved."""
        if len(self.routers) > 1:
            for router in self.routers:
                router.switch(to, expected, rehearsal=True)
        started, moved = clock.now(), []
        for router in self.routers:
            try:
                if router.switch(to, expected):
                    moved.append(router)
            except ToolFailed as error:
                if not moved:
                    raise
                raise self._brought_back(moved, to, expected, router, error) from error
        return Moved(len(moved), len(self.routers), clock.now() - started)

    def ensure(self, environment: Environment) -> None:
        for router in self.routers:
            router.ensure(environment)

    def _brought_back(
        self, moved: list[ServiceTraffic], to: Color, expected: Color | None, refusing: ServiceTraffic, why: ToolFailed
    ) -> TrafficRefused:
        """What could not be brought back is found half moved by the next look."""
        if expected is not None:
            with suppress(ToolFailed):
                for router in reversed(moved):
                    router.switch(expected, to)
        others = ", ".join(router.name for router in moved)
        return TrafficRefused(f"{refusing.name} would not move to {to}, so {others} went back: {why.message}")


def active_service(environment: Environment, names: Names, workload: str = AGENT) -> dict[str, Any]:
    services = environment.services
    ports = {"api": services.api.port, "websocket": services.websocket.port, "metrics": services.metrics.port}
    offered = parts(environment)[workload].services
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": names.active(workload),
            "labels": {"app.kubernetes.io/name": names.app, _OWNER: FIELD_MANAGER},
        },
        "spec": {
            "type": "NodePort" if environment.front_door.kind == "node_port" else "ClusterIP",
            "selector": {
                "app.kubernetes.io/name": names.app,
                "app.kubernetes.io/component": workload,
                COLOR_LABEL: NOBODY,
            },
            "ports": [{"name": name, "port": ports[name], "targetPort": name} for name in offered],
        },
    }
