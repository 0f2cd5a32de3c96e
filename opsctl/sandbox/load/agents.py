"""Agents: clients that hold a WebSocket, talk on it, and come back when it ends."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from .connection import reason_of
from .tally import NO_CLOSE_FRAME, Agents

RECONNECT_S = 1.0  # after a close: wait a random part of this, so that agents do not all come at once
MAX_BACKOFF_S = 5.0  # after failures: twice as long each time, up to this
STARTS_PER_S = 250
NORMAL_CLOSURE = 1000


@dataclass(frozen=True)
class Timing:
    """Seconds: how long an answer may take, and from one message of an agent to its next."""

    timeout: float
    echo_every: float


@dataclass(frozen=True)
class Ended:
    """How the other side ended a connection."""

    code: int
    reason: str


class Agent:
    """One client for the whole run: connects, waits for the end of the connection, connects again."""

    def __init__(self, number: int, address: tuple[str, int], tally: Agents, epoch: float, timing: Timing) -> None:
        self._number, self._address, self._tally, self._epoch = number, address, tally, epoch
        self._timing = timing
        self._session: Session | None = None
        self._leaving = False
        self._loop = asyncio.get_running_loop()

    async def run(self, open_socket: Callable[[], socket.socket]) -> None:
        """Until `leave`, or until cancelled. Each turn waits, so it is bounded by the time of the run."""
        await asyncio.sleep(random.uniform(0, self._tally.wanted / STARTS_PER_S))
        failures, ended_at = 0, None
        while True:
            try:
                session = await self._connect(open_socket)
            except ConnectFailed as error:
                self._tally.connect_failures.add(self._now(), str(error))
                failures += 1
                await asyncio.sleep(random.uniform(0.1, min(MAX_BACKOFF_S, 0.5 * 2**failures)))
                continue
            if ended_at is not None:
                self._tally.reconnects.append(self._loop.time() - ended_at)
                self._tally.came_back.append(self._now())
            failures = 0
            ended = await self._hold(session)
            if self._leaving:
                return
            ended_at = self._loop.time()
            self._tally.closed(self._now(), ended.code, ended.reason)
            await asyncio.sleep(random.uniform(0, RECONNECT_S))

    def leave(self) -> bool:
        """Say goodbye, uncounted; `run` then ends by itself. False if there is no connection to end."""
        self._leaving = True
        if self._session is not None:
            self._session.close()
        return self._session is not None

    async def _connect(self, open_socket: Callable[[], socket.socket]) -> Session:
        """Raises ConnectFailed."""
        session = Session(self._number, self._address, self._tally, self._timing)
        try:
            async with asyncio.timeout(self._timing.timeout):
                await self._shake_hands(session, open_socket())
        except TimeoutError:
            raise ConnectFailed("timeout") from None
        except OSError as error:
            raise ConnectFailed(reason_of(error.errno)) from None
        return session

    async def _shake_hands(self, session: Session, sock: socket.socket) -> None:
        """Leaves no open socket behind if it fails."""
        try:
            await self._loop.sock_connect(sock, self._address)
            await self._loop.create_connection(lambda: session, sock=sock)
            await session.ready
        except BaseException:
            session.abort()
            sock.close()
            raise

    async def _hold(self, session: Session) -> Ended:
        self._session = session
        self._tally.opened += 1
        self._tally.open[self._number] = session.release
        self._tally.joined(session.pod)
        try:
            return await session.ended
        finally:
            self._session = None
            self._tally.open.pop(self._number, None)
            self._tally.left(session.pod)

    def _now(self) -> float:
        return self._loop.time() + self._epoch


class ConnectFailed(Exception):
    """Why no WebSocket came about, in a word or two."""


class Session(asyncio.Protocol):
    """One connection of an agent. `ready` is done after the handshake, `ended` after the end of the connection."""

    def __init__(self, number: int, address: tuple[str, int], tally: Agents, timing: Timing) -> None:
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[Ended] = self._loop.create_future()
        self.release, self.pod = ("", ""), ""
        self._number, self._tally, self._timing = number, tally, timing
        self._protocol = ClientProtocol(parse_uri(f"ws://{address[0]}:{address[1]}/ws"))
        self._count = 0
        self._awaited: bytes | None = None
        self._sent_at = 0.0
        self._silent = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        request = self._protocol.connect()
        request.headers["User-Agent"] = "opsctl-load"
        self._protocol.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._on_frame(event)
            elif self._protocol.state is State.OPEN:
                headers = event.headers
                self.release = (headers.get("X-App-Version", ""), headers.get("X-App-Color", ""))
                self.pod = headers.get("X-App-Pod", "")
        self._flush()
        self._settle_handshake()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.ready.done():
            self.ready.set_exception(ConnectFailed("reset" if exc else "cut"))
        if not self.ended.done():
            self.ended.set_result(self._how_it_ended())

    def close(self) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(NORMAL_CLOSURE)
            self._flush()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _settle_handshake(self) -> None:
        if self.ready.done():
            return
        if self._protocol.state is State.OPEN:
            self.ready.set_result(None)
            self._timer = self._loop.call_later(random.uniform(0, self._timing.echo_every), self._tick)
        elif isinstance(self._protocol.handshake_exc, InvalidStatus):
            status = self._protocol.handshake_exc.response.status_code
            self.ready.set_exception(ConnectFailed(f"status {status}"))
        elif self._protocol.handshake_exc is not None:
            self.ready.set_exception(ConnectFailed("bad handshake"))

    def _tick(self) -> None:
        """Send the next message, unless the last one is unanswered: for too long means that nobody is there."""
        if self._protocol.state is not State.OPEN:
            return
        if self._awaited is None:
            self._send_message()
        elif self._loop.time() - self._sent_at > self._timing.timeout:
            self._silent = True
            return self.abort()
        self._timer = self._loop.call_later(self._timing.echo_every * random.uniform(0.9, 1.1), self._tick)

    def _send_message(self) -> None:
        self._count += 1
        self._awaited, self._sent_at = f"{self._number}-{self._count}".encode(), self._loop.time()
        self._tally.messages += 1
        self._protocol.send_text(self._awaited)
        self._flush()

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode not in DATA_OPCODES:
            return
        self._tally.echoes += 1
        if frame.data != self._awaited:
            self._tally.wrong_echoes += 1
        self._awaited = None

    def _how_it_ended(self) -> Ended:
        received = self._protocol.close_rcvd
        if received is not None:
            return Ended(received.code, f"code {received.code}")
        return Ended(NO_CLOSE_FRAME, "no answer" if self._silent else "no close frame")

    def _flush(self) -> None:
        assert self._transport is not None, "called only after connection_made"
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:  # the protocol's mark for "end of stream"
                self._transport.close()
