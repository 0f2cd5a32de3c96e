"""Hooks as child processes, each followed by a thread of its own.

A hook has a process group of its own and ends with it: at its timeout, when nobody needs it any more, and with opsctl
(the program itself even where opsctl is killed outright, on Linux where `setpriv` is installed).
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from opsctl.core.color import Color
from opsctl.core.environment import Hook
from opsctl.core.hook import HookEnd, HookName, HookState, facts
from opsctl.core.release import Rollout
from opsctl.errors import OpsError, ToolFailed, ToolMissing
from opsctl.tools import clock
from opsctl.tools.process import Command, found, stream

_LONGEST = 10_000  # characters of a line that are looked at
LINES, LINE = 200, 400  # printed of one hook, and characters of one line
REASON = 120  # characters of its last line that go on record as the reason of its failure
GRACE_S = 3.0  # from being asked to end to being killed
MOST_OUTPUT = 16 << 20  # bytes; one that prints more is stopped
_JOIN_S = 2 * GRACE_S + 4.0  # to be asked, to be killed, and to be read to its end
_NOT_TEXT = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class HookProcesses:
    """The port `Hooks`."""

    def __init__(self, project: Path, environment: str) -> None:
        self.project, self.environment = project, environment
        self._runs: dict[HookName, _Run] = {}
        self._lines: queue.SimpleQueue[tuple[HookName, str]] = queue.SimpleQueue()

    def begin(self, name: HookName, hook: Hook, rollout: Rollout, active: Color | None) -> None:
        told = facts(name, self.environment, rollout, active)
        run = _Run(name, hook, self._command(hook, told), self._lines)
        self._runs[name] = run
        run.start()

    def trouble(self, hook: Hook) -> str:
        try:
            found(self._command(hook, {}))
        except ToolMissing as error:
            return error.message
        return ""

    def states(self) -> Mapping[HookName, HookState]:
        return {name: run.state for name, run in self._runs.items()}

    def lines(self) -> list[tuple[HookName, str]]:
        found = []
        while not self._lines.empty():
            found.append(self._lines.get_nowait())
        return found

    def stop(self, names: Collection[HookName]) -> None:
        for name in names:
            self._runs[name].stopping.set()

    def end(self) -> None:
        self.stop(self._runs)
        for run in self._runs.values():
            run.join(_JOIN_S)
        self._runs.clear()

    def _command(self, hook: Hook, told: Mapping[str, str]) -> Command:
        """A program that is named with a slash is one of the project's, wherever opsctl was started."""
        program, *arguments = hook.command or []
        if "/" in program:
            program = str((self.project / Path(program).expanduser()).resolve())
        return Command(
            (program, *arguments), environment=told, cwd=self.project, dies_with_us=True, as_group=True, grace=GRACE_S,
            most_output=MOST_OUTPUT, remedy="release.hooks in the environment file",
        )  # fmt: skip


class _Run(threading.Thread):
    """One hook. `state` is replaced as a whole, so that it may be read from any thread."""

    def __init__(
        self, name: HookName, hook: Hook, command: Command, lines: queue.SimpleQueue[tuple[HookName, str]]
    ) -> None:
        super().__init__(name=f"hook {name}", daemon=True)
        self.hook_name, self.hook, self.command, self.lines = name, hook, command, lines
        self.stopping = threading.Event()
        self.state = HookState(clock.now())
        self._printed, self._last = 0, ""

    def run(self) -> None:
        try:
            end, why = self._outcome()
        except OpsError as error:
            end, why = HookEnd.FAILED, error.message
        except Exception as error:  # whatever it is, a hook that nobody follows has not ended well
            end, why = HookEnd.FAILED, f"{type(error).__name__}: {error}"
        if self._printed > LINES:
            self.lines.put((self.hook_name, f"… and {self._printed - LINES} more lines"))
        self.state = HookState(self.state.since, end, why)

    def _outcome(self) -> tuple[HookEnd, str]:
        try:
            finished = stream(
                self.command, self._print, timeout=self.hook.timeout, give_up=self.stopping.is_set
            )  # fmt: skip
        except ToolFailed as error:
            if self.stopping.is_set():
                return HookEnd.STOPPED, ""
            return HookEnd.FAILED, f"it{error.message.removeprefix(self.command.program)}"
        if finished.exit_code == 0:
            return HookEnd.ENDED, ""
        last = _readable(self._last)[:REASON]
        return HookEnd.FAILED, f"exit code {finished.exit_code}{': ' if last else ''}{last}"

    def _print(self, line: str) -> None:
        self._last = line if line and not line.isspace() else self._last
        self._printed += 1
        if self._printed <= LINES:
            self.lines.put((self.hook_name, _readable(line)[:LINE]))


def _readable(line: str) -> str:
    return _NOT_TEXT.sub("", line[:_LONGEST]).rstrip()
