"""Promote, abort and rollback in a simulated cluster."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

import pytest
from fakes import POLICY, Killed, World
from release_runs import last_record, once, release, sizes

from opsctl.core.color import Color
from opsctl.core.health import Service
from opsctl.core.release import Kind, Outcome, Phase
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod, Snapshot
from opsctl.errors import ExitCode, Halted, Interrupted, Refused, ToolMissing, UsageError
from opsctl.flows.deploy import mend_addresses
from opsctl.flows.steer import abort, promote, recover, resume, rollback, rollback_to

BY = "ana@build-7"


def test_a_held_release_waits_and_then_passes_the_gate_again(served: World) -> None:
    waiting = release(served, "good:2", hold=True)
    assert (waiting.outcome, served.active) == (Outcome.AWAITING_PROMOTION, Color.BLUE)
    assert served.lease is None, "nobody keeps the lock while a person thinks"
    served.clock.sleep(3600)
    done = promote(served.ports(), POLICY)
    assert (done.outcome, served.active) == (Outcome.SUCCEEDED, Color.GREEN)
    assert next(rollout.phase for rollout, _ in served.watching.decisions) is Phase.GATING


def test_a_held_release_that_broke_meanwhile_is_abandoned(served: World) -> None:
    release(served, "good:2", hold=True)
    served.sick[Color.GREEN] = frozenset({Service.API})
    done = promote(served.ports(), POLICY)
    assert (done.outcome, served.active) == (Outcome.ABANDONED, Color.BLUE)


def test_promote_wants_a_release_that_waits(served: World) -> None:
    with pytest.raises(UsageError, match="no rollout is unfinished") as error:
        promote(served.ports(), POLICY)
    assert (error.value.exit_code, error.value.hint) == (ExitCode.USAGE, "opsctl history")


def test_resume_of_one_that_waits_names_promote(served: World) -> None:
    release(served, "good:2", hold=True)
    with pytest.raises(UsageError, match="waits for a person") as error:
        resume(served.ports(), POLICY)
    assert "opsctl promote" in error.value.hint
    assert served.lease is None


def test_abort_before_cutover_drops_the_preview(served: World) -> None:
    release(served, "good:2", hold=True)
    done = abort(served.ports(), POLICY)
    assert (done.outcome, done.why) == (Outcome.ABANDONED, "aborted by hand")
    assert (served.active, sizes(served)) == (Color.BLUE, {Color.BLUE: 2, Color.GREEN: 0})


def interrupt_at(world: World, phase: Phase) -> None:
    """Ctrl-C as soon as a phase is on record."""
    world.at_point = once(f"after save phase {phase.value}", lambda: signal.raise_signal(signal.SIGINT))


@pytest.mark.parametrize("standby", ["full", 0])
@pytest.mark.parametrize("phase", [Phase.BAKING, Phase.DRAINING])
def test_abort_after_cutover_brings_users_back(served: World, phase: Phase, standby: Any) -> None:
    policy = replace(POLICY, standby=standby)
    interrupt_at(served, phase)
    with pytest.raises(Interrupted):
        release(served, "good:2", policy)
    if standby == 0 and phase is Phase.DRAINING:
        served.resize(Color.BLUE, 0)  # as the drain would have done next
        served.clock.sleep(5)
    done = abort(served.ports(), policy)
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE), done.why
    assert sizes(served) == {Color.BLUE: 2, Color.GREEN: 0}


def test_abort_of_the_first_release_after_cutover_has_nowhere_to_go(empty: World) -> None:
    interrupt_at(empty, Phase.BAKING)
    with pytest.raises(Interrupted):
        release(empty, "good:1")
    with pytest.raises(Halted, match="nothing to go back to") as error:
        abort(empty.ports(), POLICY)
    assert error.value.exit_code == ExitCode.HALTED
    assert empty.active is Color.BLUE


def test_abort_before_anything_was_installed_leaves_the_standby_alone(warm: World) -> None:
    """Going back to release 1 on blue must stay a matter of seconds."""
    warm.at_point = once("after save new rollout", warm.kill)
    with pytest.raises(Killed):
        release(warm, "good:3")
    warm.bury()
    assert abort(warm.ports(), POLICY).outcome is Outcome.ABANDONED
    assert sizes(warm) == {Color.BLUE: 2, Color.GREEN: 2}


def test_a_warm_rollback_is_one_write_and_takes_seconds(warm: World) -> None:
    started = warm.clock.now()
    done = rollback(warm.ports(), POLICY, BY)
    assert (done.outcome, done.kind, done.release) == (Outcome.SUCCEEDED, Kind.ROLLBACK, 1)
    assert (warm.active, sizes(warm)) == (Color.BLUE, {Color.BLUE: 2, Color.GREEN: 2})
    assert [w for w in warm.writes if w.startswith(("install", "scale", "switch"))] == ["switch to blue"]
    cutover = next(entry.at for entry in done.entries if entry.what == "done switch green to blue")
    assert cutover - started < 2.0


def test_a_rollback_brings_back_all_that_the_chart_was_told(served: World) -> None:
    release(served, "good:1", values={"resources": {"memory": "64Mi"}})
    release(served, "good:1", values={"resources": {"memory": "8Mi"}})
    served.resize(Color.GREEN, 0)
    served.deployments[Color.GREEN].values = {}
    served.deployments[Color.GREEN].release = 99
    done = rollback(served.ports(), POLICY, BY)
    assert (done.release, served.active) == (2, Color.GREEN)
    assert served.deployments[Color.GREEN].values == {"resources": {"memory": "64Mi"}}


def test_a_rollback_of_a_rollback_returns(warm: World) -> None:
    rollback(warm.ports(), POLICY, BY)
    done = rollback(warm.ports(), POLICY, BY)
    assert (done.release, warm.active) == (2, Color.GREEN)


def test_a_cold_rollback_starts_the_pods_first(warm: World) -> None:
    warm.resize(Color.BLUE, 0)
    warm.clock.sleep(5)
    done = rollback(warm.ports(), POLICY, BY)
    assert (done.outcome, warm.active, sizes(warm)[Color.BLUE]) == (Outcome.SUCCEEDED, Color.BLUE, 2)


@pytest.mark.parametrize("image", ["late-500:1", "broken:1"])
def test_rollback_goes_to_the_last_release_that_succeeded(warm: World, image: str) -> None:
    """Release 3 failed on blue, where release 1 stood: going back means release 1, never 3."""
    assert release(warm, image).outcome in (Outcome.ROLLED_BACK, Outcome.ABANDONED)
    done = rollback(warm.ports(), POLICY, BY)
    assert (done.outcome, done.release, done.image) == (Outcome.SUCCEEDED, 1, "good:1")
    assert (warm.active, warm.deployments[Color.BLUE].image) == (Color.BLUE, "good:1")


def test_rollback_to_a_color_that_restarted_long_ago(warm: World) -> None:
    warm.pods(Color.BLUE)[0].restarts = 3
    assert rollback(warm.ports(), POLICY, BY).outcome is Outcome.SUCCEEDED


def test_rollback_away_from_a_halted_release(served: World) -> None:
    """A person is needed, comes, and types rollback."""
    served.at_point = once("after switch to green", lambda: served.sick.update({Color.BLUE: frozenset({Service.API})}))
    assert release(served, "late-500:1").outcome is Outcome.HALTED
    served.sick.clear()
    assert rollback(served.ports(), POLICY, BY).outcome is Outcome.SUCCEEDED
    assert served.active is Color.BLUE


def test_rollback_to_a_sick_color_halts_and_leaves_it_as_it_is(warm: World) -> None:
    warm.sick[Color.BLUE] = frozenset({Service.API})
    done = rollback(warm.ports(), POLICY, BY)
    assert (done.outcome, warm.active) == (Outcome.HALTED, Color.GREEN)
    assert "blue is not healthy" in done.why
    assert sizes(warm) == {Color.BLUE: 2, Color.GREEN: 2}


def test_recover_replaces_the_pods_of_a_broken_color_and_goes_back_to_them(warm: World) -> None:
    """Both are broken: green for good, blue's pods only until they are made anew."""
    warm.sick[Color.GREEN] = frozenset({Service.API})
    broken = [pod.name for pod in warm.pods(Color.BLUE)]
    for pod in warm.pods(Color.BLUE):
        warm.crash(pod)
        pod.down_until += 3600
    assert rollback(warm.ports(), POLICY, BY).outcome is Outcome.HALTED
    done = recover(warm.ports(), POLICY, BY)
    assert (done.outcome, done.kind, warm.active) == (Outcome.SUCCEEDED, Kind.ROLLBACK, Color.BLUE), done.why
    assert not {pod.name for pod in warm.pods(Color.BLUE)} & set(broken)
    assert done.timings["gate_s"] >= POLICY.gate_seconds


