"""What a program writes into a file, read while it writes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

_PORTION = 1 << 20  # bytes read at once: who writes faster than we read is still looked at

LineReader = Callable[[str], None]


class Tail:
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
        end = size(self.file)
        while self._offset < end:
            self.read()
        if any(self._rest):
            self._hand_over()

    def _hand_over(self) -> None:
        self.on_line(b"".join(self._rest).decode(errors="replace"))


@contextmanager
def opened(log: Path | None) -> Iterator[IO[bytes]]:
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


def text(file: IO[bytes]) -> str:
    return os.pread(file.fileno(), size(file), 0).decode(errors="replace")


def size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size
