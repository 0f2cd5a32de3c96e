"""Probes of every pod and port through the API server's pod proxy, which works wherever kubectl does.

The API server keeps its own connection to a pod, so a plain GET says nothing about *new* connections; a
WebSocket upgrade always dials the pod afresh and is the test that it still accepts. Probes run in threads
beside the loop, so that one silent pod delays nobody.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.health import DoorSample, Result, Sample, Service
from opsctl.core.snapshot import Pod
from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Answer, Api, status_message
from opsctl.tools.cluster.front_door import FrontDoor
from opsctl.tools.cluster.names import Names
from opsctl.tools.metrics_text import missing_series, read_series

USER_AGENT = "opsctl-probe"
_THREADS = 16
_DOOR_THREADS = 8  # at four a second, one that hangs for two seconds must not hold up the next
_SOCKETS = "websocket_connections"  # the gauge of docs/app-contract.md
_T = TypeVar("_T")


@dataclass(frozen=True)
class Finding:
    """What one probe saw, before it is known when and on which pod."""

    result: Result
    detail: str = ""
    sockets: int | None = None


class PodProber:
    def __init__(self, api: Api, names: Names, environment: Environment, door: FrontDoor) -> None:
        self.api, self.names, self.door = api, names, door
        self.services, self.policy = environment.services, environment.release
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="probe")
        self._door_pool = ThreadPoolExecutor(_DOOR_THREADS, thread_name_prefix="door")
        self._samples: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        self._door_samples: queue.SimpleQueue[DoorSample] = queue.SimpleQueue()
        self._running: set[tuple[str, Service]] = set()
        self._door_free = threading.Semaphore(_DOOR_THREADS)
        self._tls: Any = None

    def begin(self, pods: Mapping[Color, Sequence[Pod]]) -> None:
        probes: dict[Service, Callable[[str], Finding]] = {
            Service.API: self._probe_api,
            Service.WEBSOCKET: self._probe_websocket,
            Service.METRICS: self._probe_metrics,
        }
        for color, members in pods.items():
            for pod in members:
                for service, probe in probes.items():
                    self._begin_one(color, pod.name, service, probe)

    def collect(self) -> list[Sample]:
        return _drain(self._samples)

    def begin_door(self) -> None:
        if self._door_free.acquire(blocking=False):
            self._door_pool.submit(self._door_once)

    def collect_door(self) -> list[DoorSample]:
        return _drain(self._door_samples)

    def _begin_one(self, color: Color, pod: str, service: Service, probe: Callable[[str], Finding]) -> None:
        if (pod, service) in self._running:
            return
        self._running.add((pod, service))
        self._pool.submit(self._one, color, pod, service, probe)

    def _one(self, color: Color, pod: str, service: Service, probe: Callable[[str], Finding]) -> None:
        started = time.time()
        try:
            found = probe(pod)
        except Unreachable as error:
            found = _no_answer(error.message, time.time() - started, self.policy.probe_timeout)
        except Exception as error:  # a defect of the probe must not look like silence
            found = Finding(Result.UNKNOWN, f"{type(error).__name__}: {error}")
        finally:
            self._running.discard((pod, service))
        ended = time.time()
        if found.result is Result.PASSED and ended - started > self.policy.latency_limit:
            found = Finding(Result.FAILED, f"took {ended - started:.1f} s", found.sockets)
        self._samples.put(
            Sample(ended, color, pod, service, found.result, found.detail, ended - started, found.sockets)
        )

    def _door_once(self) -> None:
        try:
            self._door_samples.put(self.door.probe(self.policy.probe_timeout))
        finally:
            self._door_free.release()

    def _probe_api(self, pod: str) -> Finding:
        return _judge_http(self._get(pod, self.services.api.port, self.services.api.health_path))

    def _probe_metrics(self, pod: str) -> Finding:
        answer = self._get(pod, self.services.metrics.port, self.services.metrics.path)
        judged = _judge_http(answer)
        if judged.result is not Result.PASSED:
            return judged
        try:
            series = read_series(answer.body.decode())
        except ValueError as error:
            return Finding(Result.FAILED, f"metrics cannot be read: {error}")
        missing = missing_series(series, self.services.metrics.required_series)
        if missing:
            return Finding(Result.FAILED, f"metrics lack {', '.join(missing)}")
        sockets = series.get(_SOCKETS, math.nan)
        return Finding(Result.PASSED, sockets=int(sockets) if math.isfinite(sockets) else None)

    def _probe_websocket(self, pod: str) -> Finding:
        plain = _judge_http(self._get(pod, self.services.websocket.port, self.services.websocket.health_path))
        return plain if plain.result is not Result.PASSED else self._echo(pod)

    def _echo(self, pod: str) -> Finding:
        """A real upgrade, a text there and back, and a proper close."""
        from websocket import WebSocketBadStatusException, WebSocketException, WebSocketTimeoutException

        try:
            said = self._say(pod, "opsctl")
        except WebSocketBadStatusException as error:
            words = status_message(bytes(error.resp_body or b""))
            return Finding(Result.FAILED, words or f"WebSocket refused with HTTP {error.status_code}")
        except (WebSocketTimeoutException, TimeoutError):
            return Finding(Result.FAILED, f"no WebSocket answer within {self.policy.probe_timeout:g} s")
        except (WebSocketException, OSError) as error:
            return Finding(Result.FAILED, f"WebSocket failed: {error}")
        return Finding(Result.PASSED) if said == "opsctl" else Finding(Result.FAILED, "WebSocket echoed something else")

    def _say(self, pod: str, text: str) -> str:
        """websocket-client rather than websockets: the latter's threads now and then miss an answer over TLS."""
        from websocket import create_connection

        path = self._path(pod, self.services.websocket.port, self.services.websocket.path)
        headers = {"User-Agent": USER_AGENT, **self.api.credentials()}
        socket = create_connection(
            self.api.server.replace("http", "ws", 1) + path,
            timeout=self.policy.probe_timeout,
            sslopt={"context": self._tls_context()},
            header=headers,
            http_no_proxy=["*"],
            suppress_origin=True,
        )
        try:
            socket.send(text)
            return str(socket.recv())
        finally:
            socket.close(timeout=1)

    def _get(self, pod: str, port: int, path: str) -> Answer:
        return self.api.raw(
            "GET", self._path(pod, port, path), headers={"User-Agent": USER_AGENT}, timeout=self.policy.probe_timeout
        )

    def _path(self, pod: str, port: int, path: str) -> str:
        return self.names.core("pods", f"http:{pod}:{port}") + f"/proxy{path}"

    def _tls_context(self) -> Any:
        if self._tls is None:
            self._tls = self.api.tls()
        return self._tls


def _judge_http(answer: Answer) -> Finding:
    """A `Status` object is the API server speaking about the pod; any other body is the pod's own answer."""
    if answer.status == 200:
        return Finding(Result.PASSED)
    words = status_message(answer.body)
    if not words:
        return Finding(Result.FAILED, f"HTTP {answer.status}")
    if answer.status == 404 or "error trying to reach service" in words or "error dialing backend" in words:
        return Finding(Result.FAILED, words.removeprefix("error trying to reach service: "))
    return Finding(Result.UNKNOWN, f"the API server answered {answer.status}: {words}")


def _no_answer(message: str, seconds: float, limit: float) -> Finding:
    """A time-out on an open connection to the API server is the pod's silence; anything else is the server's."""
    if seconds >= limit * 0.95 and "connect" not in message.lower():
        return Finding(Result.FAILED, f"no answer within {limit:g} s")
    return Finding(Result.UNKNOWN, message)


def _drain(found: queue.SimpleQueue[_T]) -> list[_T]:
    samples = []
    while not found.empty():
        samples.append(found.get_nowait())
    return samples
