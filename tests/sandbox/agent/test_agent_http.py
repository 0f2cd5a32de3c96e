"""The API port: what it answers, on new and on kept connections."""

from __future__ import annotations

import http.client
import json
import socket

import pytest


@pytest.mark.parametrize("path", ["/health", "/version", "/work"])
def test_each_path_says_which_release_answers(agent, path):
    reply = agent.get(path)
    assert reply.status == 200
    assert reply.json() | {"version": "1.0.0", "color": "blue"} == reply.json()


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/work", 200), ("/nothing", 404)])
def test_each_answer_has_the_release_in_its_headers(agent, path, status):
    reply = agent.get(path)
    assert (reply.status, reply.headers["X-App-Version"], reply.headers["X-App-Color"]) == (status, "1.0.0", "blue")


def test_version_names_the_pod(start_agent):
    assert start_agent(HOSTNAME="pod-7").get("/version").json()["pod"] == "pod-7"


def test_work_returns_the_callers_own_number(agent):
    first, second = agent.get("/work?n=17").json(), agent.get("/work?x=1&n=18&y=2").json()
    assert (first["n"], second["n"]) == ("17", "18")
    assert first["digest"] != second["digest"]


def test_a_kept_connection_serves_many_requests(agent):
    connection = http.client.HTTPConnection("127.0.0.1", agent.api, timeout=5)
    connection.connect()
    own = connection.sock.getsockname()
    for number in range(50):
        connection.request("GET", f"/work?n={number}")
        answer = connection.getresponse()
        assert (answer.headers["Connection"], json.loads(answer.read())["n"]) == ("keep-alive", str(number))
        assert connection.sock.getsockname() == own
    connection.close()


def exchange(port: int, data: bytes) -> bytes:
    """Send, then read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(data)
        received = b""
        while chunk := sock.recv(65536):
            received += chunk
        return received


def test_close_on_request(agent):
    received = exchange(agent.api, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in received


def test_pipelined_requests_are_answered_in_order(agent):
    requests = [
        b"GET /work?n=%d HTTP/1.1\r\nHost: x\r\n%s\r\n" % (n, b"" if n < 3 else b"Connection: close\r\n")
        for n in range(4)
    ]
    received = exchange(agent.api, b"".join(requests))
    order = [received.index(b'"n": "%d"' % n) for n in range(4)]
    assert order == sorted(order)


def test_body_is_read_and_dropped(agent):
    first = b"GET /work?n=1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"
    second = b"GET /work?n=2 HTTP/1.1\r\nConnection: close\r\n\r\n"
    assert exchange(agent.api, first + second).count(b"HTTP/1.1 200 OK") == 2


def test_head_has_no_body(agent):
    received = exchange(agent.api, b"HEAD /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: minus\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, b"431"),
        (b"POST /work HTTP/1.1\r\nConnection: close\r\n\r\n", b"405"),
    ],
)
def test_what_it_cannot_serve_is_refused_in_so_many_words(agent, request_, status):
    assert exchange(agent.api, request_).startswith(b"HTTP/1.1 " + status)
    assert agent.get("/health").status == 200
