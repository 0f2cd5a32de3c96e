"""Time as the computer has it."""

from __future__ import annotations

import time

_COUNTS_SLEEP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux; elsewhere CLOCK_MONOTONIC does


class SystemClock:
    def now(self) -> float:
        return time.time()

    def steady(self) -> float:
        """Seconds that nobody sets and that a suspended computer does not miss; only differences mean anything."""
        return time.clock_gettime(_COUNTS_SLEEP)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
