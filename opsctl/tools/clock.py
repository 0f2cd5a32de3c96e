"""Time as the computer has it; but it never jumps while this process runs."""

from __future__ import annotations

import time

_COUNTS_SLEEP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux; elsewhere CLOCK_MONOTONIC does


def steady() -> float:
    """Seconds that nobody sets and that a suspended computer does not miss; only differences mean anything."""
    return time.clock_gettime(_COUNTS_SLEEP)


_WALL, _STEADY = time.time(), steady()


def now() -> float:
    """Seconds since the epoch, UTC, by the time of day when this process began and by a steady clock since.

    A clock that is set back must not make evidence look fresh for ever, nor one set forward end what has just begun.
    """
    return _WALL + (steady() - _STEADY)


class SystemClock:
    def now(self) -> float:
        return now()

    def steady(self) -> float:
        return steady()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
