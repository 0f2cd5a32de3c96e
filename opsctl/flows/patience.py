"""Trying again what the cluster gave no answer to: with growing pauses, until a limit, and never in silence."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_S, LONGEST_S = 0.1, 2.0


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
