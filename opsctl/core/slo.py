"""When is the error budget burnt too fast? Alarms over two windows, derived from what is promised.

A burn of 1 spends the budget of 30 days in exactly 30 days. An alarm wants its burn in a long window, so that a blip
is none, and in a short one, so that it ends soon after the trouble does. Source of the figures: docs/configuration.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from opsctl.core.environment import Slo

PERIOD_S = 30 * 86_400  # the time that a promise is about
SHORT = 12  # the long window has this many of the short ones

Severity = Literal["page", "ticket"]


@dataclass(frozen=True)
class Burn:
    """How fast the budget may not be spent, by the time it has to last that long."""

    severity: Severity
    rate: float
    seconds: int

    @property
    def spent(self) -> float:
        """Share of the budget that is gone once the long window is full of it."""
        return self.rate * self.seconds / PERIOD_S


BURNS: dict[str, Burn] = {
    "1h": Burn("page", 14.4, 3_600),
    "6h": Burn("page", 6, 21_600),
    "1d": Burn("ticket", 3, 86_400),
    "3d": Burn("ticket", 1, 259_200),
}
"""By their long window."""


@dataclass(frozen=True)
class BurnAlarm:
    """Rings when more than so many percent of requests failed, or were slow, in both windows."""

    severity: Severity
    burn: float
    long_seconds: int
    short_seconds: int
    failed_percent: float
    slow_percent: float


def burn_alarms(slo: Slo) -> dict[str, BurnAlarm]:
    """The alarms of both promises, by their long window."""
    return {name: _alarm(burn, slo) for name, burn in BURNS.items()}


def _alarm(burn: Burn, slo: Slo) -> BurnAlarm:
    failed, slow = threshold(burn.rate, slo.availability), threshold(burn.rate, slo.latency_share)
    return BurnAlarm(burn.severity, burn.rate, burn.seconds, burn.seconds // SHORT, failed, slow)


def threshold(rate: float, promised_percent: float) -> float:
    """Percent of bad requests that burn the budget `rate` times too fast; rounded, as 100 - 99.9 is not quite 0.1."""
    return round(rate * (100 - promised_percent), 6)


def alarms_in_words(slo: Slo, path: str) -> Iterator[str]:
    """What a promise comes to, for whoever asks about its key; nothing for other keys."""
    word, promised = _WORDS.get(path, ("", ""))
    for burn in BURNS.values() if word else ():
        percent = threshold(burn.rate, getattr(slo, promised))
        windows = f"{_hours(burn.seconds)} and in {_hours(burn.seconds // SHORT)}"
        spent = f"{100 * burn.spent:.0f} % of the budget of 30 days"
        yield f"{burn.severity}: over {percent:g} % {word} in {windows}, {spent}"


_WORDS = {
    "observability.slo.availability": ("failed", "availability"),
    "observability.slo.latency_share": ("slow", "latency_share"),
}


def _hours(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds >= 3600 else f"{seconds // 60} min"
