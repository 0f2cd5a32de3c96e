"""The operator's side of plan and provision: what is happening, the plan, the question, the rows of an apply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from opsctl.console.asking import Answers, approve
from opsctl.console.console import Console, Progress
from opsctl.console.plan_text import plan_lines
from opsctl.core.apply_events import Applied, Running
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import Kind

_QUIET_S = 1.0  # a step shorter than this leaves no line behind
_ADDRESS = 48


class TerminalOperator:
    """Speaks through the console. `answers` is what the command line said to its questions beforehand."""

    def __init__(self, console: Console, environment: str, answers: Answers) -> None:
        self.console, self.environment, self.answers = console, environment, answers

    @contextmanager
    def working(self, name: str, detail: str) -> Iterator[Callable[[Mapping[str, Any]], None]]:
        refreshed = 0
        progress = _Quiet(self.console, name, detail)

        def note(event: Mapping[str, Any]) -> None:
            nonlocal refreshed
            refreshed += event.get("type") == "refresh_complete"
            progress.update(f"{detail} · {refreshed} resources read" if refreshed else detail)

        try:
            yield note
        finally:
            progress.end()

    def say(self, text: str) -> None:
        self.console.say(text)

    def show(self, title: str, summary: PlanSummary) -> None:
        for line in plan_lines(title, summary):
            self.console.say(line)

    def approve(self, kind: Kind, summary: PlanSummary) -> None:
        approve(self.console, self.environment, self.answers, kind, summary)

    @contextmanager
    def applying(self, summary: PlanSummary) -> Iterator[Callable[[Applied], None]]:
        rows = _ApplyRows(self.console)
        try:
            yield rows.update
        finally:
            rows.end()


class _Quiet(Progress):
    """Progress that leaves no line where it was over at once."""

    def __init__(self, console: Console, name: str, detail: str) -> None:
        super().__init__(console, name, detail)
        if console.is_terminal:
            self.show()
        else:
            self._shown = time.monotonic()  # the first line in a log comes after ten seconds of work

    def end(self) -> None:
        seconds = time.monotonic() - self.started
        self.console.clear_row()
        if seconds >= _QUIET_S:
            self.console.step(self.name, self.detail, seconds=seconds)


class _ApplyRows:
    """One line for each resource that is done, and below them one that says how far it is and what is running."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(console, "apply", "starting Terraform")
        self._before = Applied()

    def update(self, applied: Applied) -> None:
        if applied is not self._before:
            self._print_ended(applied)
        self._before = applied
        self.progress.update(_standing(applied))

    def end(self) -> None:
        self.console.clear_row()

    def _print_ended(self, applied: Applied) -> None:
        for verb, name in (
            ("added", "added"),
            ("changed", "changed"),
            ("destroyed", "destroyed"),
            ("failed", "failed"),
        ):
            for address in getattr(applied, name)[len(getattr(self._before, name)) :]:
                self._print(verb, address, self._before.running.get(address))

    def _print(self, verb: str, address: str, ran: Running | None) -> None:
        self.console.clear_row()
        seconds = _age(ran) if ran else 0.0
        self.console.step(verb, _cut(address), state="failed" if verb == "failed" else "done", seconds=seconds)


def _standing(applied: Applied) -> str:
    if not applied.planned:
        return "starting Terraform"
    head = f"{applied.done} of {applied.planned}"
    if not applied.running:
        return head
    oldest = min(applied.running.values(), key=lambda running: running.since)
    others = f" and {len(applied.running) - 1} more" if len(applied.running) > 1 else ""
    return f"{head} · {_cut(oldest.address, 30)} {_age(oldest):.0f} s{others}"


def _age(running: Running) -> float:
    return max(0.0, (datetime.now(UTC) - running.since).total_seconds())


def _cut(address: str, room: int = _ADDRESS) -> str:
    return address if len(address) <= room else "…" + address[-room + 1 :]
