"""How a request ends, told apart on servers that misbehave on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

import pytest

from opsctl.sandbox.load.connection import Answer, Connection
from opsctl.sandbox.load.requests import Fresh, Kept, fault_of
from opsctl.sandbox.load.source import Source
from opsctl.sandbox.load.tally import Requests

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-App-Version: 7\r\nX-App-Color: green\r\n\r\n{}"
RESET = struct.pack("ii", 1, 0)


def ask(behave, timeout: float = 2.0) -> Answer | str:
    """One request to a server that does `behave(reader, writer)`; what the meter says came of it."""

    async def run() -> Answer | str:
        server = await asyncio.start_server(behave, "127.0.0.1", 0)
        result = await exchange(server.sockets[0].getsockname()[1], timeout)
        server.close()
        return result

    return asyncio.run(run())


async def exchange(port: int, timeout: float) -> Answer | str:
    done = asyncio.get_running_loop().create_future()
    connection = Connection(Source().open(), ("127.0.0.1", port), timeout)
    connection.request(b"GET / HTTP/1.1\r\n\r\n", done.set_result)
    result = await done
    connection.close()
    return result


def answering(data: bytes):
    async def behave(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.close()

    return behave


def test_a_complete_answer():
    assert ask(answering(GOOD)) == Answer(200, b"{}", "7", "green")


def test_an_answer_in_small_pieces():
    async def behave(reader, writer):
        for byte in GOOD:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    assert ask(behave) == Answer(200, b"{}", "7", "green")


@pytest.mark.parametrize("length", [0, 10, len(GOOD) - 1])
def test_closed_before_the_answer_was_complete_is_cut(length):
    assert ask(answering(GOOD[:length])) == "cut"


def test_reset():
    async def behave(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()

    assert ask(behave) == "reset"


def test_no_answer_is_a_timeout():
    async def behave(reader, writer):
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    assert ask(behave, timeout=0.1) == "timeout"


def test_nobody_listens_is_refused():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        assert asyncio.run(exchange(sock.getsockname()[1], 2.0)) == "refused"


def test_something_else_than_http_is_unreadable():
    result = ask(answering(b"SSH-2.0-x\r\n\r\n"))
    assert isinstance(result, Answer)
    assert fault_of(result, "1") == "unreadable"


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, b'{"n": "5"}', ""),
        (200, b'{"n": "6"}', "wrong body"),
        (200, b"[]", "wrong body"),
        (200, b"<html>", "wrong body"),
        (200, b"", "wrong body"),
        (500, b'{"n": "5"}', "status 500"),
        (503, b"", "status 503"),
        (404, b"", "status 404"),
    ],
)
def test_what_is_wrong_with_an_answer(status, body, fault):
    assert fault_of(Answer(status, body, "", ""), "5") == fault


def test_a_request_that_is_a_second_late_is_lost_and_never_sent():
    def refuse_to_connect() -> Connection:
        raise AssertionError("it was sent")

    async def run() -> tuple[Requests, Requests]:
        fresh, kept = Requests(), Requests()
        due = asyncio.get_running_loop().time() - 1.1
        Fresh(refuse_to_connect, "x", fresh, 0.0, lambda *_: None).send(due)
        Kept(refuse_to_connect, "x", kept, 0.0, 1).send(due)
        return fresh, kept

    for tally in asyncio.run(run()):
        assert (tally.scheduled, tally.sent, dict(tally.lost.by)) == (1, 0, {"not sent": 1})


def test_without_a_free_socket_a_request_is_lost_and_not_an_accident():
    def no_socket_left() -> Connection:
        raise OSError(24, "too many open files")

    async def run() -> Requests:
        tally = Requests()
        due = asyncio.get_running_loop().time()
        Fresh(no_socket_left, "x", tally, 0.0, lambda *_: None).send(due)
        Kept(no_socket_left, "x", tally, 0.0, 1).send(due)
        return tally

    assert dict(asyncio.run(run()).lost.by) == {"not sent": 2}


def test_a_kept_connection_that_the_server_ended_is_replaced_without_a_loss():
    served: list[int] = []

    async def one_answer_each(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        served.append(writer.get_extra_info("peername")[1])
        nonce = request.split(b"n=")[1].split(b" ")[0]
        body = b'{"n": "%s"}' % nonce
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async def run() -> Requests:
        loop, tally = asyncio.get_running_loop(), Requests()
        server = await asyncio.start_server(one_answer_each, "127.0.0.1", 0)
        target, source = server.sockets[0].getsockname(), Source()
        kept = Kept(lambda: Connection(source.open(), target, 2.0), "x", tally, 0.0, 1)
        for count in range(1, 4):
            kept.send(loop.time())
            while tally.answered + tally.lost.span.count < count:
                await asyncio.sleep(0.001)
        kept.close()
        server.close()
        return tally

    tally = asyncio.run(run())
    assert (tally.answered, tally.lost.span.count, tally.bad.span.count) == (3, 0, 0)
    assert len(set(served)) == 3
