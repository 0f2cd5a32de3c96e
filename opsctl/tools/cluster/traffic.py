"""The active Service: opsctl's alone, moved from color to color by one compare-and-swap write.

A Service's selector is changed as a whole and only here. `nobody` is a color that no pod has, so that the
address exists, and refuses at once, before the first release.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from opsctl.core.color import COLOR_LABEL, NOBODY, Color
from opsctl.core.environment import Environment
from opsctl.core.snapshot import TrafficState
from opsctl.errors import Refused, ToolFailed
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, NotFound
from opsctl.tools.cluster.fence import unlocked
from opsctl.tools.cluster.names import Names

_OWNER = "app.kubernetes.io/managed-by"


class ServiceTraffic:
    """`still_ours` makes sure of the lock, as `Lock.check` does; without it this is for reading alone."""

    def __init__(self, api: Api, names: Names, still_ours: Callable[[], None] = unlocked) -> None:
        self.api, self.names, self.still_ours = api, names, still_ours

    def read(self, endpoints: tuple[str, ...] = ()) -> TrafficState:
        """Raises NotFound before the first release."""
        return _state(self.api.get(self.names.core("services", self.names.app)), endpoints)

    def switch(self, to: Color, expected: Color | None) -> TrafficState:
        """Fenced (see `fence`): read, make sure of the lock, then write over the version that was read."""
        before = self.read()
        if before.active != expected:
            raise ToolFailed(f"traffic goes to {before.active or NOBODY}, not to {expected or NOBODY} as expected")
        self.still_ours()
        body = {
            "metadata": {"resourceVersion": before.version},
            "spec": {"selector": {COLOR_LABEL: to.value}},
        }
        path = self.names.core("services", self.names.app)
        try:
            return _state(self.api.request("PATCH", path, body, kind=MERGE, query={"fieldManager": FIELD_MANAGER}))
        except Conflict as error:
            raise ToolFailed("somebody else wrote the active Service just now", state=error.message) from error

    def ensure(self, environment: Environment) -> None:
        """Make the active Service, pointing at nobody, unless it exists. Raises Refused if it is somebody else's."""
        try:
            found = self.api.get(self.names.core("services", self.names.app))
        except NotFound:
            with suppress(Conflict):
                self.api.request("POST", self.names.core("services"), active_service(environment, self.names))
            return
        if found["metadata"].get("labels", {}).get(_OWNER) != FIELD_MANAGER:
            raise Refused(
                f"a Service {self.names.app} exists in {self.names.namespace}, and opsctl did not make it",
                state="It was not touched; nothing was released.",
                hint="another application.name or application.namespace, or delete that Service",
            )


def active_service(environment: Environment, names: Names) -> dict[str, Any]:
    ports = {
        "api": environment.services.api.port,
        "websocket": environment.services.websocket.port,
        "metrics": environment.services.metrics.port,
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": names.app,
            "labels": {"app.kubernetes.io/name": names.app, _OWNER: FIELD_MANAGER},
        },
        "spec": {
            "type": "NodePort" if environment.front_door.kind == "node_port" else "ClusterIP",
            "selector": {
                "app.kubernetes.io/name": names.app,
                "app.kubernetes.io/component": "agent",
                COLOR_LABEL: NOBODY,
            },
            "ports": [{"name": name, "port": port, "targetPort": name} for name, port in ports.items()],
        },
    }


def _state(service: dict[str, Any], endpoints: tuple[str, ...] = ()) -> TrafficState:
    color = str((service["spec"].get("selector") or {}).get(COLOR_LABEL, ""))
    active = Color(color) if color in set(Color) else None
    return TrafficState("service", active, service["metadata"]["resourceVersion"], endpoints, color)
