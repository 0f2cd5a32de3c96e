"""Each fault does what it says, when it says, and probes do not set it off."""

from __future__ import annotations

import json
import time

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from opsctl.sandbox.agent.faults import FAULTS, Faults, Trigger, parse_faults
from opsctl.sandbox.agent.routes import PROBE_AGENT, SOME


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("never_ready", {"never_ready": Trigger()}),
        ("crash_after=10", {"crash": Trigger(10)}),
        (" error_after_traffic=0.5 , slow", {"error": Trigger(0.5, since_traffic=True), "slow": Trigger()}),
        ("error_when_told", {"error": Trigger(when_told=True)}),
        ("refuse_websocket_after=5,break_metrics", {"refuse_websocket": Trigger(5), "break_metrics": Trigger()}),
    ],
)
def test_parse(text, found):
    assert parse_faults(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "eror",
        "error=5",
        "error_after",
        "error_after=",
        "error_after=soon",
        "_after=1",
        "error_when_told=1",
        "_when_told",
    ],
)
def test_a_typing_mistake_is_not_a_healthy_release(text, launch_agent):
    with pytest.raises(ValueError, match="MISBEHAVE"):
        parse_faults(text)
    agent = launch_agent(MISBEHAVE=text)
    assert agent.wait() == 2
    assert "MISBEHAVE" in agent.log_lines()[0]


def test_a_wrong_number_is_named(launch_agent):
    agent = launch_agent(DRAIN_SECONDS="long")
    assert agent.wait() == 2
    assert "DRAIN_SECONDS" in agent.log_lines()[0]


def test_every_fault_begins_when_it_should():
    now = time.monotonic()
    for name in FAULTS:
        assert not Faults({}, now).active(name)
        assert Faults({name: Trigger(5)}, now - 6).active(name)
        assert not Faults({name: Trigger(5)}, now - 4).active(name)
        waiting = Faults({name: Trigger(0, since_traffic=True)}, now - 100)
        assert not waiting.active(name)
        waiting.saw_traffic()
        assert waiting.active(name)
        obedient = Faults({name: Trigger(when_told=True)}, now - 100)
        obedient.saw_traffic()
        assert not obedient.active(name)
        assert obedient.told(60.0)
        assert obedient.active(name)


def test_never_ready(start_agent, http_request):
    agent = start_agent(MISBEHAVE="never_ready")
    assert (agent.get("/health").status, http_request(agent.websocket, "/health").status) == (503, 503)


def test_crash_at_start(launch_agent):
    agent = launch_agent(MISBEHAVE="crash_at_start")
    assert agent.wait() == 1
    assert agent.events("crash")
    assert not agent.events("listening")


def test_crash_ends_connections_without_a_close_frame(start_agent, dial):
    agent = start_agent(MISBEHAVE="crash_after_traffic=0")
    client = dial(agent)
    assert agent.wait() == 1
    with pytest.raises(ConnectionClosedError, match="no close frame"):
        client.recv(timeout=5)


@pytest.mark.parametrize("fault", ["error", "work_error"])
def test_errors_begin_with_traffic_and_not_with_probes(start_agent, dial, fault):
    agent = start_agent(MISBEHAVE=f"{fault}_after_traffic=0")
    for path in ("/health", "/version", "/work"):
        assert agent.get(path, user_agent=f"{PROBE_AGENT}/1").status == 200
    dial(agent, PROBE_AGENT)
    assert agent.get("/health").status == 200
    reply = agent.get("/work")
    assert (reply.status, reply.headers["X-App-Version"]) == (500, "1.0.0")
    assert agent.get("/health").status == (500 if fault == "error" else 200)


def test_one_pod_can_be_told_to_fail(start_agent):
    agent = start_agent(MISBEHAVE="error_when_told")
    agent.get("/work")
    assert agent.get("/health").status == 200
    assert agent.get("/misbehave").status == 200
    assert agent.get("/health").status == 500
    assert agent.get("/misbehave?for=0.1").status == 200
    assert agent.get("/health").status == 500
    time.sleep(0.1)
    assert agent.get("/health").status == 200


def test_a_good_agent_is_told_nothing(start_agent):
    agent = start_agent()
    assert agent.get("/misbehave").status == 404
    assert agent.get("/work").status == 200


def test_some_errors(start_agent):
    agent = start_agent(MISBEHAVE="some_work_error")
    statuses = [agent.get("/work").status for _ in range(2 * SOME)]
    assert (statuses.count(500), agent.get("/health").status) == (2, 200)


def test_a_users_websocket_is_traffic_too(start_agent, dial):
    agent = start_agent(MISBEHAVE="error_after_traffic=0")
    dial(agent)
    assert agent.get("/health").status == 500


@pytest.mark.parametrize(("fault", "slow_paths"), [("slow", {"/work", "/health"}), ("work_slow", {"/work"})])
def test_slow(start_agent, fault, slow_paths):
    agent = start_agent(MISBEHAVE=fault, SLOW_SECONDS="1.5")
    for path in ("/work", "/health"):
        began = time.monotonic()
        assert agent.get(path).status == 200
        assert (time.monotonic() - began >= 1.5) == (path in slow_paths)


def test_refuse_websocket_keeps_health_good(start_agent, dial, http_request):
    agent = start_agent(MISBEHAVE="refuse_websocket")
    with pytest.raises(InvalidStatus) as refused:
        dial(agent, PROBE_AGENT)
    assert refused.value.response.status_code == 503
    assert http_request(agent.websocket, "/health").status == 200


def test_break_metrics_answers_200_with_no_metrics(start_agent, http_request):
    agent = start_agent(MISBEHAVE="break_metrics")
    reply = http_request(agent.scrape, "/metrics")
    assert reply.status == 200
    assert b"app_info" not in reply.body


def test_logs_are_json_lines_that_say_who_speaks(start_agent):
    agent = start_agent(HOSTNAME="pod-1")
    agent.process.terminate()
    agent.wait()
    lines = [json.loads(line) for line in agent.log_lines()]
    assert [line["event"] for line in lines] == ["listening", "draining", "stopped"]
    for line in lines:
        assert line | {"level": "info", "version": "1.0.0", "color": "blue", "pod": "pod-1"} == line
        assert "T" in line["time"]
