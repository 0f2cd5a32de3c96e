"""One HTTP/1.1 connection on a plain non-blocking socket: cheap enough for thousands of new ones a second.

It says exactly how a request ended: with an answer, or refused, reset, cut (closed before the answer was complete) or
timed out. One request at a time; nothing is ever sent again.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_VERSION = re.compile(rb"\r\nx-app-version: *([^\r]*)", re.IGNORECASE)
_COLOR = re.compile(rb"\r\nx-app-color: *([^\r]*)", re.IGNORECASE)
_LINGER_S = 1.0
_REASONS = {errno.ECONNREFUSED: "refused", errno.ECONNRESET: "reset", errno.EPIPE: "reset", errno.ETIMEDOUT: "timeout"}


@dataclass(frozen=True)
class Answer:
    """A complete answer. `version` and `color` are "" if it does not say."""

    status: int
    body: bytes
    version: str
    color: str


Done = Callable[[Answer | str], None]  # the answer, or why there is none


class Connection:
    """`request` may be called when `idle`; `done` is then called once, never from inside `request`."""

    def __init__(self, sock: socket.socket, target: tuple[str, int], timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock, self._target, self._timeout = sock, target, timeout
        self._connected = self._ending = False
        self._buffer = bytearray()
        self._data = b""
        self._done: Done | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def closed(self) -> bool:
        return self._sock.fileno() < 0

    @property
    def idle(self) -> bool:
        return self._done is None and not self._ending and not self.closed

    def usable(self) -> bool:
        """Whether a request may be sent: idle, and the other side has not hung up meanwhile."""
        if not self.idle:
            return False
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        self.close()  # hung up, or it sent something that nobody asked for
        return False

    def request(self, data: bytes, done: Done) -> None:
        self._data, self._done = data, done
        self._timer = self._loop.call_later(self._timeout, self._finish, "timeout")
        if self._connected:
            return self._send()
        code = self._sock.connect_ex(self._target)
        if code in (0, errno.EINPROGRESS):
            self._loop.add_writer(self._sock, self._on_connected)
        else:
            self._loop.call_soon(self._finish, reason_of(code))

    def close(self) -> None:
        """Without a word to `done`. Safe to call twice."""
        self._stop_timer()
        if not self.closed:
            self._loop.remove_writer(self._sock)
            self._loop.remove_reader(self._sock)
            self._sock.close()

    def close_after_peer(self) -> None:
        """Let the server close first, as it said it would: then the client's port is free at once."""
        self._ending = True
        if not self.closed:
            self._loop.call_later(_LINGER_S, self.close)

    def _on_connected(self) -> None:
        self._loop.remove_writer(self._sock)
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            return self._finish(reason_of(code))
        self._connected = True
        self._loop.add_reader(self._sock, self._on_readable)
        self._send()

    def _send(self) -> None:
        try:
            self._sock.send(self._data)  # a request of some 100 bytes fits into any send buffer
        except OSError as error:
            self._loop.call_soon(self._finish, reason_of(error.errno))

    def _on_readable(self) -> None:
        try:
            data = self._sock.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            return self._finish(reason_of(error.errno))
        if not data:
            return self._finish("cut")
        if self._done is not None:
            self._buffer += data
            self._read_answer()

    def _read_answer(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end])
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.") or length is None:
            return self._finish(Answer(0, bytes(self._buffer), "", ""))
        body = bytes(self._buffer[end + 4 :])
        if len(body) < int(length[1]):
            return
        self._buffer.clear()
        if _CLOSE.search(head):
            self.close_after_peer()
        self._finish(Answer(int(head[9:12]), body, _text(_VERSION, head), _text(_COLOR, head)))

    def _finish(self, result: Answer | str) -> None:
        """The request is over. Without a complete answer, or with an unreadable one, so is the connection."""
        self._stop_timer()
        done, self._done = self._done, None
        if isinstance(result, str) or result.status == 0:
            self.close()
        if done is not None:
            done(result)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _text(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    return found[1].decode("latin-1") if found else ""


def reason_of(code: int | None) -> str:
    return _REASONS.get(code or 0) or errno.errorcode.get(code or 0, "error").lower()
