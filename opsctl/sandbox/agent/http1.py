"""A small HTTP/1.1 server port: kept connections, bounded input, and a drain that cuts nobody off.

Hand-made because the image has no HTTP framework, and a handler that answers without awaiting costs about 50 µs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
KEEP_IDLE_S = 75.0  # longer than a load balancer's 60 s, so that it never reuses a connection that we just closed
DRAIN_IDLE_S = 3.0  # while draining, a kept connection that is silent for so long is closed


@dataclass(frozen=True)
class Request:
    """Header names are lower case. `query` is what follows the question mark."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    keep_alive: bool


@dataclass(frozen=True)
class Response:
    """`delay_s`: answer so much later."""

    status: int
    body: bytes
    content_type: str = "application/json"
    delay_s: float = 0.0


Respond = Callable[[Request], Response]
Observe = Callable[[Request, int, float], None]


class HttpPort:
    """One listening port. `connected` hears of each connection, `observe` of each answer (request, status, seconds)."""

    def __init__(
        self,
        respond: Respond,
        headers: Mapping[str, str],
        observe: Observe = lambda *_: None,
        connected: Callable[[], None] = lambda: None,
    ) -> None:
        self.respond, self.observe, self.connected = respond, observe, connected
        self.fixed_headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.draining = False
        self.connections: set[HttpConnection] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Returns the port, which the system chose if it was 0."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: HttpConnection(self), host, port, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    def stop_accepting(self) -> None:
        """Close the listener; each connection ends with the answer to its next request."""
        self.draining = True
        if self._server is not None:
            self._server.close()

    def sweep(self) -> None:
        """Close what has been silent too long."""
        limit = time.monotonic() - (DRAIN_IDLE_S if self.draining else KEEP_IDLE_S)
        for connection in [c for c in self.connections if not c.busy and c.last_used < limit]:
            connection.close()


class HttpConnection(asyncio.Protocol):
    """Requests one after the other; `busy` while one is being answered."""

    def __init__(self, port: HttpPort) -> None:
        self._port = port
        self._buffer = bytearray()
        self.busy = False
        self.last_used = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._port.connections.add(self)
        self._port.connected()

    def connection_lost(self, exc: Exception | None) -> None:
        self._port.connections.discard(self)

    # A client that sends but does not read is not read from either: its answers would pile up here.
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > MAX_HEAD + MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._serve()

    def close(self) -> None:
        self._transport.close()

    def _serve(self) -> None:
        while not self.busy and not self._transport.is_closing():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEAD:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            try:
                request = parse_head(bytes(self._buffer[:end]))
                body_length = length_of_body(request)
            except BadRequest as error:
                return self._refuse(error.status)
            if len(self._buffer) < end + 4 + body_length:
                return
            del self._buffer[: end + 4 + body_length]
            self._answer(request)

    def _answer(self, request: Request) -> None:
        self.busy, began = True, time.monotonic()
        response = self._port.respond(request)
        if response.delay_s:
            asyncio.get_running_loop().call_later(response.delay_s, self._finish_later, request, response, began)
        else:
            self._finish(request, response, began)

    def _finish_later(self, request: Request, response: Response, began: float) -> None:
        self._finish(request, response, began)
        self._serve()

    def _finish(self, request: Request, response: Response, began: float) -> None:
        self.busy, self.last_used = False, time.monotonic()
        self._port.observe(request, response.status, self.last_used - began)
        keep = request.keep_alive and not self._port.draining
        self._send(response, keep, with_body=request.method != "HEAD")

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(
            Response(status, b'{"error": "%s"}\n' % status.phrase.encode()),
            keep=False,
            with_body=True,
        )

    def _send(self, response: Response, keep: bool, with_body: bool) -> None:
        head = (
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
            f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body)}\r\n"
            f"{self._port.fixed_headers}Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        )
        self._transport.write(head.encode() + (response.body if with_body else b""))
        if not keep:
            self._transport.close()


class BadRequest(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def parse_head(head: bytes) -> Request:
    """Request line and headers without the final empty line. Raises BadRequest."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not words[1].startswith("/"):
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    path, _, query = words[1].partition("?")
    wish = headers.get("connection", "").lower()
    keep_alive = wish != "close" and (words[2] == "HTTP/1.1" or wish == "keep-alive")
    return Request(words[0], path, query, headers, keep_alive)


def length_of_body(request: Request) -> int:
    """Bodies are read and dropped. Chunked ones are refused: nothing here needs them. Raises BadRequest."""
    if "transfer-encoding" in request.headers:
        raise BadRequest(HTTPStatus.NOT_IMPLEMENTED)
    text = request.headers.get("content-length", "0")
    if not text.isdecimal():
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    if int(text) > MAX_BODY:
        raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return int(text)
