"""Decisions about a release of two workloads where it matters which one it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY

from opsctl.core.cadence import MOST_A_SECOND
from opsctl.core.color import Color
from opsctl.core.decisions import Act, Enter, Wait
from opsctl.core.health import ColorHealth, Judgement, Service, Verdict
from opsctl.core.observation import Observation
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.rollout import decide
from opsctl.core.snapshot import ColorState, Pod, Snapshot, TrafficState
from opsctl.core.steps import StopPods

NOW = 1000.0
SIZES = {"agents": 12, "api": 4}
OFFERS = {"agents": frozenset({"websocket", "metrics"}), "api": frozenset({"api", "metrics"})}


def state(color: Color, sizes: dict[str, int], release: int) -> ColorState:
    pods = tuple(
        Pod(f"{color}-{name}-{n}", True, 0, "a:1", in_service=True, release=release, workload=name, offers=OFFERS[name])
        for name, count in sizes.items() for n in range(count)
    )  # fmt: skip
    return ColorState(color, release, "a:1", sizes, True, pods)


def rollout(phase: Phase, sizes: dict[str, int], since: float = 60.0) -> Rollout:
    return Rollout(
        id=2, kind=Kind.DEPLOY, release=2, color=Color.GREEN, origin=Color.BLUE, image="a:2", settings={}, sizes=sizes,
        started_at=0.0, started_by="ana", phase=phase, phase_since=NOW - since, origin_release=1, origin_sizes=sizes,
        leaving=tuple(pod.name for pod in state(Color.BLUE, sizes, 1).pods), why="",
    )  # fmt: skip


def observation(green: ColorState, blue: ColorState) -> Observation:
    services = {service: Judgement(Verdict.HEALTHY, "fine") for service in Service}
    health = {color: ColorHealth(Verdict.HEALTHY, "fine", services) for color in Color}
    traffic = tuple(TrafficState(name, Color.GREEN) for name in SIZES)
    return Observation(
        NOW, Snapshot(NOW, traffic, {Color.GREEN: green, Color.BLUE: blue}), health,
        dict.fromkeys(Color, 0.0), Judgement(Verdict.HEALTHY), Color.GREEN,
        sockets=dict.fromkeys((pod.name for pod in (*green.pods, *blue.pods)), 0),
    )  # fmt: skip


def test_old_pods_leave_in_groups_of_each_workload() -> None:
    """All of the API's at once would leave nobody to go back to."""
    seen = observation(state(Color.GREEN, SIZES, 2), state(Color.BLUE, SIZES, 1))
    decision = decide(rollout(Phase.DRAINING, SIZES, since=9.0), seen, POLICY, NOW)
    assert isinstance(decision, Act)
    assert isinstance(decision.step, StopPods)
    stopped = sorted(name.rpartition("-")[0] for name in decision.step.pods)
    assert stopped == ["blue-agents"] * 3 + ["blue-api"]


@pytest.mark.parametrize("phase", [Phase.BAKING, Phase.DRAINING])
def test_a_workload_that_is_gone_sends_users_back_whatever_still_answers(phase: Phase) -> None:
    seen = observation(state(Color.GREEN, {"agents": 12}, 2), state(Color.BLUE, SIZES, 1))
    decision = decide(rollout(phase, SIZES), seen, POLICY, NOW)
    assert decision == Enter(Phase.ROLLING_BACK, "no api of release 2 stands in green any more")


def test_no_bake_of_many_pods_ends_before_users_requests_can_be_judged() -> None:
    """Each pod is asked so rarely then that three answers take longer than the bake."""
    many = {"agents": int(10 * MOST_A_SECOND), "api": 10}
    short = replace(POLICY, bake_seconds=10.0)
    seen = observation(state(Color.GREEN, many, 2), state(Color.BLUE, many, 1))
    assert isinstance(decide(rollout(Phase.BAKING, many, since=60.0), seen, short, NOW), Wait)
    assert isinstance(decide(rollout(Phase.BAKING, many, since=600.0), seen, short, NOW), Enter)
