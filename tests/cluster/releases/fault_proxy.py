"""A way to the API server that can be broken: refused, frozen, slow, answered for, or robbed of its answers.

It speaks plain HTTP to whoever comes and TLS with the kubeconfig's own certificate to the server. Requests are
understood as far as it takes to find their beginnings; all else passes as bytes, WebSockets and watches too.
"""

from __future__ import annotations

import json
import re
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

from opsctl.tools.cluster.connection import Connection

_CHUNK = 1 << 16
Kind = Literal["status", "lose", "cut", "delay", "hold"]


@dataclass
class Fault:
    """What happens to some requests. `call` is a regular expression for "METHOD /path?query".

    status: answered with `value` instead of by the server · lose: the server does it, its answer never arrives ·
    cut: the connection ends before the server hears of it · delay: forwarded after `value` seconds ·
    hold: never forwarded, and not answered for as long as the client cares to wait.
    Matching calls number `first` (from 1) to `first + times - 1` are struck.
    """

    kind: Kind
    call: str
    value: float = 0
    first: int = 1
    times: int = 1
    seen: int = 0
    struck: int = 0

    def strikes(self, call: str) -> bool:
        if not re.search(self.call, call):
            return False
        self.seen += 1
        hit = self.first <= self.seen < self.first + self.times
        self.struck += hit
        return hit


class FaultProxy:
    """`with` starts it. `calls` are the requests that came, as "METHOD /path?query"."""

    def __init__(self, server: Connection) -> None:
        parts = urlsplit(server.server)
        self._server = (parts.hostname or "", parts.port or 443)
        self._tls = server.tls
        self._port = 0
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._thawed = threading.Event()
        self._thawed.set()
        self._clients: set[socket.socket] = set()
        self.faults: list[Fault] = []
        self.calls: list[str] = []

    def __enter__(self) -> FaultProxy:
        self._listen()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.refuse()
        self._thawed.set()

    def kubeconfig(self, file: Path) -> Path:
        """Write one whose only context, `sandbox`, leads here."""
        cluster = {"name": "proxied", "cluster": {"server": f"http://127.0.0.1:{self._port}"}}
        context = {"name": "sandbox", "context": {"cluster": "proxied", "user": "nobody"}}
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "sandbox", "clusters": [cluster],
            "contexts": [context], "users": [{"name": "nobody", "user": {}}],
        }  # fmt: skip
        file.write_text(json.dumps(config))
        return file

    def add(self, kind: Kind, call: str, value: float = 0, *, first: int = 1, times: int = 1) -> Fault:
        self.faults.append(Fault(kind, call, value, first, times))
        return self.faults[-1]

    def refuse(self) -> None:
        """Nobody listens any more, and open connections break."""
        with self._lock:
            listener, self._listener = self._listener, None
            clients = list(self._clients)
        for found in [*([listener] if listener else []), *clients]:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
        if listener:
            listener.close()

    def freeze(self) -> None:
        """Connections stay, new ones are taken, and nothing moves. What was asked meanwhile is done after `heal`."""
        self._thawed.clear()

    def heal(self) -> None:
        self._thawed.set()
        if self._listener is None:
            self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=128)
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._clients.add(client)
        try:
            self._thawed.wait()
            with client, self._tls.wrap_socket(
                socket.create_connection(self._server, timeout=5), server_hostname=self._server[0]
            ) as server:  # fmt: skip
                _Relay(self, client, server).run()
        except OSError:
            return  # one side went away, as connections do
        finally:
            with self._lock:
                self._clients.discard(client)

    def struck_by(self, call: str) -> Fault | None:
        with self._lock:
            self.calls.append(call)
            return next((fault for fault in self.faults if fault.strikes(call)), None)

    def wait_while_frozen(self) -> None:
        self._thawed.wait()


class _Relay:
    """One client's connection and its own to the server."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: ssl.SSLSocket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""
        self._body_left = 0
        self._raw = self._losing = self._over = False

    def run(self) -> None:
        while not self._over:
            pending = self.server.pending() > 0
            ready = [self.server] if pending else select.select([self.client, self.server], [], [])[0]
            for source in ready:
                chunk = _received(source)
                if chunk is None:
                    continue
                self.proxy.wait_while_frozen()
                self._pass_on(source, chunk)

    def _pass_on(self, source: socket.socket, chunk: bytes) -> None:
        if not chunk:
            self._over = True
        elif source is self.client:
            self._from_client(chunk)
        elif self._losing:
            self._over = True  # the server has answered, so it has done what it was asked
        else:
            self.client.sendall(chunk)

    def _from_client(self, chunk: bytes) -> None:
        if not self._raw and not self._body_left:
            self._head += chunk
            head, end, rest = self._head.partition(b"\r\n\r\n")
            if end:
                self._head = b""
                self._begin(head, rest)
            return
        self._body_left = max(0, self._body_left - len(chunk))
        self.server.sendall(chunk)

    def _begin(self, head: bytes, rest: bytes) -> None:
        method, path, *_ = head.split(b"\r\n", 1)[0].decode().split(" ")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        self._raw = re.search(rb"(?i)\r\nupgrade:", head) is not None
        self._body_left = (int(length[1]) if length else 0) - len(rest)
        fault = self.proxy.struck_by(f"{method} {path}")
        if fault and fault.kind == "delay":
            time.sleep(fault.value)
        if fault and fault.kind in ("status", "cut", "hold"):
            self._answer_for_the_server(fault)
            return
        self._losing = fault is not None and fault.kind == "lose"
        self.server.sendall(head + b"\r\n\r\n" + rest)

    def _answer_for_the_server(self, fault: Fault) -> None:
        self._over = True
        if fault.kind == "hold":
            while self.client.recv(_CHUNK):
                continue
        if fault.kind != "status":
            return
        while self._body_left > 0:  # an answer to a question that is still being asked would be a broken connection
            self._body_left -= len(self.client.recv(_CHUNK)) or self._body_left
        code = int(fault.value)
        reason, words = _REFUSALS[code]
        said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
        body = json.dumps({**said, "reason": reason, "message": words}).encode()
        head = f"HTTP/1.1 {code} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self.client.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)


_REFUSALS = {
    403: ("Forbidden", "services is forbidden: made up by a test"),
    409: ("Conflict", "Operation cannot be fulfilled: the object has been modified; please apply your changes again"),
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    500: ("InternalError", "Internal error occurred: made up by a test"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}  # reasons and words as an API server has them


def _received(source: socket.socket) -> bytes | None:
    """None where TLS had something to say, but no data."""
    source.setblocking(False)
    try:
        return source.recv(_CHUNK)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
    finally:
        source.setblocking(True)
