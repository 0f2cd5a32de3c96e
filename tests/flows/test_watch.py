"""What a look may rest on: evidence about the present color, from while the cluster answered, of pods that run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from fakes import POLICY, FakeChanges, World
from release_runs import once, release

from opsctl.core.color import Color
from opsctl.core.health import Counts, DoorSample, Result, Sample, Service, Verdict
from opsctl.core.snapshot import ColorState
from opsctl.flows.evidence import KEPT, KEPT_A_ROUND
from opsctl.flows.probing import QUICK_ROUNDS, QUICK_S
from opsctl.flows.watch import CRASH_COUNTS_S, FRESH_S, Watcher


class Script:
    """A prober that hands over what a test puts in."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.door: list[DoorSample] = []
        self.begun: list[list[str]] = []
        self.services: list[set[Service]] = []
        self.doors = 0

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        self.begun.append(sorted(pod.name for state in colors.values() for pod in state.pods))
        self.services.append(set(services))

    def collect(self) -> list[Sample]:
        found, self.samples = self.samples, []
        return found

    def begin_door(self, color: Color) -> None:
        self.doors += 1

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
    return watching(world, script)


def watching(world: World, script: Script, on_trial: Color | None = None) -> Watcher:
    return Watcher(replace(world.ports(), prober=script), POLICY, on_trial)


def failing(world: World, took: float = 0.0) -> list[DoorSample]:
    """As many failures at the front door as are believed, the last one now."""
    return [replace(door(world, Result.FAILED, took), at=world.clock.now() - 0.2 * n) for n in reversed(range(4))]


def door(world: World, result: Result, took: float = 0.0) -> DoorSample:
    return DoorSample(world.clock.now(), result, world.active, "HTTP 500", took)


def round_of(world: World, color: Color, result: Result, took: float = 0.0) -> list[Sample]:
    now = world.clock.now()
    return [
        Sample(now, color, pod.name, service, result, "x", took) for pod in world.pods(color) for service in Service
    ]


