"""An apply as it happens: a line for each resource that is done, and below them what is at work, how long, of how long.

Without a terminal the same lines are printed once, and every ten seconds one that says how far it is.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from opsctl.console.console import Console, Progress
from opsctl.console.live_rows import LiveRows
from opsctl.core.apply_events import Applied
from opsctl.core.durations import Durations, Rest, Row, rest, rows
from opsctl.core.plan import PlanSummary

_ADDRESS = 48
_ROWS = 6
_DOING = {"create": "creating", "update": "changing", "delete": "removing"}
_ENDED = ("added", "changed", "destroyed", "failed")


class ApplyBoard:
    def __init__(self, console: Console, summary: PlanSummary, known: Durations) -> None:
        self.console, self.summary, self.known = console, summary, known
        self.started = time.monotonic()
        self.live = LiveRows(console)
        self.log = Progress(console, "apply", "starting Terraform")
        self._before = Applied()

    def update(self, applied: Applied) -> None:
        if applied is not self._before:
            self._print_ended(applied)
        self._before = applied
        now = datetime.now(UTC)
        running = rows(applied, self.known, now)
        standing = _standing(applied, running, rest(self.summary, applied, self.known, now))
        if self.console.is_terminal:
            passed = int(time.monotonic() - self.started)
            self.live.draw([self.console.row("apply", standing, "running", passed), *map(_row, running[:_ROWS])])
        else:
            self.log.update(f"{standing}{_oldest(running)}")

    def end(self) -> None:
        self.live.clear()

    def _print_ended(self, applied: Applied) -> None:
        for name in _ENDED:
            for address in getattr(applied, name)[len(getattr(self._before, name)) :]:
                self.live.clear()
                state = "failed" if name == "failed" else "done"
                told = _cut(address) if self.console.is_terminal else address  # a log is searched for addresses
                self.console.step(name, told, state=state, seconds=_took(self._before, address))


def _took(before: Applied, address: str) -> float:
    ran = before.running.get(address)
    return max(0.0, (datetime.now(UTC) - ran.since).total_seconds()) if ran else 0.0


def _standing(applied: Applied, running: list[Row], left: Rest) -> str:
    if not applied.planned:
        return "starting Terraform"
    head = f"{applied.done} of {applied.planned}"
    return f"{head} · {_left(left)}" if running or applied.done < applied.planned else head


def _left(left: Rest) -> str:
    unknown = f"{left.unknown} without history" if left.unknown else ""
    known = f"at least {_time(left.seconds)} left" if left.seconds >= 1 else ""
    return ", ".join(filter(None, (known, unknown))) or "nearly done"


def _row(row: Row) -> str:
    usual = f" of about {_time(row.expected)}" if row.expected is not None else ""
    took = f"{_time(row.elapsed)}{usual}"
    return f"    {_DOING.get(row.action, row.action):<10}{_cut(row.address, 40):<42}{took}"


def _oldest(running: list[Row]) -> str:
    if not running:
        return ""
    first = running[0]
    usual = f" of about {_time(first.expected)}" if first.expected is not None else ""
    others = f" and {len(running) - 1} more" if len(running) > 1 else ""
    return f" · {_cut(first.address, 30)} {_time(first.elapsed)}{usual}{others}"


def _time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"


def _cut(address: str, room: int = _ADDRESS) -> str:
    return address if len(address) <= room else "…" + address[-room + 1 :]
