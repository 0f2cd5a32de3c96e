"""Runs a program to its end, or stops it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from opsctl.errors import Interrupted, ToolFailed
from opsctl.tools.process.command import Command, child_environment, found
from opsctl.tools.process.output import LineReader, Tail, opened, size, text
from opsctl.tools.process.signals import signals_noted

_POLL_S = 0.1


@dataclass(frozen=True)
class Finished:
    """A program that ended by itself. `stdout` is empty where the lines were streamed."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float


def run(command: Command, *, stdin: str = "", timeout: float | None = None) -> Finished:
    """Run to the end and return what it wrote, whatever the exit code.

    Raises ToolMissing (not installed), ToolFailed (took longer than `timeout` seconds, printed too much), Interrupted
    (Ctrl-C, SIGTERM; the program has ended by then).
    """
    with TemporaryFile() as stdout:
        finished = _supervise(command, stdout, stdin, timeout, lambda: None)
        return Finished(finished.exit_code, text(stdout), finished.stderr, finished.seconds)


def stream(
    command: Command,
    on_line: LineReader,
    *,
    log: Path | None = None,
    on_idle: Callable[[], None] = lambda: None,
    timeout: float | None = None,
    give_up: Callable[[], bool] = lambda: False,
) -> Finished:
    """Run to the end, handing over each line of stdout within about 0.1 s of its being written.

    `log` keeps the lines in a file, mode 0600. `on_idle` is called about ten times a second, for clocks
    on the screen. The program is stopped after `timeout` seconds, or when `give_up` says so, from any thread. Raises as
    `run` does; `on_line` has seen every line by then.
    """
    with opened(log) as stdout:
        tail = Tail(stdout, on_line)

        def watch() -> None:
            tail.read()
            on_idle()

        return _supervise(command, stdout, "", timeout, watch, tail.finish, give_up)


def _supervise(
    command: Command,
    stdout: IO[bytes],
    stdin: str,
    timeout: float | None,
    watch: Callable[[], None],
    finish: Callable[[], None] = lambda: None,
    give_up: Callable[[], bool] = lambda: False,
) -> Finished:
    started = time.monotonic()
    with TemporaryFile() as stderr, signals_noted() as received:
        process = _start(command, stdin, stdout, stderr)
        stopping = _Stopping(process, command)
        try:
            while not _ended(process, command):
                late = timeout is not None and time.monotonic() - started > timeout
                stopping.consider(bool(received) or give_up(), late or size(stdout) > command.most_output)
                watch()
            finish()
        except BaseException:  # a reader failed: do not leave the program running unwatched
            stopping.wait_for_end()
            raise
        if received:
            raise Interrupted(f"interrupted while {command.program} was running; it has stopped")
        if stopping.asked:
            raise ToolFailed(
                f"{command.program} {_excess(command, stdout, timeout)} and was stopped", state=str(command)
            )
        return Finished(process.returncode, "", text(stderr), time.monotonic() - started)


def _excess(command: Command, stdout: IO[bytes], timeout: float | None) -> str:
    if size(stdout) > command.most_output:
        return f"printed more than {command.most_output / (1 << 20):.0f} MiB"
    return "did not finish" + (f" within {timeout:g} s" if timeout is not None else "")


class _Stopping:
    """Ask once, after the grace period a second time, and kill only what can hold no lock."""

    def __init__(self, process: subprocess.Popen[bytes], command: Command) -> None:
        self.process, self.command = process, command
        self.asked = 0
        self._asked_at = 0.0

    def consider(self, interrupted: bool, late: bool) -> None:
        if not (interrupted or late or self.asked):
            return
        if self.asked == 0 or (self.asked < 3 and time.monotonic() - self._asked_at > self.command.grace):
            self._ask()

    def wait_for_end(self) -> None:
        while not _ended(self.process, self.command):
            self.consider(interrupted=True, late=False)

    def _ask(self) -> None:
        self.asked, self._asked_at = self.asked + 1, time.monotonic()
        if self.command.as_group:
            os.killpg(self.process.pid, signal.SIGTERM if self.asked == 1 else signal.SIGKILL)
        elif self.asked < 3:
            self.process.send_signal(signal.SIGINT)
        elif not self.command.holds_lock:
            self.process.kill()


def _start(command: Command, stdin: str, stdout: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    environment, program = child_environment(command.environment), found(command)
    with TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        return subprocess.Popen(
            (*_leash(command), program, *command.argv[1:]),
            stdin=given, stdout=stdout, stderr=subprocess.STDOUT if command.as_group else stderr,
            cwd=command.cwd, env=environment, start_new_session=True,
        )  # fmt: skip


def _leash(command: Command) -> tuple[str, ...]:
    """A prefix that lets Linux kill the program when the thread that starts it ends, be it by SIGKILL."""
    setpriv = shutil.which("setpriv") if command.dies_with_us else None
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _ended(process: subprocess.Popen[bytes], command: Command) -> bool:
    if command.as_group:
        return _group_ended(process)
    try:
        process.wait(timeout=_POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _group_ended(process: subprocess.Popen[bytes]) -> bool:
    """While its dead leader is not reaped, the number names no other group: so what is left of it can be killed."""
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(_POLL_S)  # waitid has no timeout
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True
