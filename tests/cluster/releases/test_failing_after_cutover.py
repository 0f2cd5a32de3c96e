"""Releases that break once users are on them: back within seconds, and what users met is bounded."""

from __future__ import annotations

import pytest
from load_meter import AGENTS, Load
from release_world import Ended, World

pytestmark = pytest.mark.cluster

BACK_WITHIN_S = 5.0


def _break_after_cutover(world: World, fault: str) -> tuple[Ended, Load]:
    """A second after the first user the fault begins; users must end up where they were before."""
    active = world.status()["active"]
    with world.load() as load:
        ended = world.deploy("1.2.0", misbehave=f"{fault}_after_traffic=1")
    print(
        fault,
        ended,
        "trouble",
        load.trouble_seconds(),
        load.lost,
        load.bad,
        load.refused,
        load.unplanned,
        load.report["changes"],
    )
    assert ended.exit_code == 6, ended
    assert (ended.data["outcome"], ended.data["active"]) == ("rolled_back", active)
    assert load.trouble_seconds() < BACK_WITHIN_S
    assert load.report["changes"][-1]["color"] == active
    status = world.status()
    assert (status["active"], status["phase"]) == (active, None)
    assert status["colors"][active]["verdict"] == "healthy"
    return ended, load


def test_server_errors(world: World) -> None:
    ended, load = _break_after_cutover(world, "error")
    assert "HTTP 500" in ended.data["reason"]
    assert load.lost["count"] == load.unplanned["count"] == load.refused["count"] == 0
    assert 0 < load.bad["count"], "the fault never reached a user, so nothing was proved"


def test_websockets_refused(world: World) -> None:
    ended, load = _break_after_cutover(world, "refuse_websocket")
    assert "websocket" in ended.data["reason"]
    assert load.lost["count"] == load.bad["count"] == load.unplanned["count"] == 0


def test_metrics_that_cannot_be_read(world: World) -> None:
    ended, load = _break_after_cutover(world, "break_metrics")
    assert "metrics" in ended.data["reason"]
    load.assert_nobody_noticed()


def test_answers_that_take_too_long(world: World) -> None:
    ended, load = _break_after_cutover(world, "slow")
    assert "api" in ended.data["reason"]
    assert load.lost["count"] == load.bad["count"] == load.unplanned["count"] == 0


def test_every_pod_crashing(world: World) -> None:
    ended, load = _break_after_cutover(world, "crash")
    assert "crashed" in ended.data["reason"]
    assert load.bad["count"] == 0
    assert load.unplanned["count"] <= AGENTS, "more than the agents that one crash can have cut off"
