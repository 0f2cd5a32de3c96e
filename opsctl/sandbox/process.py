"""The sandbox's only door to child processes, and their names: pid *and* start time, as pids are reused."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opsctl.errors import ToolFailed, ToolMissing

PYTHON = sys.executable
_TICK_S = 0.25


@dataclass(frozen=True)
class Process:
    """One process. `started` is field 22 of /proc/PID/stat: clock ticks since boot."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Whether this very process still runs. A zombie does not run."""
        return _stat(self.pid) == (self.started, True)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this process and never to another one that got its pid."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.alive():
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most `seconds`. Returns whether it ended."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def started_at(self) -> float:
        """When it was started, in seconds since 1970."""
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return int(boot.split()[1]) + self.started / os.sysconf("SC_CLK_TCK")


def find(pid: int) -> Process | None:
    """The running process with this pid, or None."""
    stat = _stat(pid)
    return Process(pid, stat[0]) if stat and stat[1] else None


def children(pid: int) -> list[int]:
    """Pids of the direct children; empty if the process is gone."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _stat(pid: int) -> tuple[int, bool] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    state, threads, started = fields[0], int(fields[17]), int(fields[19])
    # A zombie whose other threads are still ending holds its ports and locks yet.
    return started, state not in "ZX" or threads > 1


def run(argv: Sequence[str], *, seconds: float = 60, cwd: Path | None = None) -> str:
    """Run to the end and return stdout. A non-zero exit raises ToolFailed with the last lines of stderr."""
    try:
        done = subprocess.run(
            argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except FileNotFoundError as error:
        raise _missing(argv) from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{argv[0]} gave no answer in {seconds:.0f} s: {' '.join(argv)}") from error
    if done.returncode:
        raise ToolFailed(f"{' '.join(argv[:3])} … failed: {_tail(done.stderr or done.stdout)}")
    return done.stdout


def run_long(argv: Sequence[str], log: Path, *, env: Mapping[str, str] | None, tick: Callable[[], None]) -> None:
    """Run to the end at low priority with output in `log`, calling `tick` a few times a second. Raises ToolFailed."""
    with log.open("wb") as out:
        try:
            child = subprocess.Popen(
                ["nice", *argv], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        except FileNotFoundError as error:
            raise _missing(argv) from error
    handle = os.pidfd_open(child.pid)
    try:
        while not select.select([handle], [], [], _TICK_S)[0]:
            tick()
    except BaseException:
        child.terminate()
        raise
    finally:
        os.close(handle)
        child.wait()
    if child.returncode:
        raise ToolFailed(f"{argv[0]} failed: {_tail(log.read_text(errors='replace'))}", hint=f"read {log}")


def spawn(argv: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None) -> int:
    """Start in a session of its own, output appended to `log`, and return the pid without waiting."""
    with log.open("ab") as out:
        child = subprocess.Popen(
            argv, env=env, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    return child.pid


@dataclass(frozen=True)
class Spoken:
    """What a program said on stdout, and how it ended."""

    exit_code: int
    stdout: str


def speak(argv: Sequence[str], *, echo: bool) -> Spoken:
    """Run to the end with stderr passing through; stdout is returned and, with `echo`, printed as it comes.

    Ctrl-C reaches the program from the terminal itself; it is waited for, as it may have to tidy up.
    """
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said: list[str] = []
        for line in child.stdout:
            said.append(line)
            if echo:
                sys.stdout.write(line)
                sys.stdout.flush()
    return Spoken(child.returncode, "".join(said))


def start(argv: Sequence[str], *, stdout: Path, stderr: Path) -> subprocess.Popen[bytes]:
    """Start a program that the caller ends, in a session of its own so that Ctrl-C does not reach it."""
    with stdout.open("wb") as out, stderr.open("wb") as err:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)


def _missing(argv: Sequence[str]) -> ToolMissing:
    return ToolMissing(f"{argv[0]} is not installed", hint="run `make setup`")


def _tail(text: str, lines: int = 3) -> str:
    return " / ".join(line.strip() for line in text.strip().splitlines()[-lines:]) or "it printed nothing"
