"""Start the three ports, run until SIGTERM, then let everybody go in peace."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from .faults import Faults
from .http1 import HttpPort, Request
from .logs import Log
from .metrics import Metrics
from .routes import Routes, label_of
from .settings import Settings
from .websocket import WebSocketPort

TICK_S = 0.25


class Service:
    def __init__(self, settings: Settings) -> None:
        identity = {
            "version": settings.version,
            "color": settings.color,
            "pod": settings.pod,
        }
        headers = {"X-App-Version": settings.version, "X-App-Color": settings.color, "X-App-Pod": settings.pod}
        self._settings = settings
        self._log = Log(identity)
        self._faults = Faults(settings.faults, time.monotonic())
        self._metrics = Metrics(settings.version, settings.color)
        routes = Routes(identity, self._metrics, self._faults, settings.slow_s, self._let_go)
        self._api = HttpPort(routes.api, headers, self._observe, self._metrics.connected)
        self._scrapes = HttpPort(routes.metrics, headers)
        self._websocket = WebSocketPort(
            routes.health_status,
            self._metrics,
            self._faults,
            headers,
            settings.max_connections,
        )

    async def run(self) -> int:
        """Returns the exit code: 0 after a drain, 1 for a crash at the start."""
        if self._faults.active("crash_at_start"):
            self._log.error("crash", reason="crash_at_start")
            return 1
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await self._listen()
        ticking = asyncio.create_task(self._tick())
        await stop.wait()
        await self._drain()
        ticking.cancel()
        return 0

    async def _listen(self) -> None:
        """The API last: an application of one workload is ready when that answers."""
        settings, ports = self._settings, {}
        ports["metrics"] = await self._scrapes.listen(settings.bind, settings.metrics_port)
        if "websocket" in settings.services:
            ports["websocket"] = await self._websocket.listen(settings.bind, settings.ws_port)
        if "api" in settings.services:
            ports["api"] = await self._api.listen(settings.bind, settings.api_port)
        self._log.info("listening", ports=ports, misbehave=sorted(settings.faults))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self._faults.active("crash"):
                self._log.error("crash", reason="crash")
                os._exit(1)  # no drain and no close frames: that is the point
            for port in (self._api, self._websocket, self._scrapes):
                port.sweep()

    async def _drain(self) -> None:
        """Metrics stay up until the end: they are how opsctl sees the drain."""
        began, drain_s = time.monotonic(), self._settings.drain_s
        self._log.info(
            "draining",
            sockets=len(self._websocket.peers),
            requests=len(self._api.connections),
        )
        self._api.stop_accepting()
        self._websocket.stop_accepting()
        cut, _ = await asyncio.gather(self._websocket.close_peers(drain_s), self._await_api(began + drain_s))
        self._log.info("stopped", seconds=round(time.monotonic() - began, 2), cut=cut)

    def _let_go(self, count: int, within_s: float) -> int:
        going = self._websocket.let_go(count, within_s)
        self._log.info("letting go", sockets=going, within_s=within_s)
        return going

    async def _await_api(self, deadline: float) -> None:
        while self._api.connections and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    def _observe(self, request: Request, status: int, seconds: float) -> None:
        self._metrics.request("api", label_of(request.path), status, seconds)
