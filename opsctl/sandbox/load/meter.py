"""One run of the meter: start everything, report each second, stop everything, hand over the account."""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

from .agents import Agent, Timing
from .connection import Connection
from .options import Options
from .requests import Fresh, Kept
from .schedule import Schedule
from .seconds import Seconds
from .source import Source
from .tally import Tally

_GOODBYE_S = 2.0


class Meter:
    """Create it inside a running loop and await `run()` once."""

    def __init__(self, options: Options) -> None:
        loop = asyncio.get_running_loop()
        self._options, self._loop, self._source = options, loop, Source()
        self._epoch = time.time() - loop.time()
        self._tally = tally = Tally()
        tally.agents.wanted = options.agents
        host = f"{options.target}:{options.api_port}"
        self._fresh = Fresh(self._connect, host, tally.fresh, self._epoch, tally.saw_release)
        self._kept = Kept(self._connect, host, tally.kept, self._epoch, options.kept_connections)
        timing, address = Timing(options.timeout, options.echo_every), (options.target, options.ws_port)
        self._agents = [Agent(n, address, tally.agents, self._epoch, timing) for n in range(options.agents)]
        self._stop = asyncio.Event()

    async def run(self, on_line: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Run to the end of the duration, or to SIGINT or SIGTERM, and return the final report.

        `on_line` gets an account each second, and the first lost and the first bad request the moment they happen.
        """
        allow_many_sockets()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._stop.set)
        start = self._loop.time()
        tasks = [asyncio.create_task(agent.run(self._source.open)) for agent in self._agents]
        seconds = Seconds(self._tally, start, self._epoch, on_line)
        self._tell_first_trouble(on_line)
        await self._send(start)
        seconds.stop()
        report = self._report(start)
        await self._leave(tasks)
        return report

    def _tell_first_trouble(self, on_line: Callable[[dict[str, Any]], None]) -> None:
        def tell(at: float, reason: str) -> None:
            on_line({"event": "trouble", "time": round(at, 3), "reason": reason})

        for requests in (self._tally.fresh, self._tally.kept):
            requests.lost.on_first = requests.bad.on_first = tell

    async def _send(self, start: float) -> None:
        end = start + self._options.duration
        schedules = [
            Schedule(self._options.rate, start, end, self._fresh.send),
            Schedule(self._options.kept, start, end, self._kept.send),
        ]
        try:
            async with asyncio.timeout_at(end):
                await self._stop.wait()
        except TimeoutError:
            pass
        for schedule in schedules:
            schedule.stop()
        await self._await_answers()

    async def _await_answers(self) -> None:
        """Each request ends by an answer or by its timeout, so this ends too."""
        self._kept.drop_waiting()
        while self._fresh.in_flight or self._kept.in_flight:
            await asyncio.sleep(0.01)

    async def _leave(self, tasks: list[asyncio.Task[None]]) -> None:
        self._kept.close()
        for agent, task in zip(self._agents, tasks, strict=True):
            if not agent.leave():
                task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GOODBYE_S)
            for task in late:
                task.cancel()

    def _connect(self) -> Connection:
        target = (self._options.target, self._options.api_port)
        return Connection(self._source.open(), target, self._options.timeout)

    def _report(self, start: float) -> dict[str, Any]:
        ended = self._loop.time()
        return {
            "event": "final",
            "started": round(start + self._epoch, 3),
            "seconds": round(ended - start, 3),
            "ended_by": "signal" if self._stop.is_set() else "duration",
            "source": f"{self._source.block}.0/24",
            "cpu_seconds": round(time.process_time(), 2),
            **self._tally.report(),
        }


def allow_many_sockets() -> None:
    """The soft limit of open files is often 1,024; raise it to what this process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
