"""The guard in a simulated cluster: what it does once whoever began the release is gone, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import POLICY, Killed, World
from release_runs import last_record, once, release, sizes

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Service
from opsctl.core.release import Outcome, Phase, Rollout
from opsctl.errors import Interrupted, ToolFailed
from opsctl.flows import engine
from opsctl.flows.stand_by import stand_by
from opsctl.flows.steer import resume
from opsctl.ports.release import ReleasePorts

GUARDED = replace(POLICY, guard="in_cluster", guard_image="opsctl:1")
NAME = "guard@pod-1"
START = "start the guard of rollout 2"


@pytest.fixture
def world() -> World:
    """Release 1 serves on blue."""
    world = World()
    release(world, "good:1")
    return world


def entries(world: World) -> list[str]:
    return [entry.what for entry in last_record(world).entries]


def die(world: World, at: str, image: str = "good:2") -> None:
    """A release whose operator is killed there."""
    world.at_point = once(at, world.kill)
    with pytest.raises(Killed):
        release(world, image, GUARDED)
    world.at_point = lambda point: None


def guard(world: World) -> Rollout:
    return stand_by(world.ports(), POLICY, NAME)


# --- started before cutover, removed at the end ---------------------------------------------------------------


def test_it_stands_by_before_users_move_and_is_gone_at_the_end(world: World) -> None:
    def ready() -> None:
        state = world.guard_state()
        assert state
        assert state.ready

    world.at_point = once("before switch to green", ready)
    assert release(world, "good:2", GUARDED).outcome is Outcome.SUCCEEDED
    assert "before switch to green" in world.points
    assert world.guard is None
    assert f"done {START}" in entries(world)


def test_the_first_release_and_a_rollback_have_none() -> None:
    world = World()
    assert release(world, "good:1", GUARDED).outcome is Outcome.SUCCEEDED
    assert not [what for what in entries(world) if "guard" in what]


@pytest.mark.parametrize("policy", [POLICY, replace(GUARDED, guard_image=None)])
def test_where_none_is_wanted_or_none_can_be(world: World, policy: Policy) -> None:
    done = release(world, "good:2", policy)
    assert done.outcome is Outcome.SUCCEEDED
    assert world.guard is None
    assert done.unguarded == ("" if policy.guard == "none" else "release.guard_image names no image to run it")


def test_one_that_cannot_run_is_said_and_the_release_goes_on(world: World) -> None:
    world.guard_trouble = "its image opsctl:1 cannot be pulled (ErrImagePull)"
    done = release(world, "good:2", GUARDED)
    assert (done.outcome, done.unguarded) == (Outcome.SUCCEEDED, world.guard_trouble)
    assert world.guard is None


def test_one_that_is_refused(world: World) -> None:
    def refuse(point: str) -> None:
        if point == "before start guard":
            raise ToolFailed("jobs are forbidden")

    world.at_point = refuse
    done = release(world, "good:2", GUARDED)
    assert (done.outcome, done.unguarded) == (Outcome.SUCCEEDED, "jobs are forbidden")


# --- the operator is gone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["after switch to green", "after save phase baking"])
def test_a_bad_release_goes_back_though_nobody_types(world: World, at: str) -> None:
    die(world, at, "late-500:1")
    killed = world.clock.now()
    ended = guard(world)
    assert (ended.outcome, world.active, ended.taken_over_by) == (Outcome.ROLLED_BACK, Color.BLUE, NAME)
    assert world.lease is None
    back = next(entry.at for entry in ended.entries if entry.what == "done switch green to blue")
    assert back - killed < 7.0, "the lease's five seconds, and little more"
    assert last_record(world) == ended


def test_a_good_release_is_finished(world: World) -> None:
    die(world, "after save phase baking")
    ended = guard(world)
    assert (ended.outcome, world.active, ended.taken_over_by) == (Outcome.SUCCEEDED, Color.GREEN, NAME)
    assert "taken over" in [entry.what for entry in ended.entries]
    assert sizes(world) == {Color.BLUE: 2, Color.GREEN: 2}


def test_a_rollback_that_was_cut_short_is_finished(world: World) -> None:
    die(world, "after save phase rolling_back", "late-500:1")
    assert guard(world).outcome is Outcome.ROLLED_BACK
    assert world.active is Color.BLUE


def test_it_waits_while_the_lease_could_be_alive(world: World) -> None:
    die(world, "after save phase baking", "late-500:1")
    dead_at = world.lease.expires if world.lease else 0.0
    ended = guard(world)
    taken = next(entry.at for entry in ended.entries if entry.what == "taken over")
    assert dead_at <= taken < dead_at + 1.0


def test_silence_of_the_cluster_ends_nothing(world: World) -> None:
    die(world, "after save phase baking", "late-500:1")
    world.silent_until = world.clock.now() + 60.0
    assert guard(world).outcome is Outcome.ROLLED_BACK


# --- what it leaves alone -------------------------------------------------------------------------------------


def stopped(world: World, seconds: float) -> Callable[[str], None]:
    """For `World.at_point`: the test ends the guard after so long."""
    end = world.clock.now() + seconds

    def passed(point: str) -> None:
        if world.clock.now() > end:
            raise KeyboardInterrupt

    return passed


def idle_for(world: World, seconds: float) -> None:
    """A guard stands by for so long and writes nothing."""
    before = list(world.writes)
    world.at_point = stopped(world, seconds)
    with pytest.raises(KeyboardInterrupt):
        guard(world)
    world.at_point = lambda point: None
    assert world.writes == before


def test_nothing_while_its_operator_lives(world: World) -> None:
    """Played the other way round: a guard looks at every moment of a release that somebody carries."""
    ports: list[ReleasePorts] = []

    def look(point: str) -> None:
        if point == "after save phase baking":
            ports.append(world.ports())
            pulse = ports[0].lock.pulse()
            assert pulse.lease
            assert pulse.quiet == 0.0

    world.at_point = look
    assert release(world, "good:2", GUARDED).outcome is Outcome.SUCCEEDED
    assert ports
    world.at_point = lambda point: None
    assert guard(world).taken_over_by == ""


def test_before_cutover_all_is_left_to_a_person(world: World) -> None:
    die(world, "after save phase gating")
    idle_for(world, 30.0)
    assert last_record(world).phase is Phase.GATING
    assert resume(world.ports(), GUARDED).outcome is Outcome.SUCCEEDED


def interrupted(world: World, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C, or a CI job's end, early in the bake: the lock is given back, the rollout left open."""
    world.at_point = once("after save phase baking", lambda: asked.append(2))
    asked: list[int] = []
    monkeypatch.setattr(engine, "_asked_to_stop", lambda: _Asked(asked))
    with pytest.raises(Interrupted):
        release(world, image, GUARDED)
    monkeypatch.undo()
    world.at_point = lambda point: None
    assert world.lease is None


