"""SIGTERM: nobody who is being served is cut off, and the process ends by itself."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import ConnectionClosed


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_without_connections_it_ends_at_once_with_0(agent):
    began = time.monotonic()
    agent.signal(signal.SIGTERM)
    assert agent.wait() == 0
    assert time.monotonic() - began < 2
    assert agent.events("stopped")[0]["cut"] == 0


def test_new_connections_are_refused_and_metrics_stay(agent, dial, eventually):
    dial(agent)
    agent.signal(signal.SIGTERM)
    eventually(lambda: is_refused(agent.api) and is_refused(agent.websocket), "the listeners to close")
    assert agent.metric("app_info") == 1
    assert agent.wait() == 0


def test_a_request_in_flight_is_answered_with_connection_close(start_agent, eventually):
    agent = start_agent(MISBEHAVE="slow", SLOW_SECONDS="1")
    connection = http.client.HTTPConnection("127.0.0.1", agent.api, timeout=10)
    connection.request("GET", "/work")
    agent.signal(signal.SIGTERM)
    eventually(lambda: bool(agent.events("draining")), "the drain to begin")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert agent.wait() == 0


def test_a_kept_connection_gets_one_more_answer(agent, eventually):
    connection = http.client.HTTPConnection("127.0.0.1", agent.api, timeout=10)
    connection.request("GET", "/work")
    assert connection.getresponse().read()
    agent.signal(signal.SIGTERM)
    eventually(lambda: is_refused(agent.api), "the listener to close")
    connection.request("GET", "/work")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert agent.wait() == 0


def test_sockets_are_closed_with_1012_spread_over_time(agent, dial):
    clients = [dial(agent) for _ in range(20)]
    agent.signal(signal.SIGTERM)

    def until_closed(client) -> tuple[int, float]:
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=10)
        return client.protocol.close_rcvd.code, time.monotonic()

    with ThreadPoolExecutor(len(clients)) as threads:
        ended = list(threads.map(until_closed, clients))
    times = [at for _, at in ended]
    assert {code for code, _ in ended} == {1012}
    assert 0.5 < max(times) - min(times) < 2.5
    assert agent.wait() == 0
    assert agent.events("stopped")[0]["cut"] == 0


def test_a_client_that_does_not_answer_is_cut_at_the_end_of_the_time(agent):
    client = socket.create_connection(("127.0.0.1", agent.websocket), timeout=10)
    client.sendall(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert client.recv(65536).startswith(b"HTTP/1.1 101")
    began = time.monotonic()
    agent.signal(signal.SIGTERM)
    assert agent.wait() == 0
    assert 1.5 < time.monotonic() - began < 4
    assert agent.events("stopped")[0]["cut"] == 1
    client.close()


def test_it_lets_as_many_go_as_it_is_asked_to(agent, dial, eventually):
    clients = [dial(agent) for _ in range(10)]
    assert ask_to_drain(agent, "n=4&within=0.2") == (200, "4")
    eventually(lambda: agent.metric("websocket_connections") == 6, "four to go")
    codes = [client.protocol.close_rcvd.code for client in clients if client.protocol.close_rcvd]
    assert codes == [1012] * 4
    assert ask_to_drain(agent, "n=100") == (200, "6")
    eventually(lambda: agent.metric("websocket_connections") == 0, "the rest to go")


def test_it_serves_on_and_takes_new_ones_meanwhile(agent, dial, eventually):
    dial(agent)
    ask_to_drain(agent, "n=1&within=0")
    eventually(lambda: agent.metric("websocket_connections") == 0, "it to go")
    client = dial(agent)
    client.send("still there?")
    assert client.recv(timeout=5) == "still there?"
    assert agent.get("/health").status == 200


def test_whoever_is_asked_to_go_is_not_asked_twice(agent, dial):
    for _ in range(5):
        dial(agent)
    assert ask_to_drain(agent, "n=3&within=60") == (200, "3")
    assert ask_to_drain(agent, "n=5&within=60") == (200, "2")


@pytest.mark.parametrize("query", ["", "n=", "n=-1", "n=two", "n=1&within=1e9", "n=1&within=nan"])
def test_a_mistyped_wish_is_refused(agent, dial, query):
    dial(agent)
    assert ask_to_drain(agent, query)[0] == 400
    assert agent.metric("websocket_connections") == 1


def test_nobody_goes_because_somebody_looks(agent, dial):
    dial(agent)
    assert ask_to_drain(agent, "n=1", method="GET")[0] == 405
    assert agent.metric("websocket_connections") == 1


def ask_to_drain(agent, query: str, method: str = "POST") -> tuple[int, str]:
    """Status, and how many it says will go."""
    connection = http.client.HTTPConnection("127.0.0.1", agent.scrape, timeout=5)
    connection.request(method, f"/drain?{query}")
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()).get("letting_go", "")
