"""A release of two workloads, each with a router of its own: both move, or none does, and how long it took is told."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from fakes import EVERY, POLICY, Killed, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.release import Outcome
from opsctl.errors import Interrupted, ToolFailed
from opsctl.flows.steer import resume, rollback

FIRST, SECOND = "switch to green", "switch router 1 to green"


@pytest.fixture
def split(served: World) -> World:
    """Release 1 serves on blue, by two routers."""
    served.routers, served.second = 2, Color.BLUE
    return served


def test_both_move(split: World) -> None:
    done = release(split, "good:2")
    assert (done.outcome, split.serving) == (Outcome.SUCCEEDED, {Color.GREEN})
    assert 0 <= done.timings["skew_s"] < 0.1


def test_one_that_refuses_brings_the_other_back_and_is_not_asked_again(split: World) -> None:
    split.at_point = refuse(f"before {SECOND}")
    done = release(split, "good:2")
    assert (done.outcome, split.serving) == (Outcome.ABANDONED, {Color.BLUE})
    assert "router 1 would not move" in done.why
    assert split.writes.count(FIRST) == 1


def test_a_rollback_whose_second_move_is_refused_halts_where_users_were(split: World) -> None:
    release(split, "good:2")
    split.at_point = refuse("before switch router 1 to blue")
    done = rollback(split.ports(), POLICY, "ana")
    assert (done.outcome, split.serving) == (Outcome.HALTED, {Color.GREEN})


def test_a_short_silence_between_the_two_is_waited_for(split: World) -> None:
    split.at_point = once(f"after {FIRST}", lambda: fall_silent(split, 0.3))
    done = release(split, "good:2")
    assert (done.outcome, split.serving) == (Outcome.SUCCEEDED, {Color.GREEN})
    assert done.timings["skew_s"] >= 0.3


def test_after_a_long_silence_between_the_two_all_go_back(split: World) -> None:
    split.at_point = once(f"after {FIRST}", lambda: fall_silent(split, 5.0))
    done = release(split, "good:2")
    assert (done.outcome, split.serving) == (Outcome.ROLLED_BACK, {Color.BLUE})
    assert "traffic moved only in part: service 0 on green, service 1 on blue" in done.why
    assert done.timings["skew_s"] >= 5.0, "so long users were on two versions"


def test_killed_between_the_two_another_process_goes_on(split: World) -> None:
    split.at_point = once(f"after {FIRST}", split.kill)
    with pytest.raises(Killed):
        release(split, "good:2")
    assert split.serving == {Color.BLUE, Color.GREEN}
    split.bury()
    done = resume(split.ports(), POLICY)
    assert (done.outcome, split.serving) == (Outcome.SUCCEEDED, {Color.GREEN})


def test_killed_between_the_two_and_sick_since_all_go_back(split: World) -> None:
    split.at_point = once(f"after {FIRST}", split.kill)
    with pytest.raises(Killed):
        release(split, "good:2")
    split.bury()
    split.sick[Color.GREEN] = EVERY
    done = resume(split.ports(), POLICY)
    assert (done.outcome, split.serving) == (Outcome.ROLLED_BACK, {Color.BLUE})


def test_an_interrupt_between_the_two_is_obeyed_when_all_are_on_one_color(split: World) -> None:
    split.at_point = once(f"after {FIRST}", lambda: signal.raise_signal(signal.SIGTERM))
    with pytest.raises(Interrupted):
        release(split, "good:2")
    assert split.serving == {Color.GREEN}
    assert last_record(split).open


def test_somebody_who_moves_one_of_them_in_the_bake_is_named(split: World) -> None:
    def edit() -> None:
        split.second = Color.BLUE

    split.at_point = once("after save phase baking", edit)
    done = release(split, "good:2")
    assert done.outcome is Outcome.HALTED
    assert "somebody else moved traffic to service 0 on green, service 1 on blue while baking" in done.why


def refuse(point: str) -> Callable[[str], None]:
    def no() -> None:
        raise ToolFailed("the cluster says no")

    return once(point, no)


def fall_silent(world: World, seconds: float) -> None:
    world.silent_until = world.clock.now() + seconds
