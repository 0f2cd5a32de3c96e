"""How often pods are probed: few at the policy's pace, all within a budget however many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY

from opsctl.core.cadence import ASKED, GLANCED, MOST_A_SECOND, Turns, intervals, some_probed
from opsctl.core.color import Color
from opsctl.core.snapshot import ColorState, Pod, Snapshot, TrafficState

TICK_S = 0.05
SECONDLY = replace(POLICY, probe_interval=1.0)


def colors(blue: int, green: int) -> dict[Color, ColorState]:
    return {color: state(color, pods) for color, pods in ((Color.BLUE, blue), (Color.GREEN, green))}


def state(color: Color, pods: int) -> ColorState:
    return ColorState(
        color, 1, "a:1", {"agent": pods}, True, tuple(Pod(f"{color}-{n}", True, 0, "a:1") for n in range(pods))
    )


def snapshot(blue: int, green: int) -> Snapshot:
    """Blue has the users."""
    return Snapshot(0.0, (TrafficState("agent", Color.BLUE),), colors(blue, green))


def test_who_has_no_users_is_asked_half_as_often() -> None:
    assert intervals(snapshot(4, 4), SECONDLY) == {Color.BLUE: 1.0, Color.GREEN: 2.0}


def test_a_policy_that_wants_it_slower_is_heeded() -> None:
    assert intervals(snapshot(4, 4), replace(POLICY, probe_interval=7.0))[Color.BLUE] == 7.0


def asked(blue: int, green: int, seconds: float) -> list[list[str]]:
    """By tick: who was asked."""
    turns, look = Turns(ASKED), snapshot(blue, green)
    every = intervals(look, SECONDLY)
    return [
        [pod.name for pod in turns.take(look.colors, every, 100 + n * TICK_S)] for n in range(int(seconds / TICK_S))
    ]


def test_few_pods_are_asked_all_at_once() -> None:
    """So that a failure of all of them is seen in two rounds."""
    rounds = [sorted(found) for found in asked(2, 2, 2.0) if found]
    assert rounds == [["blue-0", "blue-1", "green-0", "green-1"], ["blue-0", "blue-1"]]


@pytest.mark.parametrize(("blue", "green"), [(0, 0), (4, 4), (14, 14), (41, 1), (0, 41), (150, 300)])
def test_however_many_there_are_the_budget_holds_and_everybody_has_a_turn(blue: int, green: int) -> None:
    every = intervals(snapshot(blue, green), SECONDLY)
    seconds = 1.2 * max(every.values()) + 1
    found = asked(blue, green, seconds)
    assert sum(map(len, found)) * ASKED <= MOST_A_SECOND * (seconds + 1)
    assert len({name for tick in found for name in tick}) == blue + green


@pytest.mark.parametrize("gone", [True, False])
def test_a_pod_that_is_gone_is_forgotten(gone: bool) -> None:
    turns, look = Turns(ASKED), snapshot(1, 0)
    every = intervals(look, SECONDLY)
    turns.take(look.colors, every, 100.0)
    turns.keep(set() if gone else {"blue-0"})
    assert len(turns.take(look.colors, every, 100.1)) == gone


def test_a_glance_probes_some_pods_of_each_workload_ready_ones_first() -> None:
    pods = [Pod(f"p{n:03}", n >= 50, 0, "a:1", workload="api" if n % 2 else "agents") for n in range(100)]
    whole = ColorState(Color.BLUE, 1, "a:1", {"api": 50, "agents": 50}, True, tuple(pods))
    probed = [pod for pod in some_probed(whole).pods if pod.probed]
    assert len(probed) == 2 * GLANCED
    assert all(pod.ready for pod in probed)


def test_a_glance_probes_all_of_few() -> None:
    assert some_probed(state(Color.BLUE, 4)) == state(Color.BLUE, 4)
