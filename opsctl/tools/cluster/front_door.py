"""The users' path, probed on a fresh connection each time: a kept one would stay on the old color for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.health import DoorSample, Result
from opsctl.errors import OpsError, ToolFailed, Unreachable
from opsctl.tools import clock
from opsctl.tools.cluster import fresh
from opsctl.tools.cluster.api import Answer, Api, status_message
from opsctl.tools.cluster.names import Names

COLOR_HEADER = "x-app-color"
Ask = Callable[[str, float], Answer]
"""Asks for a path within so many seconds."""


class FrontDoor:
    """One request at a time, by one of the ways that the environment names."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def probe(self, path: str, limit: float) -> DoorSample:
        """Never raises. An API server that does not answer says nothing about the users' path: unknown."""
        started = clock.now()
        try:
            answer = self._ask(path, limit)
        except OpsError as error:
            return DoorSample(clock.now(), Result.UNKNOWN, None, error.message, clock.now() - started)
        except OSError as error:
            detail = f"no answer within {limit:g} s" if isinstance(error, TimeoutError) else str(error)
            return DoorSample(clock.now(), Result.FAILED, None, detail, clock.now() - started)
        return _sample(answer, started)


def open_front_door(api: Api, names: Names, environment: Environment) -> FrontDoor:
    """The way to it from outside the cluster."""
    if environment.front_door.kind == "url":
        return by_url(environment.front_door.api_url or "")
    if environment.front_door.kind == "node_port":
        return FrontDoor(_by_node_port(api, names))
    return FrontDoor(_by_proxy(api, names))


def by_url(url: str) -> FrontDoor:
    parts = urlsplit(url.rstrip("/"))

    def ask(path: str, limit: float) -> Answer:
        return fresh.get(parts.scheme == "https", parts.hostname or "", parts.port, parts.path + path, limit)

    return FrontDoor(ask)


def by_cluster_address(api: Api, names: Names) -> FrontDoor:
    """For a process inside the cluster: the Service's own address there, which it keeps for life."""
    found: list[tuple[str, int]] = []

    def ask(path: str, limit: float) -> Answer:
        if not found:
            spec = api.get(names.core("services", names.active(names.front)))["spec"]
            found.append((spec["clusterIP"], next(port["port"] for port in spec["ports"] if port["name"] == "api")))
        host, port = found[0]
        return fresh.get(False, host, port, path, limit)

    return FrontDoor(ask)


def by_node_address(api: Api, names: Names, host: str) -> FrontDoor:
    """The node port on a node whose address is known."""
    found: list[int] = []

    def ask(path: str, limit: float) -> Answer:
        if not found:
            found.append(_node_port(api, names))
        return fresh.get(False, host, found[0], path, limit)

    return FrontDoor(ask)


def _by_node_port(api: Api, names: Names) -> Ask:
    found: list[tuple[str, int]] = []

    def ask(path: str, limit: float) -> Answer:
        if not found:
            found.append((_node_address(api), _node_port(api, names)))
        host, port = found[0]
        return fresh.get(False, host, port, path, limit)

    return ask


def _by_proxy(api: Api, names: Names) -> Ask:
    headers = {"User-Agent": fresh.USER_AGENT, "Connection": "close"}

    def ask(path: str, limit: float) -> Answer:
        address = names.core("services", f"http:{names.active(names.front)}:api") + f"/proxy{path}"
        answer = api.raw("GET", address, headers=headers, timeout=limit)
        words = status_message(answer.body)
        if words and answer.status != 503:
            raise Unreachable(f"the API server answered {answer.status}: {words}")
        return answer

    return ask


def _sample(answer: Answer, started: float) -> DoorSample:
    now = clock.now()
    color = {key.lower(): value for key, value in answer.headers.items()}.get(COLOR_HEADER)
    answered = Color(color) if color in set(Color) else None
    detail = status_message(answer.body) or f"HTTP {answer.status}"
    result = Result.PASSED if answer.status == 200 else Result.FAILED
    return DoorSample(now, result, answered, detail, now - started)


def _node_address(api: Api) -> str:
    nodes: list[dict[str, Any]] = api.get("/api/v1/nodes")["items"]
    addresses = [a for node in nodes for a in node["status"].get("addresses", ()) if a["type"] == "InternalIP"]
    if not addresses:
        raise ToolFailed("no node has an address", hint="front_door.kind: service_proxy needs none")
    return str(addresses[0]["address"])


def _node_port(api: Api, names: Names) -> int:
    service = api.get(names.core("services", names.active(names.front)))
    port = next((p.get("nodePort") for p in service["spec"]["ports"] if p["name"] == "api"), None)
    if not port:
        raise ToolFailed("the active Service has no node port", hint="front_door.kind: service_proxy needs none")
    return int(port)
