"""A freeze: for a while nobody may bring a new release to users. Going back is always allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from opsctl.core.lease import clock

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d{1,6})([smhd])")
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LONGEST_S = 366 * 86400  # whoever means longer means for ever


@dataclass(frozen=True)
class Freeze:
    """Times are seconds since the epoch. It ends by itself, so that a forgotten one locks nobody out for ever."""

    reason: str
    by: str  # user@host
    since: float
    until: float

    def active(self, now: float) -> bool:
        return now < self.until

    def sentence(self, now: float) -> str:
        return f"frozen by {self.by} until {clock(self.until, now)}: {self.reason}"


def seconds_in(text: str) -> float:
    """`90s`, `10m`, `2h30m`, `3d` in seconds. Raises ValueError for anything else, also for nothing at all."""
    parts = _PART.findall(text)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if not seconds or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no length of time such as 90s, 10m, 2h30m or 3d")
    if seconds > _LONGEST_S:
        raise ValueError(f"{text} is longer than a year")
    return float(seconds)


def moment_of(text: str, now: float) -> float:
    """`2h` from now, `18:00` when it is next that time here, or a date and time as in `2026-12-01T08:00`.

    Without a zone a time is local. Raises ValueError for anything else, and for a moment that has passed.
    """
    if re.fullmatch(r"(\d+[smhd])+", text):
        return now + seconds_in(text)
    at = _next(text, now) if _TIME_OF_DAY.fullmatch(text) else _date(text)
    if at <= now:
        raise ValueError(f"{text} has passed")
    if at > now + _LONGEST_S:
        raise ValueError(f"{text} is more than a year away")
    return at


def _date(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time such as 2h, 18:00 or 2026-12-01T08:00") from None


def _next(text: str, now: float) -> float:
    today = datetime.fromtimestamp(now)
    hour, minute = map(int, text.split(":"))
    at = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (at if at > today else at + timedelta(days=1)).timestamp()
