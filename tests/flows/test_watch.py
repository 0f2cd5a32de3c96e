"""What a look may rest on: evidence about the present color, from while the cluster answered, of pods that run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from fakes import POLICY, World
from release_runs import release

from opsctl.core.color import Color
from opsctl.core.health import DoorSample, Result, Sample, Service, Verdict
from opsctl.core.snapshot import Pod
from opsctl.flows.watch import CRASH_COUNTS_S, Watcher


class Script:
    """A prober that hands over what a test puts in."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.door: list[DoorSample] = []
        self.begun: list[list[str]] = []

    def begin(self, pods: Mapping[Color, Sequence[Pod]]) -> None:
        self.begun.append(sorted(pod.name for members in pods.values() for pod in members))

    def collect(self) -> list[Sample]:
        found, self.samples = self.samples, []
        return found

    def begin_door(self) -> None:
        return

    def collect_door(self) -> list[DoorSample]:
        found, self.door = self.door, []
        return found


@pytest.fixture
def world() -> World:
    """Release 1 serves on blue, release 2 waits on green."""
    made = World()
    release(made, "good:1")
    release(made, "good:2", hold=True)
    return made


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def watcher(world: World, script: Script) -> Watcher:
    return Watcher(world.ports().cluster, script, world.clock, POLICY)


def door(world: World, result: Result, took: float = 0.0) -> DoorSample:
    return DoorSample(world.clock.now(), result, world.active, "HTTP 500", took)


def round_of(world: World, color: Color, result: Result, took: float = 0.0) -> list[Sample]:
    now = world.clock.now()
    return [
        Sample(now, color, pod.name, service, result, "x", took) for pod in world.pods(color) for service in Service
    ]


def test_answers_of_the_color_before_are_no_evidence(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    script.door = [door(world, Result.FAILED) for _ in range(5)]
    assert watcher.look().door.verdict is Verdict.UNHEALTHY
    world.edit_service(Color.GREEN)
    assert watcher.look().door.verdict is Verdict.UNKNOWN


def test_a_request_that_began_before_traffic_moved_is_none_either(
    world: World, watcher: Watcher, script: Script
) -> None:
    watcher.look()
    world.edit_service(Color.GREEN)
    watcher.look()
    world.clock.sleep(1.0)
    script.door = [door(world, Result.FAILED, took=1.5) for _ in range(5)]
    assert watcher.look().door.verdict is Verdict.UNKNOWN
    script.door = [door(world, Result.FAILED, took=0.1) for _ in range(5)]
    assert watcher.look().door.verdict is Verdict.UNHEALTHY


def test_a_probe_under_way_while_the_cluster_was_silent_proves_nothing(
    world: World, watcher: Watcher, script: Script
) -> None:
    watcher.look()
    world.silent_until = world.clock.now() + 0.1
    assert watcher.look().snapshot is None
    world.clock.sleep(1.0)
    script.samples = 2 * round_of(world, Color.GREEN, Result.FAILED, took=1.5)
    assert watcher.look().verdict(Color.GREEN) is Verdict.UNKNOWN
    script.samples = 2 * round_of(world, Color.GREEN, Result.FAILED, took=0.1)
    assert watcher.look().verdict(Color.GREEN) is Verdict.UNHEALTHY


def test_health_is_counted_anew_after_a_silence(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    script.samples = round_of(world, Color.GREEN, Result.PASSED)
    since = watcher.look().healthy_since[Color.GREEN]
    world.silent_until = world.clock.now() + 0.1
    assert watcher.look().silent_since is not None
    script.samples = round_of(world, Color.GREEN, Result.PASSED)
    again = watcher.look()
    assert again.silent_since is None
    assert again.healthy_since[Color.GREEN] > since


def test_silence_is_counted_from_its_begin(world: World, watcher: Watcher) -> None:
    world.silent_until = world.clock.now() + 60
    first = watcher.look()
    world.clock.sleep(5)
    later = watcher.look()
    assert later.silent_since == first.silent_since
    assert later.at > first.at


def test_a_pod_that_was_never_ready_is_not_probed(world: World, watcher: Watcher, script: Script) -> None:
    world.clock.sleep(10)
    watcher.look()
    known = script.begun[-1]
    assert len(known) == 4
    world.resize(Color.GREEN, 3)
    world.clock.sleep(1)
    watcher.look()
    assert script.begun[-1] == known
    world.clock.sleep(1)
    watcher.look()
    assert len(script.begun[-1]) == 5


def test_a_pod_that_stopped_being_ready_still_is(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    world.pods(Color.GREEN)[0].down_until = world.clock.now() + 60
    world.clock.sleep(1)
    watcher.look()
    assert world.pods(Color.GREEN)[0].name in script.begun[-1]


@pytest.mark.parametrize("on_trial", [None, Color.GREEN])
def test_restarts_count_for_ever_against_the_color_on_trial_only(
    world: World, script: Script, on_trial: Color | None
) -> None:
    watcher = Watcher(world.ports().cluster, script, world.clock, POLICY, on_trial)
    world.pods(Color.GREEN)[0].restarts = 1
    verdict = Verdict.UNHEALTHY if on_trial else Verdict.UNKNOWN
    assert watcher.look().verdict(Color.GREEN) is verdict
    world.pods(Color.GREEN)[0].restarts = 2
    assert watcher.look().verdict(Color.GREEN) is Verdict.UNHEALTHY
    world.clock.sleep(CRASH_COUNTS_S + 1)
    assert watcher.look().verdict(Color.GREEN) is verdict


def test_an_application_that_does_not_say_its_color(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    script.door = [replace(door(world, Result.PASSED), color=None)]
    assert watcher.look().answered is Color.BLUE
    script.door = [door(world, Result.FAILED)]
    assert watcher.look().answered is None
