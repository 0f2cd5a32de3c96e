"""Watches: any byte is a reason to look, and so is a stream that is down."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from opsctl.errors import ToolFailed, Unreachable
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.changes import TOLD_S, UNTOLD_S, ClusterChanges, Watch
from opsctl.tools.cluster.connection import Connection
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
END = object()


class Streams:
    """Stands in for `Api`: a test says what each stream gives: bytes, an error, or its end."""

    def __init__(self) -> None:
        self.queues: dict[str, queue.Queue[Any]] = {}
        self.begun: list[str] = []

    def stream(self, path: str, silence: float) -> Iterator[bytes]:
        mine = self.queues.setdefault(path.partition("?")[0].rpartition("/")[2], queue.Queue())
        self.begun.append(path)
        yield b""
        while (piece := mine.get(timeout=10)) is not END:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def give(self, kind: str, piece: Any) -> None:
        self.queues[kind].put(piece)


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest.fixture
def changes(streams: Streams) -> Iterator[ClusterChanges]:
    """Four streams, all begun, and nothing stirs."""
    made = ClusterChanges(streams, NAMES)  # type: ignore[arg-type]
    made.wait(0.0)
    until(lambda: len(streams.begun) == 4 and made.serves_s == TOLD_S and not made.stirred())
    yield made
    for watch in made._watches:
        watch.close()
    for mine in streams.queues.values():
        mine.put(END)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def waited(changes: ClusterChanges, seconds: float) -> float:
    started = time.monotonic()
    changes.wait(seconds)
    return time.monotonic() - started


def test_who_never_waits_opens_no_stream_and_trusts_no_old_look(streams: Streams) -> None:
    changes = ClusterChanges(streams, NAMES)  # type: ignore[arg-type]
    assert (changes.stirred(), changes.serves_s, streams.begun) == (False, UNTOLD_S, [])


def test_what_is_watched(changes: ClusterChanges, streams: Streams) -> None:
    assert {path.partition("?")[0] for path in streams.begun} == {
        NAMES.core("pods"), NAMES.core("services"), NAMES.apps("deployments"), NAMES.discovery("endpointslices"),
    }  # fmt: skip
    assert all("watch=1" in path and "Selector=" in path for path in streams.begun)


@pytest.mark.parametrize("kind", ["pods", "services", "deployments", "endpointslices"])
def test_a_change_wakes_and_is_told_once(changes: ClusterChanges, streams: Streams, kind: str) -> None:
    waited(changes, 0.0)
    assert waited(changes, 0.05) >= 0.05
    streams.give(kind, b'{"type": "MODIFIED"}')
    assert waited(changes, 5.0) < 4.0
    assert [changes.stirred(), changes.stirred()] == [True, False]


def test_a_failing_probe_wakes_but_is_no_change(changes: ClusterChanges) -> None:
    threading.Timer(0.02, changes.ring).start()
    assert waited(changes, 5.0) < 4.0
    assert not changes.stirred()


@pytest.mark.parametrize("end", [END, Unreachable("it broke"), ToolFailed("410 Gone")])
def test_a_stream_that_ends_is_begun_again_and_until_then_anything_may_have_changed(
    changes: ClusterChanges, streams: Streams, monkeypatch: pytest.MonkeyPatch, end: Any
) -> None:
    before = len(streams.begun)
    streams.give("pods", end)
    until(lambda: not all(watch.open for watch in changes._watches))
    assert (changes.stirred(), changes.serves_s) == (True, UNTOLD_S)
    until(lambda: len(streams.begun) == before + 1)
    until(lambda: changes.stirred() and changes.serves_s == TOLD_S)


def test_a_server_that_refuses_is_not_asked_without_end() -> None:
    watch = Watch(Refusing(), "/x", lambda: None)  # type: ignore[arg-type]
    watch.start()
    until(lambda: watch._pause > 0.5)
    assert not watch.open
    watch.close()


class Refusing:
    def stream(self, path: str, silence: float) -> Iterator[bytes]:
        raise ToolFailed("forbidden")
        yield b""


class Server(BaseHTTPRequestHandler):
    """Answers `/stream` in chunks as long as it is told to, `/cut` without an end, anything else with 403."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self) -> None:
        if self.path not in ("/stream", "/cut", "/silent"):
            self.send_error(403)
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.go_on.wait(10)
        if self.path == "/stream":
            self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def api() -> Iterator[Api]:
    import urllib3

    Server.go_on = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield Api(Connection(address, "a test", None, urllib3.PoolManager(), dict))  # type: ignore[arg-type]
    Server.go_on.set()
    server.shutdown()
    server.server_close()


def test_pieces_come_as_they_are_sent(api: Api) -> None:
    pieces = api.stream("/stream", 5.0)
    assert [next(pieces), next(pieces)] == [b"", b"first"]
    Server.go_on.set()
    assert list(pieces) == [b"second"]


def test_a_stream_that_breaks_or_falls_silent_is_no_answer(api: Api) -> None:
    with pytest.raises(Unreachable, match="a stream from"):
        list(api.stream("/silent", 0.05))
    Server.go_on.set()
    with pytest.raises(Unreachable, match="a stream from"):
        list(api.stream("/cut", 5.0))


def test_a_stream_that_is_refused(api: Api) -> None:
    with pytest.raises(ToolFailed, match="403"):
        list(api.stream("/forbidden", 5.0))