def test_recover_moves_nobody_to_pods_that_are_broken_again(warm: World) -> None:
    warm.sick.update({Color.GREEN: frozenset({Service.API}), Color.BLUE: frozenset({Service.API})})
    done = recover(warm.ports(), POLICY, BY)
    assert (done.outcome, warm.active) == (Outcome.HALTED, Color.GREEN)


def test_an_aborted_rollback_leaves_the_standby_alone(warm: World) -> None:
    interrupt_at(warm, Phase.GATING)
    with pytest.raises(Interrupted):
        rollback(warm.ports(), POLICY, BY)
    assert abort(warm.ports(), POLICY).outcome is Outcome.ABANDONED
    assert (warm.active, sizes(warm)) == (Color.GREEN, {Color.BLUE: 2, Color.GREEN: 2})


def test_nothing_to_roll_back_to(served: World) -> None:
    with pytest.raises(UsageError, match="no earlier release"):
        rollback(served.ports(), POLICY, BY)
    assert served.lease is None


def test_rollback_waits_for_what_is_unfinished(warm: World) -> None:
    release(warm, "good:3", hold=True)
    with pytest.raises(Refused, match="unfinished"):
        rollback(warm.ports(), POLICY, BY)


def test_rollback_to_a_recorded_release_deploys_it_again_with_its_settings(warm: World) -> None:
    release(warm, "good:3", settings={"LOG_LEVEL": "debug"})
    done = rollback_to(1, warm.ports(), POLICY, BY)
    assert (done.outcome, done.kind, done.release, done.image) == (Outcome.SUCCEEDED, Kind.DEPLOY, 4, "good:1")
    assert (done.settings, warm.active) == ({}, Color.GREEN)


