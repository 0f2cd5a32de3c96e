"""The API and the WebSocket as two workloads of one release: users of both move together, or stay together.

What goes wrong goes wrong between the two moves, which are milliseconds apart.
"""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from brief_world import BriefWorld
from fault_proxy import Fault
from release_world import Ended, Running, await_true

pytestmark = pytest.mark.cluster

SECOND_MOVE = r"PATCH .*/services/ai-agent-sdk-agents\?fieldManager=opsctl$"  # not the rehearsal, which says dryRun
AWAY_S = 6.0


class SplitWorld(BriefWorld):
    more = "workloads: {split: true, api: {replicas: 1}, agents: {replicas: 2}}\n"


@pytest.fixture(scope="module")
def split(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplitWorld]:
    services = ("ai-agent-sdk-api", "ai-agent-sdk-agents")
    folder = tmp_path_factory.mktemp("split")
    with SplitWorld(cluster, f"split-{uuid.uuid4().hex[:8]}", folder, services=services) as world:
        yield world


@pytest.fixture(autouse=True)
def _whole(split: SplitWorld) -> Iterator[None]:
    yield
    split.proxy.faults.clear()
    split.proxy.heal()


def deploy(split: SplitWorld, version: str) -> Running:
    words = ("deploy", "--image", f"ai-agent-sdk:{version}", "--set", f"RUN={uuid.uuid4().hex}", "-o", "json")
    return split.start(*words, OPSCTL_ENV="proxied")


def second_move(split: SplitWorld, kind: Any, value: float = 0) -> Fault:
    return split.proxy.add(kind, SECOND_MOVE, value)


def assert_all_back(split: SplitWorld, ended: Ended, old: str, outcome: str) -> None:
    assert ended.exit_code == 6, ended
    assert (ended.data["outcome"], ended.data["active"]) == (outcome, old), ended
    assert split.selected() == old
    assert {router["active"] for router in split.status()["traffic"]} == {old}


def test_both_move_forth_and_back(split: SplitWorld) -> None:
    old, new = split.selected(), split.idle()
    with split.load() as load:
        forth = deploy(split, "1.2.0").wait()
        assert (forth.exit_code, split.selected()) == (0, new), forth
        back = split.json("rollback")
        assert (back.exit_code, split.selected()) == (0, old), back
    load.assert_nobody_noticed()
    assert ", skew " in forth.stderr
    assert forth.data["timings"]["skew_s"] < 1.0
    status = split.status()
    parts = {"agents": {"desired": 2, "ready": 2}, "api": {"desired": 1, "ready": 1}}
    assert status["colors"][old]["workloads"] == parts
    assert [router["router"] for router in status["traffic"]] == ["service api", "service agents"]


def test_a_second_move_that_is_refused_brings_the_first_back(split: SplitWorld) -> None:
    old = split.selected()
    with split.load() as load:
        refused = second_move(split, "status", 403)
        ended = deploy(split, "1.1.0").wait()
    assert refused.struck == 1, "it is not tried again: users would go to and fro"
    assert_all_back(split, ended, old, "abandoned")
    assert "ai-agent-sdk-agents would not move" in ended.data["reason"]
    load.assert_nobody_noticed()


def test_an_api_that_goes_away_between_the_two_brings_all_back(split: SplitWorld) -> None:
    old = split.selected()
    with split.load() as load:
        held = second_move(split, "hold")
        running = deploy(split, "1.2.0")
        await_true(lambda: held.struck > 0, "the second move")
        split.proxy.refuse()
        assert " and " in split.selected()
        time.sleep(AWAY_S)  # that is the fault itself
        split.proxy.faults.clear()
        split.proxy.heal()
        ended = running.wait()
    assert_all_back(split, ended, old, "rolled_back")
    assert "traffic moved only in part" in ended.data["reason"]
    assert ended.data["timings"]["skew_s"] >= AWAY_S
    assert ", skew " in ended.stderr
    load.assert_nobody_noticed()


def test_killed_between_the_two_another_computer_brings_all_to_one_color(split: SplitWorld) -> None:
    with split.load() as load:
        held = second_move(split, "hold")
        running = deploy(split, "1.2.0")
        await_true(lambda: held.struck > 0, "the second move")
        running.signal(signal.SIGKILL)
        running.process.wait()
        split.proxy.faults.clear()
        assert " and " in split.selected()
        ended = split.elsewhere("resume")
    assert ended.data["outcome"] in ("succeeded", "rolled_back"), ended
    assert split.selected() == ended.data["active"]
    load.assert_nobody_noticed()
