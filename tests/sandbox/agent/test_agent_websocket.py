"""The WebSocket port: echo, the limit, and the two slots kept for probes."""

from __future__ import annotations

import contextlib
import socket

import pytest
from websockets.exceptions import InvalidStatus

from opsctl.sandbox.agent.routes import PROBE_AGENT


def status_of_refusal(dial, agent, user_agent: str = "test") -> int:
    with pytest.raises(InvalidStatus) as refused:
        dial(agent, user_agent)
    return refused.value.response.status_code


def test_echo(agent, dial):
    client = dial(agent)
    for message in ("hello", b"\x00\xff", "", "x" * 60_000):
        client.send(message)
        assert client.recv(timeout=5) == message
    client.send(["in ", "three ", "parts"])
    assert client.recv(timeout=5) == "in three parts"


def test_ping_is_answered(agent, dial):
    client = dial(agent)
    assert client.ping().wait(5)


def test_the_clients_close_is_answered(agent, dial):
    client = dial(agent)
    client.close(1000)
    assert client.protocol.close_rcvd.code == 1000


def test_a_message_over_the_limit_ends_the_connection_with_1009(agent, dial):
    client = dial(agent)
    client.send("x" * 70_000)
    with contextlib.suppress(Exception):
        client.recv(timeout=5)
    assert client.close_code == 1009


def test_the_handshake_says_which_release_answers(agent, dial):
    client = dial(agent)
    assert client.response.headers["X-App-Version"] == "1.0.0"
    assert client.response.headers["X-App-Color"] == "blue"


def test_health_is_plain_http_on_this_port_too(agent, http_request):
    reply = http_request(agent.websocket, "/health")
    assert (reply.status, reply.headers["X-App-Version"]) == (200, "1.0.0")


@pytest.mark.parametrize(("path", "status"), [("/ws", 426), ("/nothing", 404)])
def test_plain_http_elsewhere_is_refused(agent, http_request, path, status):
    assert http_request(agent.websocket, path).status == status


def test_at_most_a_hundred_connections_two_of_them_for_probes(agent, dial):
    for _ in range(98):
        dial(agent)
    assert status_of_refusal(dial, agent) == 503
    probe, _ = dial(agent, PROBE_AGENT), dial(agent, PROBE_AGENT)
    probe.send("still well")
    assert probe.recv(timeout=5) == "still well"
    assert status_of_refusal(dial, agent, PROBE_AGENT) == 503
    assert agent.metric("websocket_connections") == 98
    assert agent.metric("websocket_refusals_total", reason="full") == 2


def test_health_stays_good_when_full(start_agent, dial, http_request):
    agent = start_agent(MAX_CONNECTIONS="3")
    dial(agent)
    assert status_of_refusal(dial, agent) == 503
    assert http_request(agent.websocket, "/health").status == 200
    assert agent.get("/health").status == 200


def test_a_freed_place_is_given_again(start_agent, dial, eventually):
    agent = start_agent(MAX_CONNECTIONS="3")
    dial(agent).close()
    eventually(lambda: agent.metric("websocket_connections") == 0, "the place to be free")
    client = dial(agent)
    client.send("x")
    assert client.recv(timeout=5) == "x"


def test_a_client_that_vanishes_frees_its_place(agent, dial, eventually):
    client = dial(agent)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    client.socket.close()
    eventually(lambda: agent.metric("websocket_connections") == 0, "the place to be free")
