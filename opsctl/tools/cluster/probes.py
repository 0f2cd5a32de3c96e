"""Probes of every pod and port, and of the users' path, in threads beside the loop: one silent pod delays nobody."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from opsctl.core.color import Color
from opsctl.core.environment import Environment, Services
from opsctl.core.health import Counts, DoorSample, Result, Sample, Service
from opsctl.core.snapshot import ColorState, Pod
from opsctl.errors import Unreachable
from opsctl.tools import clock
from opsctl.tools.cluster.api import Answer
from opsctl.tools.cluster.front_door import FrontDoor
from opsctl.tools.cluster.heartbeat import Heartbeat
from opsctl.tools.cluster.ways import PodAtFault, Way
from opsctl.tools.metrics_text import missing_series, read_counts, read_lines, summed

BUSY_S = 0.5  # late so long within one probe, this computer cannot judge how long others take
HEALTH_S = 10.0  # a WebSocket port that was healthy is asked for it again after this
_THREADS = 16  # a color: pods that hang must not hold up the evidence about the color to go back to
_DOOR_THREADS = 8  # at ten a second, some that hang for two seconds must not hold up the next
_SOCKETS = "websocket_connections"  # the gauge of docs/app-contract.md
_T = TypeVar("_T")


@dataclass(frozen=True)
class Finding:
    """What one probe saw, before it is known when and on which pod."""

    result: Result
    detail: str = ""
    sockets: int | None = None
    counts: Counts | None = None


Probe = Callable[[Pod, Services], Finding]


class PodProber:
    """`environment.services` is what a color is taken to offer whose Deployment does not say."""

    def __init__(
        self, way: Way, door: FrontDoor, environment: Environment, ring: Callable[[], None] = lambda: None
    ) -> None:
        """`ring` is called when a probe has failed, from the probe's thread."""
        self.way, self.door, self.ring = way, door, ring
        self.services, self.policy = environment.services, environment.release
        self._offered: dict[Color, Services] = {}
        self._pools = {color: ThreadPoolExecutor(_THREADS, thread_name_prefix=f"probe-{color}") for color in Color}
        self._door_pool = ThreadPoolExecutor(_DOOR_THREADS, thread_name_prefix="door")
        self._samples: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        self._door_samples: queue.SimpleQueue[DoorSample] = queue.SimpleQueue()
        self._running: set[tuple[str, Service]] = set()
        self._healthy_at: dict[str, float] = {}  # by pod: its WebSocket port
        self._door_free = threading.Semaphore(_DOOR_THREADS)
        self.heartbeat = Heartbeat()

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        probes: dict[Service, Probe] = {
            Service.API: self._probe_api,
            Service.WEBSOCKET: self._probe_websocket,
            Service.METRICS: self._probe_metrics,
        }
        self.heartbeat.start()
        for color, state in colors.items():
            self._offered[color] = state.services or self.services
            for pod in state.pods:
                for service in (service for service in services if service.value in pod.offers):
                    self._begin_one(color, pod, service, probes[service])

    def collect(self) -> list[Sample]:
        return _drain(self._samples)

    def begin_door(self, color: Color) -> None:
        if self._door_free.acquire(blocking=False):
            self._door_pool.submit(self._door_once, self._offered.get(color, self.services).api.health_path)

    def collect_door(self) -> list[DoorSample]:
        return _drain(self._door_samples)

    def give_up(self) -> None:
        for pool in (*self._pools.values(), self._door_pool):
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin_one(self, color: Color, pod: Pod, service: Service, probe: Probe) -> None:
        if (pod.name, service) in self._running:
            return
        self._running.add((pod.name, service))
        self._pools[color].submit(self._one, color, pod, service, probe)

    def _one(self, color: Color, pod: Pod, service: Service, probe: Probe) -> None:
        started = clock.now()
        try:
            found = probe(pod, self._offered[color])
        except PodAtFault as error:
            found = Finding(Result.FAILED, str(error))
        except Unreachable as error:
            found = Finding(Result.UNKNOWN, error.message)
        except Exception as error:  # a defect of the probe must not look like silence
            found = Finding(Result.UNKNOWN, f"{type(error).__name__}: {error}")
        finally:
            self._running.discard((pod.name, service))
        ended = clock.now()
        took = ended - started
        result, detail = self._timely(found.result, found.detail, started, took)
        found = replace(found, result=result, detail=detail)
        self._samples.put(
            Sample(ended, color, pod.name, service, found.result, found.detail, took, found.sockets, found.counts)
        )
        if found.result is Result.FAILED:
            self.ring()

    def _door_once(self, path: str) -> None:
        try:
            sample = self.door.probe(path, self.policy.probe_timeout)
        finally:
            self._door_free.release()
        result, detail = self._timely(sample.result, sample.detail, sample.at - sample.seconds, sample.seconds)
        sample = replace(sample, result=result, detail=detail)
        self._door_samples.put(sample)
        if sample.result is Result.FAILED:
            self.ring()

    def _timely(self, result: Result, detail: str, started: float, took: float) -> tuple[Result, str]:
        """A late answer is a failure; but what is late while this computer is, is nobody's that is known."""
        slow = result is Result.PASSED and took > self.policy.latency_limit
        if slow:
            result, detail = Result.FAILED, f"took {took:.1f} s"
        late = self.heartbeat.late_since(started) if result is Result.FAILED and took > BUSY_S else 0.0
        if late > BUSY_S:
            return Result.UNKNOWN, f"{detail}, but this computer itself was {late:.1f} s late"
        return result, detail

    def _get(self, pod: Pod, port: int, path: str) -> Answer:
        return self.way.get(pod, port, path, self.policy.probe_timeout)

    def _probe_api(self, pod: Pod, services: Services) -> Finding:
        return _judge_http(self._get(pod, services.api.port, services.api.health_path))

    def _probe_metrics(self, pod: Pod, services: Services) -> Finding:
        answer = self._get(pod, services.metrics.port, services.metrics.path)
        return _judge_metrics(answer, services, self.policy.latency_limit)

    def _probe_websocket(self, pod: Pod, services: Services) -> Finding:
        """Now and then the health that load balancers ask for, until it passes; each time an upgrade, as agents do."""
        if clock.now() - self._healthy_at.get(pod.name, 0.0) > HEALTH_S:
            plain = _judge_http(self._get(pod, services.websocket.port, services.websocket.health_path))
            if plain.result is not Result.PASSED:
                return plain
            self._healthy_at[pod.name] = clock.now()
        return self._echo(pod, services)

    def _echo(self, pod: Pod, services: Services) -> Finding:
        """A real upgrade, a text there and back, and a proper close."""
        from websocket import WebSocketBadStatusException, WebSocketException, WebSocketTimeoutException

        try:
            said = self._say(pod, services, "opsctl")
        except WebSocketBadStatusException as error:
            return Finding(Result.FAILED, f"WebSocket refused with HTTP {error.status_code}")
        except (WebSocketTimeoutException, TimeoutError):
            return Finding(Result.FAILED, f"no WebSocket answer within {self.policy.probe_timeout:g} s")
        except (WebSocketException, OSError) as error:
            return Finding(Result.FAILED, f"WebSocket failed: {error}")
        return Finding(Result.PASSED) if said == "opsctl" else Finding(Result.FAILED, "WebSocket echoed something else")

    def _say(self, pod: Pod, services: Services, text: str) -> str:
        port, path = services.websocket.port, services.websocket.path
        socket = self.way.upgrade(pod, port, path, self.policy.probe_timeout)
        try:
            socket.send(text)
            return str(socket.recv())
        finally:
            socket.close(timeout=1)


def _judge_http(answer: Answer) -> Finding:
    return Finding(Result.PASSED) if answer.status == 200 else Finding(Result.FAILED, f"HTTP {answer.status}")


def _judge_metrics(answer: Answer, services: Services, slow: float) -> Finding:
    judged = _judge_http(answer)
    if judged.result is not Result.PASSED:
        return judged
    try:
        lines = read_lines(answer.body.decode())
    except ValueError as error:
        return Finding(Result.FAILED, f"metrics cannot be read: {error}")
    series = summed(lines)
    missing = missing_series(series, services.metrics.required_series)
    if missing:
        return Finding(Result.FAILED, f"metrics lack {', '.join(missing)}")
    sockets = series.get(_SOCKETS, math.nan)
    counts = read_counts(lines, {services.api.health_path, services.websocket.health_path}, slow)
    return Finding(Result.PASSED, sockets=int(sockets) if 0 <= sockets < math.inf else None, counts=counts)


def _drain(found: queue.SimpleQueue[_T]) -> list[_T]:
    samples = []
    while not found.empty():
        samples.append(found.get_nowait())
    return samples
