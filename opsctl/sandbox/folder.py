"""One sandbox per project folder: its files, and the names on this computer that are derived from the folder's path."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from opsctl.console import Console
from opsctl.errors import OpsError

_PATIENCE_S = 300.0


@dataclass(frozen=True)
class Folder:
    """`<project>/.opsctl/sandbox` and what lies in it."""

    project: Path

    @property
    def root(self) -> Path:
        return self.project / ".opsctl" / "sandbox"

    @property
    def key(self) -> str:
        """Eight hex digits that tell this sandbox from others on the same computer."""
        return hashlib.sha256(os.fsencode(self.project)).hexdigest()[:8]

    @property
    def interface(self) -> str:
        """The host's end of the veth pair; the kernel allows 15 characters."""
        return f"ops-{self.key}"

    @property
    def cgroup(self) -> str:
        return f"opsctl-{self.key}"

    @property
    def node(self) -> Path:
        """All that the node reads and writes; inside its namespaces this folder is /run/node."""
        return self.root / "node"

    @property
    def logs(self) -> Path:
        """One file a process, `NAME.log`, written by processes inside and outside alike."""
        return self.node / "logs"

    @property
    def aws(self) -> Path:
        return self.root / "aws"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    @property
    def state(self) -> Path:
        """Written last by `up`, removed first by `down`."""
        return self.root / "state.json"

    @property
    def running(self) -> Path:
        """Locked by the node for as long as it lives; holds the pid of its outermost process."""
        return self.root / "node.pid"


def at(project: Path) -> Folder:
    return Folder(project.resolve())


@contextmanager
def change(at: Folder, console: Console) -> Iterator[None]:
    """Be the only `up` or `down` in this folder; wait for another one to end."""
    waiting = partial(console.say, "Another `sandbox up` or `down` is at work here: waiting for it.")
    busy = f"another `sandbox up` or `down` has been at work in {at.project} for {_PATIENCE_S:.0f} s"
    with locked(at.root / "up.lock", busy, _PATIENCE_S, waiting):
        yield


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file whole: a reader, or a kill, sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
        out.write(text)
    draft.replace(path)


def write_json(path: Path, value: Any) -> None:
    write(path, as_json(value))


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def read_json(path: Path) -> Any:
    """The parsed file, or None if it is missing or was never finished."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


@contextmanager
def locked(path: Path, busy: str, seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock on `path`. Calls `waiting` once if another process has it; OpsError(busy) after `seconds`."""
    deadline = time.monotonic() + seconds
    handle = _lock(path)
    if handle is None:
        waiting()
    while handle is None:
        if time.monotonic() > deadline:
            raise OpsError(busy, hint="wait for it, then try again")
        time.sleep(0.1)
        handle = _lock(path)
    try:
        yield
    finally:
        os.close(handle)


def _lock(path: Path) -> int | None:
    """An open, locked file, or None. The file may have been deleted, and made anew, between opening and locking it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if try_lock(handle) and path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
        return handle
    os.close(handle)
    return None


def try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path`."""
    try:
        with path.open("r+") as handle:
            return not try_lock(handle.fileno())
    except FileNotFoundError:
        return False
