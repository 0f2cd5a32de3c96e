"""Starts a process that outlives us and is never lost: `python -m opsctl.sandbox.daemon PIDFILE COMMAND …`.

Run as a program, this takes the lock on PIDFILE and writes its pid there *before* it turns itself into the command,
which keeps pid and lock. So whatever is killed at whatever moment, there is never a process that nobody knows of, and
never two for one file: who holds the lock lives, and who lives is named in the file.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from opsctl.errors import OpsError
from opsctl.sandbox import folder, process
from opsctl.sandbox.process import Process

_START_S = 30.0
_PATIENCE_S = 2.0  # `holder` looks whether the lock is free by taking it for an instant
_SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def start(pidfile: Path, argv: Sequence[str], log: Path) -> Process:
    """Start `argv` with its output in `log`, unless the file's process lives already. Raises OpsError if it cannot.

    That the command itself goes on running is for the caller to see.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # Nothing of the caller's: a proxy setting or an AWS profile must not decide what a sandbox does.
    env = {"PATH": _SYSTEM, "HOME": "/root", "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    starter = process.spawn([process.PYTHON, "-m", "opsctl.sandbox.daemon", str(pidfile), *argv], log, env=env)
    deadline = time.monotonic() + _START_S
    while not (found := holder(pidfile)):
        if not process.find(starter) or time.monotonic() > deadline:
            raise OpsError(f"{argv[0]} could not be started", hint=f"read {log}")
        time.sleep(0.01)
    return found


def holder(pidfile: Path) -> Process | None:
    """The living process that holds the file's lock, or None."""
    if not folder.is_locked(pidfile):
        return None
    words = pidfile.read_text().split()
    found = Process(int(words[0]), int(words[1])) if len(words) == 2 else None
    return found if found and found.alive() else None


def become(pidfile: str, argv: Sequence[str]) -> None:
    """Turn this process into `argv`, which holds the lock on `pidfile` for as long as it lives."""
    handle = os.open(pidfile, os.O_RDWR | os.O_CREAT, 0o600)
    _lock(handle)
    me = process.find(os.getpid())
    assert me is not None  # we run
    os.ftruncate(handle, 0)
    os.write(handle, f"{me.pid} {me.started}\n".encode())
    os.set_inheritable(handle, True)
    os.execvp(argv[0], list(argv))


def _lock(handle: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not folder.try_lock(handle):
        if time.monotonic() > deadline:
            sys.exit("it runs already")
        time.sleep(0.02)


if __name__ == "__main__":
    become(sys.argv[1], sys.argv[2:])
