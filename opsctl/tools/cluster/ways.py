"""The ways to a port of a pod. What differs is who may be at fault when no answer comes.

Through the API server's pod proxy works wherever kubectl does. The server keeps its own connection to a pod, so
a plain GET says nothing about *new* connections; a WebSocket upgrade always dials the pod afresh and is the test
that it still accepts. Inside the cluster a pod is asked at its own address, each time on a fresh connection.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

from opsctl.core.snapshot import Pod
from opsctl.errors import Unreachable
from opsctl.tools.cluster import fresh
from opsctl.tools.cluster.api import Answer, Api, status_message
from opsctl.tools.cluster.fresh import USER_AGENT
from opsctl.tools.cluster.names import Names


class PodAtFault(Exception):
    """The pod refused, broke off, or stayed silent until the time was over; in words."""


class Way(Protocol):
    def get(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        """The pod's own answer within `limit` seconds. Raises PodAtFault, or Unreachable where nothing is known
        about the pod."""

    def post(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        """As `get`, without a body."""

    def upgrade(self, pod: Pod, port: int, path: str, limit: float) -> Any:
        """An open WebSocket of `websocket-client`, whose errors it raises, and those of `get`.

        Not by `websockets`: its threads now and then miss an answer over TLS.
        """


class ThroughServer:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names

    def get(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        return self._ask("GET", pod, port, path, limit)

    def post(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        return self._ask("POST", pod, port, path, limit)

    def _ask(self, method: str, pod: Pod, port: int, path: str, limit: float) -> Answer:
        started = time.monotonic()
        try:
            answer = self.api.raw(method, self._path(pod, port, path), headers=_AGENT, timeout=limit)
        except Unreachable as error:
            # A time-out on an open connection to the API server is the pod's silence; anything else is the server's.
            if time.monotonic() - started >= limit * 0.95 and "connect" not in error.message.lower():
                raise PodAtFault(f"no answer within {limit:g} s") from error
            raise
        return _from_the_pod(answer)

    def upgrade(self, pod: Pod, port: int, path: str, limit: float) -> Any:
        from websocket import WebSocketBadStatusException, create_connection

        url = self.api.server.replace("http", "ws", 1) + self._path(pod, port, path)
        try:
            return create_connection(
                url, timeout=limit, socket=self.api.connection.dial(limit),
                header={**_AGENT, **self.api.credentials()}, suppress_origin=True,
            )  # fmt: skip
        except WebSocketBadStatusException as refused:
            _from_the_pod(Answer(refused.status_code, {}, bytes(refused.resp_body or b"")))
            raise

    def _path(self, pod: Pod, port: int, path: str) -> str:
        return self.names.core("pods", f"http:{pod.name}:{port}") + f"/proxy{path}"


class Direct:
    """For a process inside the cluster."""

    def get(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        return self._ask("GET", pod, port, path, limit)

    def post(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        return self._ask("POST", pod, port, path, limit)

    def _ask(self, method: str, pod: Pod, port: int, path: str, limit: float) -> Answer:
        try:
            return fresh.ask(method, False, pod.address, port, path, limit)
        except TimeoutError as error:
            raise PodAtFault(f"no answer within {limit:g} s") from error
        except OSError as error:
            raise PodAtFault(str(error)) from error

    def upgrade(self, pod: Pod, port: int, path: str, limit: float) -> Any:
        from websocket import create_connection

        host = f"[{pod.address}]" if ":" in pod.address else pod.address
        return create_connection(
            f"ws://{host}:{port}{path}", timeout=limit, header=_AGENT, http_no_proxy=["*"], suppress_origin=True
        )


_AGENT = {"User-Agent": USER_AGENT}


def _from_the_pod(answer: Answer) -> Answer:
    """A `Status` object is the API server speaking about the pod; any other body is the pod's own answer."""
    words = "" if answer.status == 200 else status_message(answer.body)
    if not words:
        return answer
    if answer.status == 404 or "error trying to reach service" in words or "error dialing backend" in words:
        raise PodAtFault(words.removeprefix("error trying to reach service: "))
    raise Unreachable(f"the API server answered {answer.status}: {words}")
