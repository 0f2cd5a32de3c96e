"""Trying again what the cluster gave no answer to: with growing pauses, until a limit, and never in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from opsctl.errors import Unreachable
from opsctl.ports.release import ReleasePorts

FIRST_S, LONGEST_S = 0.1, 2.0
START_S = 10.0  # before anything has begun a person can as well type it again
_T = TypeVar("_T")


@dataclass
class Patience:
    """For one thing at a time that may be done twice. `limit` is in seconds."""

    limit: float
    _since: float | None = None
    _pause: float = FIRST_S

    def failed(self, now: float) -> float:
        """Once more in vain; returns for how many seconds by now."""
        self._since = now if self._since is None else self._since
        return now - self._since

    def pause(self) -> float:
        """How long to wait before the next try: half as long as before it at first, so that a blip costs little."""
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_S)
        return pause

    def done(self) -> None:
        self._since, self._pause = None, FIRST_S


def answered(ask: Callable[[], _T], ports: ReleasePorts) -> _T:
    """What `ask`, which may be done twice, returns once the cluster answers. Raises Unreachable after START_S."""
    patience = Patience(START_S)
    while True:
        try:
            return ask()
        except Unreachable as error:
            left = START_S - patience.failed(ports.clock.now())
            if left <= 0:
                raise
            ports.watching.waits(error.message, left)
            ports.clock.sleep(patience.pause())