def test_rollback_to_an_unknown_release(warm: World) -> None:
    with pytest.raises(UsageError, match="no release 77 that served users") as error:
        rollback_to(77, warm.ports(), POLICY, BY)
    assert error.value.hint == "opsctl history"


def test_a_halted_rollout_can_be_resumed_when_its_trouble_is_over(served: World) -> None:
    served.at_point = once("after switch to green", lambda: served.sick.update({Color.BLUE: frozenset(Service)}))
    assert release(served, "late-500:1").outcome is Outcome.HALTED
    served.sick.clear()
    done = resume(served.ports(), POLICY)
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE)
    assert last_record(served) == done


def test_nothing_to_resume(served: World) -> None:
    with pytest.raises(UsageError, match="no rollout is unfinished"):
        resume(served.ports(), POLICY)


def test_a_way_back_does_not_hang_on_the_addresses(warm: World) -> None:
    """A color's Service is gone, and Helm, which would make it again, does not work here."""
    ports = warm.ports()

    class NoHelm:
        def prepare(self) -> None:
            raise ToolMissing("helm is not installed")

    ports.lock.acquire("rolls back")
    unserved = Snapshot(0.0, (), {color: _unserved(color) for color in Color})
    mend_addresses(unserved, replace(ports, charts=NoHelm()))  # type: ignore[arg-type]


def test_addresses_that_are_there_are_left_alone(warm: World) -> None:
    mend_addresses(warm.ports().cluster.read(), warm.ports())
    assert "prepare" not in warm.writes


def test_a_color_without_its_address_gets_it_back(warm: World) -> None:
    ports = warm.ports()
    ports.lock.acquire("rolls back")
    mend_addresses(Snapshot(0.0, (), {color: _unserved(color) for color in Color}), ports)
    assert warm.writes == ["prepare"]


def _unserved(color: Color) -> ColorState:
    return ColorState(color, 1, "a:1", {AGENT: 1}, True, (Pod("p", True, 0, "a:1", in_service=False),))
