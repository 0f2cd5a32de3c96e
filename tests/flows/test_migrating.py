"""Releases that change the database: in which order, once, and what it means for the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import EVERY, POLICY, Killed, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.environment import Migration
from opsctl.core.release import Outcome
from opsctl.core.status import rollback_readiness
from opsctl.errors import Halted, Refused
from opsctl.flows.guarding import guard
from opsctl.flows.status import StatusLook
from opsctl.flows.steer import abort, resume, rollback, rollback_to

MIGRATING = replace(POLICY, migration=Migration(command=["python", "-m", "migrate"]))


def phases(world: World) -> list[str]:
    return [entry.what for entry in last_record(world).entries if entry.what.startswith("phase ")]


def test_expand_runs_before_anything_of_the_new_release_starts(served: World) -> None:
    done = release(served, "good:2", MIGRATING, migration="expand")
    assert done.outcome is Outcome.SUCCEEDED
    assert served.writes.index("migrate") < served.writes.index("install green")
    assert done.timings["migrate_s"] > 0


def test_contract_runs_when_the_gate_has_passed(served: World) -> None:
    done = release(served, "good:2", MIGRATING, migration="contract")
    assert done.outcome is Outcome.SUCCEEDED
    assert phases(served)[:3] == ["phase gating", "phase migrating", "phase cutover"]
    assert (
        served.writes.index("install green") < served.writes.index("migrate") < served.writes.index("switch to green")
    )


def test_without_one_none_runs(served: World) -> None:
    release(served, "good:2", MIGRATING)
    assert "migrate" not in served.writes


def test_a_failed_one_leaves_users_alone(served: World) -> None:
    done = release(served, "unmigratable:1", MIGRATING, migration="expand")
    assert (done.outcome, served.active) == (Outcome.ABANDONED, Color.BLUE)
    assert done.why == "the migration failed: no such table"
    assert "install green" not in served.writes


@pytest.mark.parametrize("point", ["before migrate", "after migrate"])
def test_whoever_dies_around_it_does_not_make_it_run_twice(served: World, point: str) -> None:
    served.at_point = once(point, served.kill)
    with pytest.raises(Killed):
        release(served, "good:2", MIGRATING, migration="expand")
    started = dict(served.migrations)
    served.bury()
    assert resume(served.ports(), MIGRATING).outcome is Outcome.SUCCEEDED
    assert served.migrations == started or not started
    assert len(served.migrations) == 1


def test_after_expand_a_failure_goes_back(served: World) -> None:
    done = release(served, "late-500:1", MIGRATING, migration="expand")
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE)


def test_after_contract_a_failure_halts(served: World) -> None:
    done = release(served, "late-500:1", MIGRATING, migration="contract")
    assert (done.outcome, served.active) == (Outcome.HALTED, Color.GREEN)
    assert "its migration took away what the release before needs" in done.why


def test_nor_does_anybody_go_back_by_hand(served: World) -> None:
    release(served, "good:2", MIGRATING, migration="contract")
    with pytest.raises(Refused, match="release 2 changed the database"):
        rollback(served.ports(), POLICY, "ana")
    assert served.active is Color.GREEN
    readiness = rollback_readiness(StatusLook("live", served.ports(), POLICY).once())
    assert (readiness["ready"], "took away" in readiness["why"]) == (False, True)


def test_an_abort_after_cutover_halts_and_resume_goes_on(served: World) -> None:
    served.at_point = once("after switch to green", served.kill)
    with pytest.raises(Killed):
        release(served, "good:2", MIGRATING, migration="contract")
    served.bury()
    with pytest.raises(Halted, match="took away"):
        abort(served.ports(), MIGRATING)
    assert resume(served.ports(), MIGRATING).outcome is Outcome.SUCCEEDED


def test_a_recorded_release_is_deployed_again_without_its_migration(served: World) -> None:
    release(served, "good:2", MIGRATING, migration="expand")
    release(served, "good:3", MIGRATING)
    served.migrations.clear()
    assert rollback_to(2, served.ports(), MIGRATING, "ana").outcome is Outcome.SUCCEEDED
    assert served.migrations == {}


def test_a_guard_after_such_a_release_halts_and_says_why(served: World) -> None:
    release(served, "good:2", MIGRATING, migration="contract")
    served.sick[Color.GREEN] = EVERY
    with pytest.raises(Halted, match=r"release 2 failed: .*took away"):
        guard(served.ports(), POLICY, 30.0, "ana")
    assert served.active is Color.GREEN
