"""The users' path, probed on a fresh connection each time: a kept one would stay on the old color for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.health import DoorSample, Result
from opsctl.errors import OpsError, ToolFailed, Unreachable
from opsctl.tools.cluster.api import Api, status_message
from opsctl.tools.cluster.names import Names

COLOR_HEADER = "x-app-color"
_USER_AGENT = {"User-Agent": "opsctl-probe", "Connection": "close"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class FrontDoor:
    """One request at a time, by one of three ways that the environment names."""

    def __init__(self, ask: Callable[[float], Reply]) -> None:
        self._ask = ask

    def probe(self, limit: float) -> DoorSample:
        """Never raises. An API server that does not answer says nothing about the users' path: unknown."""
        started = time.time()
        try:
            reply = self._ask(limit)
        except OpsError as error:
            return DoorSample(time.time(), Result.UNKNOWN, None, error.message, time.time() - started)
        except OSError as error:
            detail = f"no answer within {limit:g} s" if isinstance(error, TimeoutError) else str(error)
            return DoorSample(time.time(), Result.FAILED, None, detail, time.time() - started)
        return _sample(reply, started)


def open_front_door(api: Api, names: Names, environment: Environment) -> FrontDoor:
    path = environment.services.api.health_path
    if environment.front_door.kind == "url":
        return FrontDoor(_by_url((environment.front_door.api_url or "").rstrip("/") + path))
    if environment.front_door.kind == "node_port":
        return FrontDoor(_by_node_port(api, names, path))
    return FrontDoor(_by_proxy(api, names, path))


def _by_url(url: str) -> Callable[[float], Reply]:
    parts = urlsplit(url)

    def ask(limit: float) -> Reply:
        return _get(parts.scheme == "https", parts.hostname or "", parts.port, parts.path, limit)

    return ask


def _by_node_port(api: Api, names: Names, path: str) -> Callable[[float], Reply]:
    found: list[tuple[str, int]] = []

    def ask(limit: float) -> Reply:
        if not found:
            found.append((_node_address(api), _node_port(api, names)))
        host, port = found[0]
        return _get(False, host, port, path, limit)

    return ask


def _by_proxy(api: Api, names: Names, path: str) -> Callable[[float], Reply]:
    def ask(limit: float) -> Reply:
        address = names.core("services", f"http:{names.app}:api") + f"/proxy{path}"
        answer = api.raw("GET", address, headers=_USER_AGENT, timeout=limit)
        words = status_message(answer.body)
        if words and answer.status != 503:
            raise Unreachable(f"the API server answered {answer.status}: {words}")
        return Reply(answer.status, answer.headers, answer.body)

    return ask


def _get(tls: bool, host: str, port: int | None, path: str, limit: float) -> Reply:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    connection = (HTTPSConnection if tls else HTTPConnection)(host, port, timeout=limit)
    try:
        connection.request("GET", path, headers=_USER_AGENT)
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    except HTTPException as error:
        raise ConnectionError(f"broken answer: {type(error).__name__}") from error
    finally:
        connection.close()


def _sample(reply: Reply, started: float) -> DoorSample:
    now = time.time()
    color = {key.lower(): value for key, value in reply.headers.items()}.get(COLOR_HEADER)
    answered = Color(color) if color in set(Color) else None
    detail = status_message(reply.body) or f"HTTP {reply.status}"
    result = Result.PASSED if reply.status == 200 else Result.FAILED
    return DoorSample(now, result, answered, detail, now - started)


def _node_address(api: Api) -> str:
    nodes: list[dict[str, Any]] = api.get("/api/v1/nodes")["items"]
    addresses = [a for node in nodes for a in node["status"].get("addresses", ()) if a["type"] == "InternalIP"]
    if not addresses:
        raise ToolFailed("no node has an address", hint="front_door.kind: service_proxy needs none")
    return str(addresses[0]["address"])


def _node_port(api: Api, names: Names) -> int:
    service = api.get(names.core("services", names.app))
    port = next((p.get("nodePort") for p in service["spec"]["ports"] if p["name"] == "api"), None)
    if not port:
        raise ToolFailed("the active Service has no node port", hint="front_door.kind: service_proxy needs none")
    return int(port)
