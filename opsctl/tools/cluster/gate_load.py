"""Requests of our own on a color that has no users yet: they warm it, and it is judged at the rate it is about to take.

Workers ask one pod after the other, each at its share of the rate; one that meets a slow pod falls behind and does
not make up for it. Requests name themselves as probes. Where nobody knows whether a pod answered, nothing is counted.
"""

from __future__ import annotations

import threading
import time

from opsctl.core.environment import Environment
from opsctl.core.health import Counts
from opsctl.core.snapshot import ColorState, Pod
from opsctl.errors import Unreachable
from opsctl.tools.cluster.ways import PodAtFault, Way

_WORKERS = 16


class GateLoad:
    def __init__(self, way: Way, environment: Environment) -> None:
        self.way, self.services, self.policy = way, environment.services, environment.release
        self._lock = threading.Lock()
        self._pods: tuple[Pod, ...] = ()
        self._turn = 0
        self._counts = Counts()
        self._over: threading.Event | None = None

    def put_on(self, state: ColorState) -> None:
        with self._lock:
            self._pods = tuple(pod for pod in state.living if pod.ready and "api" in pod.offers)
            self.services = state.services or self.services
        if self.policy.gate_load and self._over is None:
            self._over = threading.Event()
            for number in range(_WORKERS):
                threading.Thread(target=self._work, args=(number, self._over), name="gate load", daemon=True).start()

    def take_off(self) -> None:
        if self._over is not None:
            self._over.set()
        self._over, self._counts = None, Counts()

    def counts(self) -> Counts:
        with self._lock:
            return self._counts

    def _work(self, number: int, over: threading.Event) -> None:
        """Until `over`, one request each `_WORKERS / rate` seconds, the workers evenly apart."""
        every = _WORKERS / self.policy.gate_load
        due = time.monotonic() + every * number / _WORKERS
        while not over.wait(max(0.0, due - time.monotonic())):
            due = max(due + every, time.monotonic())
            pod = self._next_pod()
            if pod is not None:
                self._ask(pod, over)

    def _next_pod(self) -> Pod | None:
        with self._lock:
            self._turn += 1
            return self._pods[self._turn % len(self._pods)] if self._pods else None

    def _ask(self, pod: Pod, over: threading.Event) -> None:
        path, port = self.policy.gate_load_path or self.services.api.health_path, self.services.api.port
        started = time.monotonic()
        try:
            failed = self.way.get(pod, port, path, self.policy.probe_timeout).status >= 500
        except PodAtFault:
            failed = True
        except Unreachable:
            return
        slow = time.monotonic() - started > self.policy.latency_limit
        with self._lock:
            if not over.is_set():
                found = self._counts
                self._counts = Counts(found.requests + 1, found.errors + failed, found.slow + slow)
