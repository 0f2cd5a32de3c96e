"""The only module that starts child processes.

A child gets a session of its own, so that Ctrl-C in the terminal reaches opsctl alone, which passes on one
SIGINT and waits: Terraform needs the time to store its state and give the lock back. Its output goes into a
file rather than a pipe, for two reasons: a full pipe can never block it, and it outlives us. Where opsctl is
killed outright, Terraform finishes its apply and stores its state; writing to a broken pipe would end it.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO

from opsctl.errors import Interrupted, ToolFailed, ToolMissing

_POLL_S = 0.1
_PORTION = 1 << 20  # bytes read at once: who writes faster than we read is still looked at
_MASK = "***"

LineReader = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class Command:
    """A program and how to start it. Printing it hides `secrets` and the values of `environment`.

    `environment` is laid over ours; None removes a variable. `holds_lock` says that killing the program
    would leave a lock behind, so it is only ever asked to stop. `grace` is how long, seconds, a program
    that was asked to stop is left alone before it is asked a second time. `dies_with_us` is for a program that must not
    go on once nobody holds our lease any more: it is killed with us (on Linux, where `setpriv` is installed).
    `as_group` is for a program of somebody else's, which may start others: both its outputs are one, it is asked to
    stop by SIGTERM, and nothing of its process group outlives it. `most_output` is how many bytes it may print before
    it is stopped.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    cwd: Path | None = None
    secrets: frozenset[str] = frozenset()
    holds_lock: bool = False
    dies_with_us: bool = False
    as_group: bool = False
    most_output: float = inf
    grace: float = 30.0
    remedy: str = "opsctl doctor lists what is needed and how to get it"

    @property
    def program(self) -> str:
        return Path(self.argv[0]).name

    def __str__(self) -> str:
        text = shlex.join(self.argv)
        for secret in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(shlex.quote(secret), _MASK).replace(secret, _MASK)
        return text

    def __repr__(self) -> str:
        return f"Command({self}, environment={sorted(self.environment)}, cwd={self.cwd})"


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
        return Finished(finished.exit_code, _text(stdout), finished.stderr, finished.seconds)


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
    with _opened(log) as stdout:
        tail = _Tail(stdout, on_line)

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
    with TemporaryFile() as stderr, _signals_noted() as received:
        process = _start(command, stdin, stdout, stderr)
        stopping = _Stopping(process, command)
        try:
            while not _ended(process, command):
                late = timeout is not None and time.monotonic() - started > timeout
                stopping.consider(bool(received) or give_up(), late or _size(stdout) > command.most_output)
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
        return Finished(process.returncode, "", _text(stderr), time.monotonic() - started)


def _excess(command: Command, stdout: IO[bytes], timeout: float | None) -> str:
    if _size(stdout) > command.most_output:
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


class _Tail:
    """Whole lines of a file that another process is writing. pread leaves the shared file position alone."""

    def __init__(self, file: IO[bytes], on_line: LineReader) -> None:
        self.file, self.on_line = file, on_line
        self._offset, self._rest = 0, list[bytes]()  # of a line whose end was not written yet

    def read(self) -> None:
        """A portion, at most."""
        chunk = os.pread(self.file.fileno(), _PORTION, self._offset)
        self._offset += len(chunk)
        first, *others = chunk.split(b"\n")
        self._rest.append(first)
        for following in others:
            self._hand_over()
            self._rest = [following]

    def finish(self) -> None:
        """All that is there by now; whoever left its process group may write for ever."""
        end = _size(self.file)
        while self._offset < end:
            self.read()
        if any(self._rest):
            self._hand_over()

    def _hand_over(self) -> None:
        self.on_line(b"".join(self._rest).decode(errors="replace"))


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


def found(command: Command) -> str:
    """The program's path. Raises ToolMissing."""
    name, state = command.argv[0], "Nothing was started."
    path = shutil.which(name, path=child_environment(command.environment).get("PATH"))
    if path:
        return path
    if "/" in name and Path(name).is_file():
        raise ToolMissing(f"{name} is not executable", state=state, hint=f"chmod +x {name}")
    where = "does not exist" if "/" in name else "is not installed, or not on PATH"
    raise ToolMissing(f"{name} {where}", state=state, hint=command.remedy)


def _leash(command: Command) -> tuple[str, ...]:
    """A prefix that lets Linux kill the program when the thread that starts it ends, be it by SIGKILL."""
    setpriv = shutil.which("setpriv") if command.dies_with_us else None
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def child_environment(overlay: Mapping[str, str | None]) -> dict[str, str]:
    """Our environment with `overlay` on top; None removes a variable."""
    merged = {**os.environ, **overlay}
    return {name: value for name, value in merged.items() if value is not None}


@contextmanager
def _signals_noted() -> Iterator[list[int]]:
    """Collect SIGINT, SIGTERM and SIGHUP instead of dying of them, so that the child can be ended first.

    A caller with handlers of its own keeps them, and then decides what a signal means. Other threads than
    the main one get no signals in Python, so there is nothing to collect there.
    """
    received: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.getsignal(number) for number in _OURS if _is_default(number)}
    for number in before:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _is_default(number: int) -> bool:
    """Nobody handles it. An ignored SIGINT (background jobs of scripts inherit that) counts; `nohup` is respected."""
    if threading.current_thread() is not threading.main_thread():
        return False
    handler = signal.getsignal(number)
    ignored = handler == signal.SIG_IGN and number != signal.SIGHUP
    return ignored or handler in (signal.SIG_DFL, signal.default_int_handler)


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
        time.sleep(_POLL_S)
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


@contextmanager
def _opened(log: Path | None) -> Iterator[IO[bytes]]:
    if log is None:
        with TemporaryFile() as file:
            yield file
        return
    descriptor = os.open(log, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        with suppress(OSError):  # a file system without locks: then nobody can tell
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file


def in_use(log: Path) -> bool:
    """Whether the program that writes `log`, or the opsctl that started it, is alive.

    The lock belongs to the open file, which is the child's stdout, and the kernel lets go of it when the last of both
    has ended, however that was. A number of a process says less: it is given to others.
    """
    with log.open("rb") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _text(file: IO[bytes]) -> str:
    return os.pread(file.fileno(), _size(file), 0).decode(errors="replace")


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size
