"""When to send: request number i is due at start + i / rate, whatever became of those before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LATE_S = 1.0  # a request that could not be sent within this time is lost: a user would have gone


class Schedule:
    """Calls `send(due)` for each request that is due, in order, until `end`. Times are of the loop's clock."""

    def __init__(self, rate: float, start: float, end: float, send: Callable[[float], None]) -> None:
        self._rate, self._start, self._end, self._send = rate, start, end, send
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> float:
        return self._start + self._count / self._rate if self._rate else self._end

    def _arm(self) -> None:
        if self._due() < self._end:
            self._timer = self._loop.call_at(self._due(), self._fire)

    def _fire(self) -> None:
        """All that is due by now, so that a late timer does not shift the rest of the schedule."""
        now = self._loop.time()
        while (due := self._due()) <= now and due < self._end:
            self._count += 1
            self._send(due)
        self._arm()
