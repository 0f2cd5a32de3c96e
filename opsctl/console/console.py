"""The only module that writes to the terminal.

Data (what a script would read) goes to stdout, once, as text or as JSON. Narration goes to stderr: on
a terminal long steps update in place; without one each line is printed once, with a timestamp.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from opsctl.errors import ConfigurationError, OpsError

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

_GLYPHS = {"done": "✓", "failed": "✗", "running": "●", "skipped": "-", "note": " "}
_STYLES = {"done": "green", "failed": "red", "running": "cyan", "skipped": "dim", "note": ""}
_TICK_S = 10.0  # without a terminal, a running step repeats itself this often so that a log shows life
_FIRST_S = 2.0  # and is not worth a line of its own before this
_WIDTH = 80


class Output(StrEnum):
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Console:
    """How one command speaks. `color` is already decided: NO_COLOR, --no-color or no terminal turn it off."""

    output: Output = Output.TEXT
    color: bool = True
    verbose: bool = False

    @property
    def is_terminal(self) -> bool:
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"

    @property
    def has_screen(self) -> bool:
        """Whether stdout is a terminal on which a picture can be drawn."""
        return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def rich(self, stderr: bool = True) -> RichConsole:
        """A rich console for tables and live pictures. Loaded here, as most commands need none."""
        from rich.console import Console as RichConsole

        stream = sys.stderr if stderr else sys.stdout
        plain = not self.color or not stream.isatty()
        width = None if stream.isatty() else 80
        return RichConsole(file=stream, no_color=plain, highlight=False, width=width, soft_wrap=not stream.isatty())

    def data(self, value: Any, text: str | None = None) -> None:
        """Print the result: `value` as JSON, or `text` for people."""
        if self.output is Output.JSON or text is None:
            text = value if isinstance(value, str) and self.output is Output.TEXT else dump_json(value)
        try:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
        except (AttributeError, OSError, ValueError) as error:  # closed, full, or nobody reads it
            self._write(f"{self._paint('warning:', 'failed')} the result could not be written to stdout: {error}")
            self._write(text)
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # what was done stays done: Python would exit by this

    def say(self, text: str = "") -> None:
        """One line of narration."""
        self._write(text)

    def step(self, name: str, detail: str = "", *, state: str = "done", seconds: float | None = None) -> None:
        """One finished step: glyph, name, what came of it, how long it took."""
        self._write(self._row(name, detail, state, seconds))

    @contextmanager
    def progress(self, name: str, detail: str = "") -> Iterator[Progress]:
        """A step that takes a while. The caller may change `detail`; the end prints one final line."""
        progress = Progress(self, name, detail)
        progress.announce()
        try:
            yield progress
        except BaseException:
            progress.finish("failed")
            raise
        progress.finish("done")

    def error(self, error: OpsError) -> None:
        """What happened, what state things are in, what to type next."""
        self._write(f"{self._paint('error:', 'failed')} {self._wrapped(error.message, len('error: '))}")
        if isinstance(error, ConfigurationError):
            several = len({mistake.file for mistake in error.mistakes}) > 1
            file = ""
            for mistake in error.mistakes:
                if several and mistake.file != file:
                    file = mistake.file
                    self._write(f"  {file}")
                where = f"{mistake.line}:{mistake.column}" if mistake.line else "-"
                self._write(f"  {where:<7} {mistake.path:<28} {self._wrapped(mistake.message, 39)}")
        for label, text in (("state", error.state), ("next", error.hint)):
            if text:
                self._write(f"  {label:<6} {self._wrapped(text, 9)}")

    @contextmanager
    def sign_of_life(self, waits_for: Callable[[], str]) -> Iterator[None]:
        """Say what is waited for, once it takes long enough for a person to wonder."""
        timer = threading.Timer(_FIRST_S, lambda: self._write(self._waiting(waits_for()), end=self._row_end))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            self.clear_row()

    def _waiting(self, what: str) -> str:
        return self._row("waiting", f"for {what}", "running", None)

    @property
    def _row_end(self) -> str:
        """On a terminal a running row stays open, to be taken back."""
        return "" if self.is_terminal else "\n"

    def _wrapped(self, text: str, indent: int) -> str:
        """At words, on a terminal; a log keeps its lines whole, for whoever searches it."""
        if not self.is_terminal:
            return text
        room = max(20, min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns) - indent)
        lines = (textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
        return f"\n{'':<{indent}}".join(line for wrapped in lines for line in wrapped or [""])

    def row(self, name: str, detail: str, state: str, seconds: float | None) -> str:
        """One row as `step` would print it, for whoever draws several."""
        return self._row(name, detail, state, seconds)

    def write(self, text: str) -> None:
        """As it is, without an end of line."""
        self._write(text, end="")

    def clear_row(self) -> None:
        """Take back the row of a running step, to print something else in its place."""
        if self.is_terminal:
            self._write("\r\033[K", end="")

    def _row(self, name: str, detail: str, state: str, seconds: float | None) -> str:
        took = f"{seconds:.1f} s" if seconds is not None else ""
        clock = "" if self.is_terminal else f"{time.strftime('%H:%M:%S')} "
        head = f"{clock}{self._paint(_GLYPHS[state], state)} {name:<11} "
        room = _WIDTH - len(clock) - 14 - len(took)
        if not took:
            return f"{head}{detail}".rstrip()
        whole = len(detail) < room or not self.is_terminal
        fits = detail if whole else f"{detail[: room - 2]}…"
        return f"{head}{fits:<{room - 1}} {took}"

    def _paint(self, text: str, state: str) -> str:
        codes = {"green": "32", "red": "31", "cyan": "36", "dim": "2"}
        code = codes.get(_STYLES[state])
        return f"\033[{code}m{text}\033[0m" if code and self.color and self._colors() else text

    def _colors(self) -> bool:
        return sys.stderr is not None and sys.stderr.isatty()

    def _write(self, text: str, end: str = "\n") -> None:
        """A reader that went away (a closed pipe, a lost terminal) must never end the work that is told about."""
        with suppress(AttributeError, OSError, ValueError):
            sys.stderr.write(text + end)
            sys.stderr.flush()


class Progress:
    """A running step: redrawn in place on a terminal, repeated now and then in a log."""

    def __init__(self, console: Console, name: str, detail: str) -> None:
        self.console, self.name, self.detail = console, name, detail
        self.started = time.monotonic()
        self._shown = self.started - _TICK_S + _FIRST_S

    def update(self, detail: str) -> None:
        self.detail = detail
        self.show()

    def announce(self) -> None:
        """Say at once that the step has begun, for one that will not speak again for long."""
        self._shown = self.started - _TICK_S
        self.show()

    def show(self) -> None:
        now = time.monotonic()
        if self.console.is_terminal:
            row = self.console._row(self.name, self.detail, "running", now - self.started)
            self.console._write(f"\r\033[K{row}", end="")
        elif now - self._shown >= _TICK_S:
            self._shown = now
            self.console._write(self.console._row(self.name, self.detail, "running", None))

    def finish(self, state: str) -> None:
        self.console.clear_row()
        self.console.step(self.name, self.detail, state=state, seconds=time.monotonic() - self.started)


def dump_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
