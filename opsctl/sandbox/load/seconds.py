"""One line a second: what happened since the line before."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .tally import Span, Tally, milliseconds


class Seconds:
    """Calls `emit` once a second until `stop`. Counts are of that second, except `agents_open`."""

    def __init__(self, tally: Tally, start: float, epoch: float, emit: Callable[[dict[str, Any]], None]) -> None:
        self._tally, self._start, self._epoch, self._emit = tally, start, epoch, emit
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self._before: Counter[str] = Counter()
        self._seen = (0, 0)  # latencies of earlier seconds
        self._arm()

    def stop(self) -> None:
        self._timer.cancel()

    def _arm(self) -> None:
        self._number += 1
        self._timer = self._loop.call_at(self._start + self._number, self._fire)

    def _fire(self) -> None:
        now = counts(self._tally)
        line: dict[str, Any] = {
            "event": "second",
            "second": self._number,
            "time": round(self._loop.time() + self._epoch, 3),
        }
        line.update({name: now[name] - self._before[name] for name in now if "/" not in name})
        line["latency_ms"] = milliseconds(self._new_latencies())
        line["agents_open"] = len(self._tally.agents.open)
        for kind in ("versions", "colors"):
            line[kind] = under(kind, now - self._before)
        self._before = now
        self._emit(line)
        self._arm()

    def _new_latencies(self) -> list[float]:
        fresh, kept = self._tally.fresh.latencies, self._tally.kept.latencies
        new = [*fresh[self._seen[0] :], *kept[self._seen[1] :]]
        self._seen = len(fresh), len(kept)
        return new


def counts(tally: Tally) -> Counter[str]:
    """Everything that only grows, under flat names; versions as `versions/NAME`, colors as `colors/NAME`."""
    found: Counter[str] = Counter()
    for part in (tally.fresh, tally.kept):
        found["scheduled"] += part.scheduled
        found["sent"] += part.sent
        found["answered"] += part.answered
        found["lost"] += part.lost.span.count
        found["bad"] += part.bad.span.count
        found.update(_named("versions", part.versions))
        found.update(_named("colors", part.colors))
    found["closes"] = sum(tally.agents.closes.values())
    found["unplanned"] = tally.agents.unplanned.span.count
    found["connect_failures"] = tally.agents.connect_failures.span.count
    found["echoes"] = tally.agents.echoes
    return found


def under(kind: str, found: Counter[str]) -> dict[str, int]:
    """The counts whose name begins with `kind/`, without it."""
    return {name.partition("/")[2]: count for name, count in found.items() if name.startswith(f"{kind}/")}


def _named(kind: str, spans: Mapping[str, Span]) -> dict[str, int]:
    return {f"{kind}/{name}": span.count for name, span in spans.items()}