def test_answers_of_the_color_before_are_no_evidence(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    world.clock.sleep(1.0)
    script.door = failing(world)
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
    script.door = failing(world, took=1.5)
    assert watcher.look().door.verdict is Verdict.UNKNOWN
    script.door = failing(world, took=0.1)
    assert watcher.look().door.verdict is Verdict.UNHEALTHY


def test_a_probe_under_way_while_the_cluster_was_silent_proves_nothing(
    world: World, watcher: Watcher, script: Script
) -> None:
    watcher.look()
    world.clock.sleep(FakeChanges.serves_s)
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
    world.clock.sleep(FakeChanges.serves_s)
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
    watcher = watching(world, script, on_trial)
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


def reads(world: World) -> int:
    return world.points.count("before read")


def test_the_cluster_is_read_when_something_stirs_and_now_and_then(world: World, watcher: Watcher) -> None:
    watcher.look()
    watcher.look()  # the first look told of everything
    before = reads(world)
    watcher.look()
    assert reads(world) == before
    world.pods(Color.GREEN)[0].down_until = world.clock.now() + 60
    assert watcher.look().state(Color.GREEN).ready == 1
    assert reads(world) == before + 1
    world.clock.sleep(FakeChanges.serves_s)
    watcher.look()
    assert reads(world) == before + 2


def test_what_is_written_rests_on_what_is_so_now(world: World, watcher: Watcher) -> None:
    watcher.look()
    seen = watcher.look()
    before = reads(world)
    assert watcher.look_before_writing(seen) is seen
    world.clock.sleep(FRESH_S)
    assert watcher.look_before_writing(seen) is not seen
    assert reads(world) == before + 1


def api_of(world: World, color: Color, result: Result, pods: int = 2) -> list[Sample]:
    return [s for s in round_of(world, color, result) if s.service is Service.API][:pods]


def test_one_failing_sample_starts_a_round_on_all_pods_of_both_colors(
    world: World, watcher: Watcher, script: Script
) -> None:
    watcher.look()
    begun = len(script.begun)
    script.samples = api_of(world, Color.BLUE, Result.FAILED, pods=1)
    watcher.look()
    assert len(script.begun[-1]) == 4
    assert script.services[begun:] == [{Service.API}]


def test_suspicion_repeats_quickly_then_more_slowly_and_ends(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    begun = len(script.begun)
    script.samples = api_of(world, Color.BLUE, Result.FAILED, pods=1)
    for _ in range(4 * QUICK_ROUNDS):
        watcher.look()
        world.clock.sleep(QUICK_S)
    quick = [services for services in script.services[begun:] if services == {Service.API}]
    assert QUICK_ROUNDS < len(quick) < 2 * QUICK_ROUNDS
    script.samples = api_of(world, Color.BLUE, Result.PASSED)
    watcher.look()
    quiet = script.services.count({Service.API})
    for _ in range(5):
        watcher.look()
        world.clock.sleep(QUICK_S)
    assert script.services.count({Service.API}) == quiet


def test_trouble_of_the_color_without_users_can_wait_for_the_rounds(
    world: World, watcher: Watcher, script: Script
) -> None:
    watcher.look()
    script.samples = api_of(world, Color.GREEN, Result.FAILED)
    watcher.look()
    assert all(services == set(Service) for services in script.services)


def test_the_door_is_asked_more_often_while_something_is_suspected(
    world: World, watcher: Watcher, script: Script
) -> None:
    asked = []
    for sample in (None, door(world, Result.FAILED)):
        script.door = [replace(sample, at=world.clock.now())] if sample else []
        before = script.doors
        for _ in range(20):
            watcher.look()
            world.clock.sleep(QUICK_S)
        asked.append(script.doors - before)
    assert asked[1] >= 1.8 * asked[0]
    assert asked[0] >= 9


def test_no_ready_pod_behind_the_active_service_needs_no_probe(world: World, watcher: Watcher) -> None:
    watcher.look()
    for pod in world.pods(Color.BLUE):
        pod.down_until = world.clock.now() + 60
    seen = watcher.look().door
    assert (seen.verdict, seen.detail) == (Verdict.UNHEALTHY, "no pod is ready behind the active Service")


def test_pods_that_were_never_behind_the_active_service_may_still_come(world: World, script: Script) -> None:
    for pod in world.pods(Color.BLUE):
        pod.down_until = world.clock.now() + 60
    assert watching(world, script).look().door.verdict is Verdict.UNKNOWN


def counts_of(world: World, color: Color, requests: float, errors: float) -> list[Sample]:
    found = [s for s in round_of(world, color, Result.PASSED) if s.service is Service.METRICS]
    return [replace(sample, counts=Counts(requests, errors)) for sample in found]


def answered(world: World, watcher: Watcher, script: Script, *steps: tuple[float, float]) -> Verdict:
    """Blue's pods count (requests, errors), a second apart."""
    verdict = Verdict.UNKNOWN
    for requests, errors in steps:
        world.clock.sleep(1.0)
        script.samples = counts_of(world, Color.BLUE, requests, errors)
        verdict = watcher.look().health[Color.BLUE].rates.verdict
    return verdict


def test_users_requests_are_counted_while_a_color_has_them(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    assert answered(world, watcher, script, (1000, 0), (1100, 0)) is Verdict.HEALTHY
    assert answered(world, watcher, script, (1200, 10)) is Verdict.UNKNOWN
    assert script.services[-1] == {Service.METRICS}
    assert answered(world, watcher, script, (1300, 20)) is Verdict.UNHEALTHY


def test_what_a_color_answered_before_it_had_the_users_does_not_count(
    world: World, watcher: Watcher, script: Script
) -> None:
    world.edit_service(Color.GREEN)
    watcher.look()
    answered(world, watcher, script, (100, 0), (200, 50), (300, 100))
    world.edit_service(Color.BLUE)
    watcher.look()
    assert answered(world, watcher, script, (300, 100), (400, 100)) is Verdict.HEALTHY


def test_who_looks_rarely_looks_back_further(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    for requests, errors in ((0, 0), (100, 10), (200, 20)):
        world.clock.sleep(3 * POLICY.rate_window)
        script.samples = counts_of(world, Color.BLUE, requests, errors)
        verdict = watcher.look().health[Color.BLUE].rates.verdict
    assert verdict is Verdict.UNHEALTHY


def test_a_pod_that_ends_does_not_stretch_the_window(world: World, watcher: Watcher, script: Script) -> None:
    """It is listed still, and asked no more: what the others answer now would drown in what they answered before."""
    watcher.look()
    assert answered(world, watcher, script, (1000, 0), (2000, 0), (3000, 0)) is Verdict.HEALTHY
    world.pods(Color.BLUE)[0].ends = world.clock.time + 600
    last = world.pods(Color.BLUE)[1].name
    for n in range(1, 60):
        world.clock.sleep(1.0)
        made = counts_of(world, Color.BLUE, 3000 + 100 * n, 5 * max(0, n - 50))
        script.samples = [sample for sample in made if sample.pod == last]
        verdict = watcher.look().health[Color.BLUE].rates.verdict
    assert verdict is Verdict.UNHEALTHY


def test_a_process_that_was_stopped_in_the_middle_of_a_look_has_looked_since_then_only(
    world: World, watcher: Watcher
) -> None:
    watcher.look()
    world.clock.sleep(FakeChanges.serves_s)
    world.at_point = once("before read", lambda: world.clock.sleep(10.0))
    seen = watcher.look()
    assert seen.looking_since == seen.at == world.clock.now()


def test_memory_is_bounded(world: World, watcher: Watcher, script: Script) -> None:
    for _ in range(3 * KEPT):
        world.clock.sleep(0.1)
        script.samples = round_of(world, Color.BLUE, Result.PASSED)
        script.door = [door(world, Result.PASSED)]
        watcher.look()
    assert {len(series) for series in watcher._evidence.samples.values()} == {KEPT_A_ROUND * POLICY.of_last}
    assert len(watcher._evidence.door) <= KEPT


def test_a_front_door_is_believed_however_long_its_run_has_to_be(world: World, script: Script) -> None:
    """Where every pod answers, trouble at the door has to last for all rounds but one."""
    patient = replace(POLICY, probe_interval=2.0, consecutive=6, of_last=6)
    watcher = Watcher(replace(world.ports(), prober=script), patient)
    watcher.look()
    for n in range(120):
        world.clock.sleep(0.1)
        script.door = [door(world, Result.FAILED), door(world, Result.FAILED)]
        script.samples = round_of(world, Color.BLUE, Result.PASSED)
        believed = watcher.look().door.verdict is Verdict.UNHEALTHY
        assert believed == (n >= 101) or 99 <= n <= 102
    assert believed


def test_sockets_from_before_traffic_moved_are_not_known(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    script.samples = [replace(one, sockets=3) for one in round_of(world, Color.GREEN, Result.PASSED)]
    assert set(watcher.look().sockets.values()) == {3}
    world.clock.sleep(1.0)
    world.edit_service(Color.GREEN)
    assert watcher.look().sockets == {}
    script.samples = [replace(one, sockets=5) for one in round_of(world, Color.GREEN, Result.PASSED)]
    assert set(watcher.look().sockets.values()) == {5}


def test_a_color_is_proved_since_its_least_fresh_pass(world: World, watcher: Watcher, script: Script) -> None:
    watcher.look()
    began = world.clock.now()
    script.samples = round_of(world, Color.GREEN, Result.PASSED)
    assert watcher.look().proved(Color.GREEN, began)
    world.clock.sleep(1.0)
    assert not watcher.look().proved(Color.GREEN, world.clock.now())
    *most, last = round_of(world, Color.GREEN, Result.PASSED)
    script.samples = most
    assert not watcher.look().proved(Color.GREEN, world.clock.now())
    script.samples = [last]
    assert watcher.look().proved(Color.GREEN, world.clock.now())


def gated(world: World, fails: float) -> Verdict:
    """Green under load for three seconds, a share of which fails; its probes are fine."""
    world.gate_load, world.fails_under_load = 50.0, fails
    watcher = Watcher(world.ports(), POLICY)
    watcher.load(Color.GREEN)
    for _ in range(30):
        seen = watcher.look()
        world.clock.sleep(0.1)
    assert watcher.look().health[Color.BLUE].verdict is Verdict.HEALTHY
    watcher.load(None)
    assert watcher.look().health[Color.GREEN].verdict is Verdict.HEALTHY, "what was under load is judged no more"
    return seen.verdict(Color.GREEN)


def test_a_color_in_the_gate_is_judged_by_its_load(world: World) -> None:
    assert gated(world, fails=0.0) is Verdict.HEALTHY
    assert gated(world, fails=0.1) is Verdict.UNHEALTHY
