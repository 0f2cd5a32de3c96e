"""The lease: who may change an environment, why, and until when. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass

DURATION_S = 15.0
RENEW_EVERY_S = 3.0
MARGIN_S = 5.0
"""A holder stops writing this long before its lease could run out, which leaves room for clocks that differ."""


@dataclass(frozen=True)
class LeaseState:
    holder: str  # user@host:pid
    reason: str
    since: float
    renewed: float
    duration: float = DURATION_S

    @property
    def expires(self) -> float:
        return self.renewed + self.duration

    def dead(self, now: float) -> bool:
        """Nobody renews it any more."""
        return now >= self.expires
