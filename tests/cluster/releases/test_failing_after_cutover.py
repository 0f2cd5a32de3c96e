"""Releases that break once users are on them: back within seconds, and what users met is bounded."""

from __future__ import annotations

import pytest
from load_meter import USUAL, Load
from release_world import Ended, World

pytestmark = pytest.mark.cluster

BREAKS_AFTER_S = 1.0  # from its first user
BACK_WITHIN_S = 5.0


def _break_after_cutover(world: World, fault: str, slowest: float = 0.0) -> tuple[Ended, Load]:
    """A second after the first user the fault begins; users must end up where they were before.

    `slowest`: how many seconds an answer of the new color takes that was asked for just before traffic went back.
    """
    old, new = world.status()["active"], world.idle()
    with world.load() as load:
        ended = world.deploy("1.2.0", misbehave=f"{fault}_after_traffic={BREAKS_AFTER_S:g}")
    print(f"{fault}: trouble for {load.trouble_seconds():.2f} s, {ended.data['timings']}\n{ended}")
    assert ended.exit_code == 6, ended
    assert (ended.data["outcome"], ended.data["active"]) == ("rolled_back", old)
    assert {"detect_s", "rollback_s"} <= ended.data["timings"].keys()
    assert load.trouble_seconds() < BACK_WITHIN_S
    assert load.seconds_on(new) < BREAKS_AFTER_S + BACK_WITHIN_S + slowest
    status = world.status()
    assert (status["active"], status["phase"], status["lock"]) == (old, None, None)
    assert status["colors"][old]["verdict"] == "healthy"
    assert status["colors"][new]["desired"] == 0
    return ended, load


def _nothing_lost_or_cut(load: Load) -> None:
    assert (load.lost["count"], load.unplanned["count"]) == (0, 0), (load.lost, load.unplanned)


def test_server_errors(world: World) -> None:
    ended, load = _break_after_cutover(world, "error")
    assert "HTTP 500" in ended.data["reason"]
    _nothing_lost_or_cut(load)
    assert load.bad["by"].keys() == {"status 500"}, "the fault never reached a user, so nothing was proved"


def test_websockets_refused(world: World) -> None:
    ended, load = _break_after_cutover(world, "refuse_websocket")
    assert "WebSocket refused with HTTP 503" in ended.data["reason"]
    _nothing_lost_or_cut(load)
    assert load.bad["count"] == 0


def test_metrics_that_cannot_be_read(world: World) -> None:
    ended, load = _break_after_cutover(world, "break_metrics")
    assert "metrics cannot be read" in ended.data["reason"]
    load.assert_nobody_noticed()


def test_answers_that_take_too_long(world: World) -> None:
    ended, load = _break_after_cutover(world, "slow", slowest=3.0)
    assert "no answer within 2 s" in ended.data["reason"]
    _nothing_lost_or_cut(load)
    assert load.bad["count"] == 0
    assert load.report["requests"]["fresh"]["latency_ms"]["max"] > 3000, "the fault never reached a user"


def test_every_pod_crashing(world: World) -> None:
    """Not one pod of the new color is left to answer, so only the way back helps."""
    ended, load = _break_after_cutover(world, "crash")
    seen_first = ("crashed", "front door", "connection refused")
    assert any(words in ended.data["reason"] for words in seen_first)
    assert load.bad["count"] == 0
    assert 0 < load.lost["count"] <= BACK_WITHIN_S * USUAL.rate
    assert load.unplanned["count"] <= USUAL.agents, "more than the agents that one crash can have cut off"
