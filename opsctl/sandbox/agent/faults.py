"""Faults on request: what a bad release does, so that opsctl's way back can be proven.

    MISBEHAVE = FAULT[, FAULT ...]
    FAULT     = NAME | NAME_after=SECONDS | NAME_after_traffic=SECONDS | NAME_when_told

`_after` counts from the start of the process. `_after_traffic` counts from the first request of a user, so a release
can pass every check and break only once it serves. `_when_told` begins with `GET /misbehave`, so that one pod of
several can be chosen, and ends by itself with `GET /misbehave?for=SECONDS`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

FAULTS = {
    "never_ready": "/health of both ports answers 503",
    "crash_at_start": "the process ends with 1 before it listens",
    "crash": "the process ends with 1 at once: no drain, no close frames",
    "error": "/work and /health of the API answer 500",
    "work_error": "/work answers 500 and /health stays fine",
    "some_work_error": "one /work of twenty answers 500 and /health stays fine",
    "slow": "/work and /health of the API take SLOW_SECONDS longer",
    "work_slow": "/work takes SLOW_SECONDS longer and /health stays fast",
    "refuse_websocket": "each new WebSocket is refused with 503; /health on its port stays fine",
    "break_metrics": "/metrics answers 200 with a page that is not the Prometheus format",
}


@dataclass(frozen=True)
class Trigger:
    """When a fault begins: `after_s` seconds after the start, or after the first user request, or when told to."""

    after_s: float = 0.0
    since_traffic: bool = False
    when_told: bool = False


def parse_faults(text: str) -> dict[str, Trigger]:
    """Raises ValueError for an unknown fault: a typing mistake must not look like a good release."""
    return dict(_parse_fault(item.strip()) for item in text.split(",") if item.strip())


def _parse_fault(item: str) -> tuple[str, Trigger]:
    key, _, seconds = item.partition("=")
    told = key.removesuffix("_when_told")
    if told != key and told in FAULTS and not seconds:
        return told, Trigger(when_told=True)
    for suffix, since_traffic in (("_after_traffic", True), ("_after", False)):
        name = key.removesuffix(suffix)
        if name != key and name in FAULTS and seconds:
            return name, Trigger(_seconds(item, seconds), since_traffic)
    if key in FAULTS and not seconds:
        return key, Trigger()
    words = "NAME_after=S, NAME_after_traffic=S, NAME_when_told"
    raise ValueError(f"MISBEHAVE: {item!r} is not one of {', '.join(FAULTS)}, {words}")


def _seconds(item: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"MISBEHAVE: {item!r} needs a number of seconds") from None


class Faults:
    """Which faults are active now. Time is monotonic seconds."""

    def __init__(self, triggers: Mapping[str, Trigger], started: float) -> None:
        self._triggers = triggers
        self._started = started
        self._first_traffic: float | None = None
        self._told: float | None = None
        self._told_for = 0.0

    def saw_traffic(self) -> None:
        if self._first_traffic is None:
            self._first_traffic = time.monotonic()

    def told(self, seconds: float) -> bool:
        """Begin what waits to be told, for so long; False where nothing does."""
        self._told, self._told_for = time.monotonic(), seconds
        return any(trigger.when_told for trigger in self._triggers.values())

    def active(self, name: str) -> bool:
        trigger = self._triggers.get(name)
        if trigger is None:
            return False
        if trigger.when_told:
            return self._told is not None and time.monotonic() - self._told < self._told_for
        since = self._first_traffic if trigger.since_traffic else self._started
        return since is not None and time.monotonic() - since >= trigger.after_s
