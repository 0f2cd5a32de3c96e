"""A program in a terminal of its own: a pty, a size that can change, and an emulator that knows what is shown."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

ALTERNATE, MAIN = b"\x1b[?1049h", b"\x1b[?1049l"
CURSOR, NO_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


class Terminal:
    """`said` is every byte that the program wrote."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], columns: int, lines: int) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.said = b""
        self.exit_code: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self._set_size(0, columns, lines)
            os.execve(words[0], list(words), dict(environment))
        self._set_size(self.fd, columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        """The kernel tells the program, as it does when a person drags the window."""
        self.screen.resize(lines, columns)
        self.screen.reset()
        self._set_size(self.fd, columns, lines)

    def press_ctrl_c(self) -> None:
        os.write(self.fd, b"\x03")

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, seen: Callable[[str], bool], seconds: float = 20.0) -> str:
        """Until the screen shows it."""
        deadline = time.monotonic() + seconds
        while not seen(self.text):
            assert time.monotonic() < deadline, f"not seen within {seconds:g} s; the screen:\n{self.text}"
            if not self._read(0.1):
                break
        assert seen(self.text), f"the program ended; the screen:\n{self.text}"
        return self.text

    def wait_for_end(self, seconds: float = 20.0) -> int:
        deadline = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < deadline, f"still there after {seconds:g} s; the screen:\n{self.text}"
        return self._reaped()

    def close(self) -> None:
        """Whatever happened, nothing is left behind."""
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            self._reaped()
        os.close(self.fd)

    def _read(self, seconds: float) -> bool:
        """False when the program has closed its terminal."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.fd, 65536)
        except OSError:  # Linux' word for it
            return False
        self.said += piece
        self._stream.feed(piece)
        return bool(piece)

    def _reaped(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code

    @staticmethod
    def _set_size(fd: int, columns: int, lines: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
