"""The WebSocket port: echo on /ws up to a number of connections, plain HTTP on /health.

The protocol itself (handshake, frames, close) is the part of `websockets` that does no I/O: it has the same interface
in 10.4 and later, while the library's old and new asyncio servers have nothing in common.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

try:
    from websockets.server import ServerProtocol
except ImportError:  # its name in 10.4
    from websockets.server import ServerConnection as ServerProtocol

from .faults import Faults
from .metrics import Metrics
from .routes import is_probe

PROBE_SLOTS = 2  # kept free of users, so that opsctl's probe of a full pod does not call it broken
HANDSHAKE_S = 10.0
PING_S = 20.0  # under a load balancer's 60 s idle timeout, and finds peers that vanished
CLOSE_S = 5.0  # how long the peer may take to answer a close frame
BATCH_S = 0.25
SERVICE_RESTART = 1012

CONTINUATION, TEXT, BINARY = 0, 1, 2


class WebSocketPort:
    """One listening port. `health` tells the status that /health answers."""

    def __init__(
        self,
        health: Callable[[], HTTPStatus],
        metrics: Metrics,
        faults: Faults,
        headers: Mapping[str, str],
        max_connections: int,
    ) -> None:
        self.health, self.metrics, self.faults, self.headers = (
            health,
            metrics,
            faults,
            dict(headers),
        )
        self.max_connections = max_connections
        self.draining = False
        self.peers: set[Peer] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Returns the port, which the system chose if it was 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Peer(self), host, port, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    def stop_accepting(self) -> None:
        self.draining = True
        if self._server is not None:
            self._server.close()

    async def close_peers(self, within_s: float) -> int:
        """Close in small random batches over most of `within_s`, so that clients come back spread out.

        Returns how many did not go by themselves and were cut.
        """
        deadline = time.monotonic() + within_s
        for batch in batches(list(self.peers), int(0.8 * within_s / BATCH_S)):
            for peer in batch:
                peer.close(SERVICE_RESTART, "restarting")
            await asyncio.sleep(BATCH_S * random.uniform(0.5, 1.5) if self.peers else 0)
        while self.peers and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        left = list(self.peers)
        for peer in left:
            peer.abort()
        return len(left)

    def let_go(self, count: int, within_s: float) -> int:
        """Close so many users' connections, each at a random moment of `within_s`. Whoever goes already is not counted.

        Returns how many there are to close.
        """
        staying = [peer for peer in self.peers if peer.stays]
        going = random.sample(staying, min(count, len(staying)))
        for peer in going:
            peer.close_within(within_s)
        return len(going)

    def sweep(self) -> None:
        for peer in list(self.peers):
            peer.check_alive(time.monotonic())

    def refusal(self, probe: bool) -> str:
        """Why a new WebSocket is refused now; empty if it is welcome."""
        if self.draining:
            return "draining"
        if self.faults.active("refuse_websocket"):
            return "fault"
        users, probes = (
            self.metrics.websocket_connections,
            self.metrics.websocket_probe_connections,
        )
        full = users + probes >= self.max_connections or (not probe and users >= self.max_connections - PROBE_SLOTS)
        return "full" if full else ""


def batches(peers: list[Peer], count: int) -> list[list[Peer]]:
    """Dealt out at random into at most `count` batches of nearly equal size; none is empty."""
    random.shuffle(peers)
    count = min(max(1, count), len(peers))
    return [peers[start::count] for start in range(count)]


class Peer(asyncio.Protocol):
    """One connection: a handshake or a plain request, then echo."""

    def __init__(self, port: WebSocketPort) -> None:
        self._port = port
        self._protocol: Any = ServerProtocol(max_size=64 * 1024)
        self._open: str = ""  # "user" or "probe" once the handshake is done
        self._leaves = False
        self._last_heard = self._last_ping = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._port.peers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._port.peers.discard(self)
        if self._open == "user":
            self._port.metrics.websocket_connections -= 1
        elif self._open == "probe":
            self._port.metrics.websocket_probe_connections -= 1

    # A client that sends but does not read is not read from either: its echoes would pile up here.
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._last_heard = time.monotonic()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if hasattr(event, "opcode"):
                self._echo(event)
            else:
                self._answer(event)
        self._flush()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    @property
    def stays(self) -> bool:
        """A user's, and not asked to go yet."""
        return self._open == "user" and not self._leaves and self._protocol.state.name == "OPEN"

    def close_within(self, seconds: float) -> None:
        self._leaves = True
        asyncio.get_running_loop().call_later(random.uniform(0, seconds), self.close, SERVICE_RESTART, "moving")

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; a peer that does not answer it is cut."""
        if self._protocol.state.name == "OPEN":
            self._protocol.send_close(code, reason)
            self._flush()
            asyncio.get_running_loop().call_later(CLOSE_S, self.abort)
        elif not self._open:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def check_alive(self, now: float) -> None:
        silent = now - self._last_heard
        if silent > (2 * PING_S if self._open else HANDSHAKE_S):
            self.abort()
        elif silent > PING_S and now - self._last_ping > PING_S and self._protocol.state.name == "OPEN":
            self._last_ping = now
            self._protocol.send_ping(b"")
            self._flush()

    def _answer(self, request: Any) -> None:
        """The one HTTP request of this connection: an upgrade, or anything else."""
        began, path = time.monotonic(), request.path.partition("?")[0]
        probe = is_probe(request.headers.get("User-Agent", ""))
        response = self._response(request, path, probe)
        for name, value in self._port.headers.items():
            response.headers[name] = value
        self._protocol.send_response(response)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._opened(probe)
        if not (probe and path == "/ws"):
            label = path if path in ("/health", "/ws") else "other"
            self._port.metrics.request("websocket", label, int(response.status_code), time.monotonic() - began)

    def _response(self, request: Any, path: str, probe: bool) -> Any:
        if path == "/health":
            status = self._port.health()
            return self._protocol.reject(status, f"{status.phrase}\n")
        if path != "/ws":
            return self._protocol.reject(HTTPStatus.NOT_FOUND, "no such path; there are /ws and /health\n")
        response = self._protocol.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return response
        if not probe:
            self._port.faults.saw_traffic()
        refusal = self._port.refusal(probe)
        if refusal:
            self._port.metrics.websocket_refusals[refusal] += 1
            return self._protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, f"no more connections here: {refusal}\n")
        return response

    def _opened(self, probe: bool) -> None:
        metrics = self._port.metrics
        if probe:
            self._open = "probe"
            metrics.websocket_probe_connections += 1
            metrics.websocket_probe_accepts += 1
        else:
            self._open = "user"
            metrics.websocket_connections += 1
            metrics.websocket_accepts += 1

    def _echo(self, frame: Any) -> None:
        if self._protocol.state.name != "OPEN":
            return
        if frame.opcode == TEXT:
            self._protocol.send_text(frame.data, frame.fin)
        elif frame.opcode == BINARY:
            self._protocol.send_binary(frame.data, frame.fin)
        elif frame.opcode == CONTINUATION:
            self._protocol.send_continuation(frame.data, frame.fin)
        if frame.opcode <= BINARY and frame.fin and self._open == "user":
            self._port.metrics.websocket_messages += 1

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:  # the protocol's mark for "end of stream"
                self._transport.close()