class _Asked:
    def __init__(self, asked: list[int]) -> None:
        self.asked = asked

    def __enter__(self) -> list[int]:
        return self.asked

    def __exit__(self, *error: object) -> None:
        return


def test_after_an_interrupt_a_good_release_is_left_to_the_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    interrupted(world, "good:2", monkeypatch)
    idle_for(world, 30.0)
    assert resume(world.ports(), GUARDED).taken_over_by == ""


def test_after_an_interrupt_a_bad_one_still_goes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(world, "good:2", monkeypatch)
    world.sick[Color.GREEN] = frozenset({Service.API})
    ended = guard(world)
    assert (ended.outcome, world.active) == (Outcome.ROLLED_BACK, Color.BLUE)


def test_whoever_was_quicker_is_not_disturbed(world: World) -> None:
    die(world, "after save phase baking", "late-500:1")

    def resumed(point: str) -> None:
        if point == "before acquire":
            world.at_point = lambda point: None
            resume(world.ports(), GUARDED)

    world.at_point = resumed
    ended = guard(world)
    assert (ended.outcome, ended.taken_over_by) == (Outcome.ROLLED_BACK, "")


def test_a_guard_that_is_evicted_leaves_the_rest_to_the_next(world: World) -> None:
    die(world, "after save phase baking")
    world.at_point = once("after save phase draining", world.kill)
    with pytest.raises(Killed):
        guard(world)
    world.at_point = lambda point: None
    assert last_record(world).taken_over_by == NAME
    assert guard(world).outcome is Outcome.SUCCEEDED


def test_a_record_that_cannot_be_read_does_not_end_it(world: World) -> None:
    die(world, "after save phase baking", "late-500:1")

    def forbidden() -> None:
        raise ToolFailed("configmaps are forbidden")

    world.at_point = once("before read records", forbidden)
    assert guard(world).outcome is Outcome.ROLLED_BACK
