"""Signals that come to us while a program runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_noted() -> Iterator[list[int]]:
    """Collect SIGINT, SIGTERM and SIGHUP instead of dying of them, so that the child can be ended first.

    A caller with handlers of its own keeps them, and then decides what a signal means. Other threads than
    the main one get no signals in Python, so there is nothing to collect there.
    """
    received: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.getsignal(number) for number in _OURS if _is_default(number)}
    for number in before:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_default(number: int) -> bool:
    """Nobody handles it. An ignored SIGINT (background jobs of scripts inherit that) counts; `nohup` is respected."""
    if threading.current_thread() is not threading.main_thread():
        return False
    handler = signal.getsignal(number)
    ignored = handler == signal.SIG_IGN and number != signal.SIGHUP
    return ignored or handler in (signal.SIG_DFL, signal.default_int_handler)
