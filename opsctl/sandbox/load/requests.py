"""HTTP traffic: on a new connection for each request, and on a few kept connections."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from functools import partial

from .connection import Answer, Connection
from .schedule import LATE_S
from .tally import Requests

MAX_IN_FLIGHT = 10_000
NOT_SENT = "not sent"

Connect = Callable[[], Connection]  # a new connection, not yet connected; raises OSError
OnAnswer = Callable[[float, str, str], None]  # time, version, color


class Traffic:
    """What both kinds share: making a request, judging its answer, counting it."""

    def __init__(self, host: str, keep: bool, tally: Requests, epoch: float, on_answer: OnAnswer | None = None) -> None:
        """`epoch` turns the loop's clock into seconds since 1970."""
        wish = "keep-alive" if keep else "close"
        self._tail = f" HTTP/1.1\r\nHost: {host}\r\nUser-Agent: opsctl-load\r\nConnection: {wish}\r\n\r\n".encode()
        self.tally, self._epoch, self._on_answer = tally, epoch, on_answer
        self.in_flight = 0
        self._loop = asyncio.get_running_loop()

    def transmit(self, connection: Connection, due: float, done: Callable[[], None]) -> None:
        """Send the request that was due at `due`; `done` is called after it was counted."""
        self.tally.sent += 1
        self.tally.late.append(self._loop.time() - due)
        self.in_flight += 1
        nonce = str(self.tally.sent)
        request = b"GET /work?n=" + nonce.encode() + self._tail
        connection.request(request, partial(self._over, due, nonce, done))

    def lose(self, reason: str) -> None:
        self.tally.lost.add(self._loop.time() + self._epoch, reason)

    def _over(self, due: float, nonce: str, done: Callable[[], None], result: Answer | str) -> None:
        self.in_flight -= 1
        now = self._loop.time()
        if isinstance(result, str):
            self.lose(result)
        else:
            at = now + self._epoch
            self.tally.answer(at, now - due, result.version, result.color, fault_of(result, nonce))
            if self._on_answer is not None:
                self._on_answer(at, result.version, result.color)
        done()


class Fresh(Traffic):
    """A new connection for each request, as new users come."""

    def __init__(self, connect: Connect, host: str, tally: Requests, epoch: float, on_answer: OnAnswer) -> None:
        super().__init__(host, keep=False, tally=tally, epoch=epoch, on_answer=on_answer)
        self._connect = connect

    def send(self, due: float) -> None:
        self.tally.scheduled += 1
        if self._loop.time() - due > LATE_S or self.in_flight >= MAX_IN_FLIGHT:
            return self.lose(NOT_SENT)
        try:
            connection = self._connect()
        except OSError:  # no file descriptor or no address left
            return self.lose(NOT_SENT)
        self.transmit(connection, due, connection.close_after_peer)


class Kept(Traffic):
    """A fixed number of kept connections, used in turn. One that the server ended is replaced at its next use."""

    def __init__(self, connect: Connect, host: str, tally: Requests, epoch: float, connections: int) -> None:
        super().__init__(host, keep=True, tally=tally, epoch=epoch)
        self._connect = connect
        self._free: deque[Connection | None] = deque([None] * connections)
        self._waiting: deque[float] = deque()

    def send(self, due: float) -> None:
        self.tally.scheduled += 1
        self._waiting.append(due)
        self._dispatch()

    def drop_waiting(self) -> None:
        """At the end of a run: nobody will send these any more."""
        while self._waiting:
            self._waiting.popleft()
            self.lose(NOT_SENT)

    def close(self) -> None:
        for connection in self._free:
            if connection is not None:
                connection.close()

    def _dispatch(self) -> None:
        while self._waiting and self._loop.time() - self._waiting[0] > LATE_S:
            self._waiting.popleft()
            self.lose(NOT_SENT)
        while self._waiting and self._free:
            connection = self._free.popleft()
            due = self._waiting.popleft()
            try:
                usable = connection if connection is not None and connection.usable() else self._connect()
            except OSError:
                self._free.append(None)
                self.lose(NOT_SENT)
            else:
                self.transmit(usable, due, partial(self._release, usable))

    def _release(self, connection: Connection) -> None:
        self._free.append(connection)
        self._dispatch()


def fault_of(answer: Answer, nonce: str) -> str:
    """What is wrong with a complete answer; "" if nothing."""
    if answer.status == 0:
        return "unreadable"
    if answer.status != 200:
        return f"status {answer.status}"
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "wrong body"
    return "" if isinstance(body, dict) and body.get("n") == nonce else "wrong body"
