"""A process that dies, is interrupted, hears nothing or loses its lock: what it leaves, and how another goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import DRAIN, POLICY, Killed, World
from release_runs import last_record, once, release, sizes

from opsctl.core.color import Color
from opsctl.core.health import Service
from opsctl.core.lease import DURATION_S
from opsctl.core.release import Outcome, Phase, Rollout
from opsctl.errors import ExitCode, Halted, Interrupted, LockHeld, ToolFailed, Unreachable
from opsctl.flows.steer import abort, resume, rollback

Run = Callable[[World], Rollout]
SHORT = replace(
    POLICY, gate_seconds=0.3, bake_seconds=0.5, probe_interval=0.25, drain=replace(DRAIN, quiet_seconds=0.2)
)


def good(world: World) -> Rollout:
    return release(world, "good:2", SHORT)


def expand(world: World) -> Rollout:
    return release(world, "good:2", SHORT, migration="expand")


def contract(world: World) -> Rollout:
    return release(world, "good:2", SHORT, migration="contract")


def bad(world: World) -> Rollout:
    return release(world, "late-500:1", SHORT)


def unpullable(world: World) -> Rollout:
    return release(world, "missing:1", SHORT)


def back(world: World) -> Rollout:
    return rollback(world.ports(), SHORT, "ana@build-7")


def prepared(run: Run) -> World:
    """A world in which `run` makes sense."""
    world = World()
    release(world, "good:1", SHORT)
    if run is back:
        release(world, "good:2", SHORT)
    world.points.clear()
    return world


def boundaries(run: Run) -> list[int]:
    """Each moment just before and just after a write of the rollout, as an index into the calls of a clean run."""
    world = prepared(run)
    run(world)
    first = world.points.index("after save new rollout")
    quiet = ("read", "acquire", "ensure")
    return [
        number for number, point in enumerate(world.points)
        if number >= first and not point.split(maxsplit=1)[1].startswith(quiet)
    ]  # fmt: skip


def at_number(world: World, number: int, act: Callable[[], None]) -> None:
    world.points.clear()
    world.at_point = lambda point: act() if len(world.points) == number + 1 else None


@pytest.mark.exhaustive
@pytest.mark.parametrize("steer", [resume, abort], ids=["resume", "abort"])
@pytest.mark.parametrize("run", [good, bad, unpullable, back, expand])
def test_killed_at_any_write_another_process_brings_it_to_an_end(run: Run, steer: Callable[..., Rollout]) -> None:
    for number in boundaries(run):
        world = prepared(run)
        at_number(world, number, world.kill)
        with pytest.raises(Killed):
            run(world)
        point = world.points[-1]
        world.bury()
        finished_already = last_record(world).outcome
        if finished_already is None:
            done = steer(world.ports(), SHORT)
            assert done.outcome in ENDS[run, steer], f"{point}: {done.outcome} {done.why}"
        assert last_record(world).outcome in ENDS[run, resume] | ENDS[run, steer], point
        assert world.fine(world.active), f"{point}: users are on {world.active}, which is not healthy"
        assert world.lease is None or finished_already


ENDS = {
    (good, resume): {Outcome.SUCCEEDED},
    (good, abort): {Outcome.ABANDONED, Outcome.ROLLED_BACK},
    (expand, resume): {Outcome.SUCCEEDED},
    (expand, abort): {Outcome.ABANDONED, Outcome.ROLLED_BACK},
    (bad, resume): {Outcome.ROLLED_BACK},
    (bad, abort): {Outcome.ABANDONED, Outcome.ROLLED_BACK},
    (unpullable, resume): {Outcome.ABANDONED},
    (unpullable, abort): {Outcome.ABANDONED},
    (back, resume): {Outcome.SUCCEEDED},
    (back, abort): {Outcome.ABANDONED, Outcome.ROLLED_BACK},
}


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_users_on_a_healthy_color_and_says_which(phase: Phase, number: int) -> None:
    world = prepared(good)
    images, migrations = {Phase.ABANDONING: "missing:1"}, {Phase.MIGRATING: "contract"}
    handlers = signal.getsignal(number)
    world.at_point = once(f"after save phase {phase.value}", lambda: signal.raise_signal(number))
    if phase is Phase.WARMING:
        world.at_point = once("before install green", lambda: signal.raise_signal(number))
    if phase is Phase.ROLLING_BACK:
        assert bad(world).outcome is Outcome.ROLLED_BACK, "going back is finished first"
    else:
        with pytest.raises(Interrupted) as error:
            release(world, images.get(phase, "good:2"), SHORT, hold=phase is Phase.AWAITING_PROMOTION,
                    migration=migrations.get(phase, "none"))  # fmt: skip
        assert error.value.exit_code == ExitCode.INTERRUPTED
        assert f"Traffic is on {world.active}" in error.value.state
        assert "opsctl resume" in error.value.hint
        assert last_record(world).entries[-1].what == "interrupted"
    assert world.lease is None
    assert world.fine(world.active)
    assert signal.getsignal(number) == handlers


def test_a_lost_terminal_does_not_end_the_guard() -> None:
    world, before = prepared(good), signal.getsignal(signal.SIGHUP)  # ignored under nohup
    world.at_point = once(f"after save phase {Phase.BAKING.value}", lambda: signal.raise_signal(signal.SIGHUP))
    assert release(world, "good:2", SHORT).outcome is Outcome.SUCCEEDED
    assert signal.getsignal(signal.SIGHUP) is before


def test_an_interrupt_waits_until_users_are_off_a_bad_color() -> None:
    """While draining, green breaks; until blue is back, Ctrl-C must not leave users on green."""
    world = prepared(good)
    world.lose_agents()
    resized: list[str] = []

    def passed(point: str) -> None:
        if point != "after scale blue":
            return
        resized.append(point)
        if len(resized) == 1:
            world.sick[Color.GREEN] = frozenset({Service.API})
        else:
            signal.raise_signal(signal.SIGTERM)

    world.at_point = passed
    done = release(world, "good:2", replace(SHORT, standby=0))
    assert len(resized) == 2
    assert (done.outcome, world.active, world.fine(Color.BLUE)) == (Outcome.ROLLED_BACK, Color.BLUE, True)


def test_a_short_silence_is_sat_out_and_costs_nothing() -> None:
    world = prepared(good)
    world.at_point = once(
        "after save phase baking", lambda: setattr(world, "silent_until", world.clock.now() + 0.8 * SHORT.silence_limit)
    )
    assert good(world).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "phase", [phase for phase in Phase if phase not in (Phase.ABANDONING, Phase.AWAITING_PROMOTION)]
)
def test_a_long_silence_halts_and_the_next_process_goes_on(phase: Phase) -> None:
    run = {Phase.ROLLING_BACK: bad, Phase.MIGRATING: contract}.get(phase, good)
    world = prepared(run)
    point = "after install green" if phase is Phase.WARMING else f"after save phase {phase.value}"
    world.at_point = once(point, lambda: setattr(world, "silent_until", world.clock.now() + 600))
    with pytest.raises(Halted, match="no answer from the cluster") as error:
        run(world)
    assert (error.value.exit_code, "opsctl resume" in error.value.hint) == (ExitCode.HALTED, True)
    assert last_record(world).outcome is None
    world.clock.sleep(600)
    assert resume(world.ports(), SHORT).outcome is (Outcome.ROLLED_BACK if run is bad else Outcome.SUCCEEDED)


def test_a_lost_answer_to_a_write_is_looked_up_not_assumed() -> None:
    """Each write in turn is done, but its answer is lost."""
    for number in boundaries(good):
        world = prepared(good)

        def lose() -> None:
            raise Unreachable("the connection broke")

        at_number(world, number, lose)
        try:
            done = good(world)
        except Unreachable:  # only the very first write of all is not tried again: opsctl says so and ends
            assert world.points[number] == "after save new rollout"
            done = resume(world.ports(), SHORT)
        assert (done.outcome, world.active) == (Outcome.SUCCEEDED, Color.GREEN), world.points[number]


@pytest.mark.parametrize("moment", ["after read records", "after prepare", "after save phase gating"])
def test_a_lost_lock_stops_before_the_next_write(moment: str) -> None:
    world = prepared(good)

    def rob() -> None:
        assert world.lease
        world.lease = replace(world.lease, holder="thief")
        world.writes.clear()

    world.at_point = once(moment, rob)
    with pytest.raises(LockHeld) as error:
        good(world)
    assert error.value.exit_code == ExitCode.LOCK_HELD
    assert world.writes == []
    assert world.active is Color.BLUE


def test_the_dead_keeps_the_lock_only_until_it_runs_out() -> None:
    world = prepared(good)
    world.at_point = once("after save phase baking", world.kill)
    with pytest.raises(Killed):
        good(world)
    died = world.clock.now()
    resumed = world.ports()
    resumed.lock.acquire("resumes a release")
    assert world.clock.now() - died == pytest.approx(DURATION_S)
    resumed.lock.release()
    assert resume(world.ports(), SHORT).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("phase", [Phase.WARMING, Phase.GATING, Phase.BAKING, Phase.DRAINING])
def test_traffic_moved_by_somebody_else_halts_and_names_where(phase: Phase) -> None:
    world = prepared(good)
    elsewhere = Color.BLUE if phase in (Phase.BAKING, Phase.DRAINING) else Color.GREEN
    point = "after install green" if phase is Phase.WARMING else f"after save phase {phase.value}"
    world.at_point = once(point, lambda: world.edit_service(elsewhere))
    done = good(world)
    assert (done.outcome, world.active) == (Outcome.HALTED, elsewhere)
    assert f"somebody else moved traffic to {elsewhere}" in done.why


def test_a_step_that_is_refused_for_good_is_given_up() -> None:
    world = prepared(good)

    def refuse(point: str) -> None:
        if point == "before install green":
            raise ToolFailed("quota exceeded")

    world.at_point = refuse
    done = good(world)
    assert (done.outcome, world.active, sizes(world)) == (Outcome.ABANDONED, Color.BLUE, {Color.BLUE: 2})
    assert "could not install into green: quota exceeded" in done.why


def test_a_switch_refused_once_is_tried_again() -> None:
    world = prepared(bad)

    def refuse() -> None:
        raise ToolFailed("somebody else wrote the active Service just now")

    world.at_point = once("before switch to blue", refuse)
    assert (bad(world).outcome, world.active) == (Outcome.ROLLED_BACK, Color.BLUE)


def test_a_switch_back_refused_for_good_halts() -> None:
    world = prepared(bad)

    def refuse(point: str) -> None:
        if point == "before switch to blue":
            raise ToolFailed("forbidden")

    world.at_point = refuse
    done = bad(world)
    assert (done.outcome, world.active) == (Outcome.HALTED, Color.GREEN)
    assert "could not switch green to blue: forbidden" in done.why
