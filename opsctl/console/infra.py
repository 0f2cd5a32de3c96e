"""The operator's side of plan and provision: what is happening, the plan, the question, the rows of an apply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opsctl.console.apply_board import ApplyBoard
from opsctl.console.asking import Answers, approve
from opsctl.console.console import Console, Progress
from opsctl.console.plan_text import plan_lines
from opsctl.core.apply_events import Applied
from opsctl.core.durations import Durations
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import Kind

_QUIET_S = 1.0  # a step shorter than this leaves no line behind


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
    def applying(self, summary: PlanSummary, known: Durations) -> Iterator[Callable[[Applied], None]]:
        board = ApplyBoard(self.console, summary, known)
        try:
            yield board.update
        finally:
            board.end()


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
