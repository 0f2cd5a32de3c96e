"""The meter against real agent processes that are well, killed, frozen, drained or wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opsctl.sandbox.load.summary import summary


class MeterProcess:
    """A running meter; its lines go to a file, so that nothing waits for a reader."""

    def __init__(self, out: Path, *arguments: object) -> None:
        self._out = out
        argv = [sys.executable, "-m", "opsctl.sandbox.load", *map(str, arguments)]
        with out.open("wb") as stdout:
            self.process = subprocess.Popen(argv, stdout=stdout)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._out.read_text().splitlines() if line.endswith("}")]

    def seconds(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["event"] == "second"]

    def report(self) -> dict[str, Any]:
        assert self.process.wait(40) == 0
        return self.lines()[-1]


@pytest.fixture
def start_meter(tmp_path):
    started: list[MeterProcess] = []

    def start(agent, *arguments: object) -> MeterProcess:
        ports = ["--api-port", agent.api, "--ws-port", agent.websocket]
        started.append(MeterProcess(tmp_path / f"meter-{len(started)}.jsonl", *ports, "--stats", *arguments))
        return started[-1]

    yield start
    for meter in started:
        meter.process.kill()
        meter.process.wait()


SMALL = ("--rate", 100, "--kept", 50, "--kept-connections", 5, "--agents", 10, "--echo-every", 0.2, "--timeout", 1)


def accounts_for_all(report: dict[str, Any]) -> bool:
    """Nothing is forgotten: each scheduled request was answered or is lost, each sent one was scheduled."""
    return all(
        part["scheduled"] == part["answered"] + part["lost"]["count"]
        and part["sent"] == part["scheduled"] - part["lost"]["by"].get("not sent", 0)
        for part in report["requests"].values()
    )


def test_a_healthy_service_loses_nothing(agent, start_meter):
    report = start_meter(agent, "--rate", 400, "--kept", 100, "--agents", 90, "--duration", 3).report()
    total = report["requests"]["total"]
    assert (total["scheduled"], total["answered"]) == (1500, 1500)
    assert (total["lost"]["count"], total["bad"]["count"]) == (0, 0)
    assert total["latency_ms"].keys() == {"p50", "p95", "p99", "max"}
    assert list(total["versions"]) == ["1.0.0"]
    assert report["agents"]["open"] == report["agents"]["opened"] == 90
    assert report["agents"]["open_by_color"] == {"blue": 90}
    assert report["agents"]["echoes"] > 90
    assert (report["agents"]["closes"], report["agents"]["unplanned"]["count"]) == ({}, 0)
    assert report["ended_by"] == "duration"
    assert agent.metric("http_requests_total", path="/work", code="200") == 1500


def test_its_own_goodbye_reaches_the_service(agent, start_meter, eventually):
    start_meter(agent, *SMALL, "--duration", 1).report()
    eventually(lambda: agent.metric("websocket_connections") == 0, "every socket to be closed")
    assert agent.metric("websocket_accepts_total") == 10


def test_kept_connections_are_kept_and_new_ones_are_new(start_agent, start_meter):
    agent = start_agent(MAX_CONNECTIONS="50")
    report = start_meter(agent, *SMALL, "--duration", 1, "--agents", 0).report()
    assert report["requests"]["fresh"]["answered"] == 100
    assert report["requests"]["kept"]["answered"] == 50
    assert agent.metric("http_connections_total") == 100 + 5


def test_a_killed_process_is_seen_as_losses_and_unplanned_closes(agent, start_meter, eventually):
    meter = start_meter(agent, *SMALL, "--duration", 4)
    eventually(lambda: any(line["agents_open"] == 10 for line in meter.seconds()), "all agents to be open")
    agent.signal(signal.SIGKILL)
    report = meter.report()
    lost, unplanned = report["requests"]["total"]["lost"], report["agents"]["unplanned"]
    assert lost["by"]["refused"] > 50
    assert report["started"] + 1 < lost["first"] < lost["last"] < report["started"] + 4.5
    assert (unplanned["count"], unplanned["by"]) == (10, {"no close frame": 10})
    assert report["agents"]["closes"] == {"1006": 10}
    assert report["agents"]["connect_failures"]["by"]["refused"] > 0
    assert report["agents"]["open"] == 0
    assert accounts_for_all(report)
    assert sum(line["lost"] for line in meter.seconds()) > 50


def test_a_frozen_process_is_seen_as_timeouts_and_silent_agents(agent, start_meter, eventually):
    meter = start_meter(agent, *SMALL, "--duration", 5)
    eventually(lambda: any(line["agents_open"] == 10 for line in meter.seconds()), "all agents to be open")
    agent.signal(signal.SIGSTOP)
    report = meter.report()
    assert report["requests"]["fresh"]["lost"]["by"]["timeout"] > 100
    assert report["requests"]["kept"]["lost"]["by"]["timeout"] >= 5
    assert report["requests"]["kept"]["lost"]["by"]["not sent"] > 20
    assert report["agents"]["unplanned"]["by"] == {"no answer": 10}
    assert accounts_for_all(report)


def test_a_short_freeze_is_latency_from_the_time_it_was_due(agent, start_meter, eventually):
    meter = start_meter(agent, *SMALL, "--duration", 4, "--timeout", 5)
    eventually(lambda: bool(meter.seconds()), "the first second")
    agent.signal(signal.SIGSTOP)
    eventually(lambda: len(meter.seconds()) >= 2 and meter.seconds()[-1]["answered"] < 75, "a second with a gap")
    agent.signal(signal.SIGCONT)
    report = meter.report()
    assert report["requests"]["fresh"]["lost"]["count"] == 0
    assert report["requests"]["fresh"]["latency_ms"]["max"] > 400
    assert report["agents"]["unplanned"]["count"] == 0


def test_a_drain_is_planned_and_agents_come_back_to_the_next_release(start_agent, start_meter, eventually):
    old = start_agent(DRAIN_SECONDS="1")
    meter = start_meter(old, *SMALL, "--duration", 6)
    eventually(lambda: any(line["agents_open"] == 10 for line in meter.seconds()), "all agents to be open")
    old.signal(signal.SIGTERM)
    assert old.wait() == 0
    same = {"API_PORT": str(old.api), "WS_PORT": str(old.websocket)}
    start_agent(**same, APP_VERSION="2.0.0", COLOR="green")
    report = meter.report()
    agents = report["agents"]
    assert (agents["closes"], agents["unplanned"]["count"]) == ({"1012": 10}, 0)
    assert (agents["open"], agents["open_by_version"]) == (10, {"2.0.0": 10})
    assert agents["reconnect_ms"]["max"] >= agents["reconnect_ms"]["p50"] > 0
    assert [(change["version"], change["color"]) for change in report["changes"]] == [
        ("1.0.0", "blue"),
        ("2.0.0", "green"),
    ]
    versions = report["requests"]["fresh"]["versions"]
    assert versions["1.0.0"]["last"] < versions["2.0.0"]["first"] == report["changes"][1]["time"]
    assert set(report["requests"]["total"]["lost"]["by"]) <= {"refused", "reset"}, "the gap between the two processes"
    assert accounts_for_all(report)


def test_errors_are_bad_and_not_lost(start_agent, start_meter):
    agent = start_agent(MISBEHAVE="error_after_traffic=1")
    meter = start_meter(agent, *SMALL, "--duration", 2.5)
    report = meter.report()
    total = report["requests"]["total"]
    assert total["lost"]["count"] == 0
    assert total["bad"]["by"].keys() == {"status 500"}
    assert 100 < total["bad"]["count"] < total["answered"]
    assert 0.8 < total["bad"]["first"] - report["started"] < 1.6
    told = [(line["time"], line["reason"]) for line in meter.lines() if line["event"] == "trouble"]
    assert min(told) == (total["bad"]["first"], "status 500")
    assert len(told) == 2, "the first one on new connections and the first one on kept ones"
    assert total["versions"]["1.0.0"]["count"] == total["answered"]


def test_refused_websockets_are_reported_and_tried_again_with_pauses(start_agent, start_meter):
    agent = start_agent(MISBEHAVE="refuse_websocket")
    report = start_meter(agent, *SMALL, "--duration", 3).report()
    failures = report["agents"]["connect_failures"]
    assert failures["by"] == {"status 503": failures["count"]}
    assert 10 < failures["count"] < 150
    assert report["agents"]["opened"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_early_with_the_report(agent, start_meter, eventually, number):
    meter = start_meter(agent, *SMALL, "--duration", 60)
    eventually(lambda: bool(meter.seconds()), "the first second")
    meter.process.send_signal(number)
    report = meter.report()
    assert report["ended_by"] == "signal"
    assert 1 <= report["seconds"] < 20
    assert report["requests"]["total"]["answered"] == report["requests"]["total"]["scheduled"] > 100


def test_each_second_has_its_own_counts(agent, start_meter):
    meter = start_meter(agent, *SMALL, "--duration", 3.5)
    report = meter.report()
    seconds = meter.seconds()
    assert [line["second"] for line in seconds] == [1, 2, 3]
    assert 400 < sum(line["answered"] for line in seconds) <= report["requests"]["total"]["answered"]
    assert all(line["versions"] == {"1.0.0": line["answered"]} for line in seconds)
    assert all(line["latency_ms"]["p50"] > 0 for line in seconds)


def test_the_summary_for_people_fits_80_columns(agent, start_meter):
    meter = start_meter(agent, *SMALL, "--duration", 3)
    while not meter.seconds():
        assert meter.process.poll() is None
    agent.signal(signal.SIGKILL)
    text = summary(meter.report())
    assert max(map(len, text.splitlines())) <= 80
    for word in ("lost", "refused", "10 × 1006", "unplanned   10", "version 1.0.0"):
        assert word in text


def test_load_on_another_computer_is_refused():
    argv = [sys.executable, "-m", "opsctl.sandbox.load", "--target", "192.0.2.1", "--api-port", "1", "--ws-port", "1"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "192.0.2.1 is not a loopback address" in done.stderr
