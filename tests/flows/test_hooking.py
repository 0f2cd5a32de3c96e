"""Hooks and notices around releases: when each runs, what its failure means, and that nobody waits who need not."""

from __future__ import annotations

import signal
from dataclasses import asdict, replace

import pytest
from fakes import EVERY, POLICY, Killed, World
from release_runs import last_record, once, release, wanted

from opsctl.core.color import Color
from opsctl.core.decisions import Act
from opsctl.core.environment import Hook, Hooks, Migration, Notify
from opsctl.core.hook import HookName
from opsctl.core.notice import Event, Undelivered
from opsctl.core.progress import waits_for
from opsctl.core.release import Outcome
from opsctl.errors import Interrupted, Refused
from opsctl.flows.planning import dry_run
from opsctl.flows.stand_by import stand_by
from opsctl.flows.steer import resume, rollback
from opsctl.flows.supersede import supersede
from opsctl.guard.wiring import NoHooks

_EACH = Hook(command=["check"], timeout=20.0)
ALL = Hooks(_EACH, _EACH, _EACH, _EACH, _EACH, _EACH)
HOOKED = replace(POLICY, hooks=ALL)


def ran(world: World) -> list[str]:
    return [name.value for name, _ in world.hooks_run]


def told(world: World) -> list[str]:
    """What the record says of hooks, in order."""
    names = tuple(f" {name}" for name in HookName)
    return [entry.what for entry in last_record(world).entries if entry.what.endswith(names)]


def facts(world: World, name: HookName) -> dict[str, str]:
    (found,) = [facts for ran, facts in world.hooks_run if ran is name]
    return found


def test_a_good_release_runs_three_in_order_and_each_is_on_record(served: World) -> None:
    done = release(served, "good:2", HOOKED)
    assert done.outcome is Outcome.SUCCEEDED
    assert ran(served) == ["pre_deploy", "pre_cutover", "post_cutover"]
    assert [what for what in told(served) if what.startswith("ended")] == [
        "ended pre_deploy", "ended pre_cutover", "ended post_cutover",
    ]  # fmt: skip
    assert last_record(served) == done


def test_without_commands_none_runs(served: World) -> None:
    release(served, "late-500:1")
    assert (served.hooks_run, told(served)) == ([], [])


def test_each_is_told_who_has_the_users(served: World) -> None:
    release(served, "late-500:1", HOOKED)
    active = {name: facts(served, name)["OPSCTL_ACTIVE"] for name, _ in served.hooks_run}
    assert active == {
        HookName.PRE_DEPLOY: "blue", HookName.PRE_CUTOVER: "blue", HookName.POST_CUTOVER: "green",
        HookName.PRE_ROLLBACK: "green", HookName.POST_ROLLBACK: "blue",
    }  # fmt: skip
    last = facts(served, HookName.POST_ROLLBACK)
    assert (last["OPSCTL_OUTCOME"], "HTTP 500" in last["OPSCTL_WHY"]) == ("rolled_back", True)
    first = facts(served, HookName.PRE_DEPLOY)
    assert (first["OPSCTL_RELEASE"], first["OPSCTL_COLOR"], first["OPSCTL_BY"]) == ("2", "green", "ana@build-7")


def test_the_end_of_a_hook_that_no_decision_waits_for_is_said(served: World) -> None:
    """A pager that failed in silence would be worse than none."""
    served.bad_hooks = {HookName.POST_ROLLBACK}
    release(served, "late-500:1", HOOKED)
    said = [line for who, line in served.watching.said if who == "hook"]
    assert "ended pre_deploy" in said
    assert "failed post_rollback: exit code 3" in said


def test_a_hook_that_cannot_start_refuses_the_release_beforehand(served: World) -> None:
    missing = replace(POLICY, hooks=replace(Hooks(), post_rollback=Hook(command=["missing"])))
    with pytest.raises(Refused, match="hook post_rollback: missing is not installed, or not on PATH") as error:
        release(served, "good:2", missing)
    assert error.value.state == "No release was begun; users stay on blue."
    assert (served.writes, served.hooks_run) == ([], [])
    _, findings = dry_run(wanted("good:2"), served.ports(), missing)
    assert "hook post_rollback: missing is not installed, or not on PATH" in [found.detail for found in findings]


def test_pre_deploy_fails_and_nothing_is_done(served: World) -> None:
    served.bad_hooks = {HookName.PRE_DEPLOY}
    records = dict(served.records)
    with pytest.raises(Refused, match="hook pre_deploy failed: exit code 3") as error:
        release(served, "good:2", HOOKED)
    assert error.value.state == "Nothing was changed; nothing is released."
    assert (served.writes, served.records, served.lease) == ([], records, None)


def test_a_newer_release_need_not_wait_for_pre_deploy(served: World) -> None:
    served.hook_s = 1000.0
    served.at_point = lambda point: None
    asks = iter([lambda: None, lambda: served.ports().lock.ask("eve@pc deploys good:3")])
    sleep = served.clock.sleep

    def sleeping(seconds: float) -> None:
        sleep(seconds)
        next(asks, lambda: None)()

    served.clock.sleep = sleeping  # type: ignore[method-assign]
    with pytest.raises(Interrupted, match="superseded: eve@pc"):
        release(served, "good:2", HOOKED)
    assert served.writes == []


def test_pre_cutover_fails_and_users_are_never_moved(served: World) -> None:
    served.bad_hooks = {HookName.PRE_CUTOVER}
    done = release(served, "good:2", HOOKED)
    assert (done.outcome, served.active) == (Outcome.ABANDONED, Color.BLUE)
    assert done.why == "hook pre_cutover failed: exit code 3"
    assert "switch to green" not in served.writes


def test_a_preview_that_dies_while_pre_cutover_runs_is_abandoned_at_once(served: World) -> None:
    served.hook_s = 100.0
    served.at_point = once(
        "after save done begin pre_cutover", lambda: served.sick.update({Color.GREEN: EVERY})
    )  # fmt: skip
    started = served.clock.now()
    done = release(served, "good:2", replace(HOOKED, hooks=Hooks(pre_cutover=_EACH)))
    assert (done.outcome, served.active) == (Outcome.ABANDONED, Color.BLUE)
    assert served.clock.now() - started < 20
    assert told(served)[-1] == "stopped pre_cutover"


def test_post_cutover_fails_and_users_are_brought_back(served: World) -> None:
    served.bad_hooks = {HookName.POST_CUTOVER}
    done = release(served, "good:2", HOOKED)
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE)
    assert done.why == "hook post_cutover failed: exit code 3"


def test_post_cutover_fails_after_a_contract_and_a_person_is_called(served: World) -> None:
    served.bad_hooks = {HookName.POST_CUTOVER}
    policy = replace(HOOKED, migration=Migration(command=["migrate"]))
    done = release(served, "good:2", policy, migration="contract")
    assert (done.outcome, served.active, ran(served)[-1]) == (Outcome.HALTED, Color.GREEN, "on_halt")
    served.bad_hooks.clear()
    assert resume(served.ports(), policy).outcome is Outcome.SUCCEEDED


def test_the_bake_lasts_as_long_as_post_cutover(served: World) -> None:
    served.hook_s = 30.0
    hooks = Hooks(post_cutover=Hook(command=["check"], timeout=60.0))
    assert release(served, "good:2", replace(POLICY, hooks=hooks)).timings["bake_s"] >= 30.0


def test_pre_rollback_keeps_nobody_waiting(served: World) -> None:
    plain = World()
    release(plain, "good:1")
    without = release(plain, "late-500:1")
    served.hook_s = 15.0
    hooks = Hooks(pre_rollback=_EACH, post_rollback=_EACH)
    done = release(served, "late-500:1", replace(POLICY, hooks=hooks))
    assert done.timings["rollback_s"] == pytest.approx(without.timings["rollback_s"], abs=0.01)
    rolled_back = next(entry.at for entry in done.entries if entry.what == "outcome rolled_back")
    ended = next(entry.at for entry in done.entries if entry.what == "ended pre_rollback")
    assert rolled_back < ended
    assert ran(served) == ["pre_rollback", "post_rollback"]


@pytest.mark.parametrize("name", [HookName.PRE_ROLLBACK, HookName.POST_ROLLBACK])
def test_around_a_rollback_a_failure_changes_nothing(served: World, name: HookName) -> None:
    served.bad_hooks = {name}
    done = release(served, "late-500:1", HOOKED)
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE)
    assert f"failed {name}" in told(served)


def test_going_back_by_hand_runs_those_of_a_rollback_alone(warm: World) -> None:
    done = rollback(warm.ports(), HOOKED, "ana")
    assert (done.outcome, warm.active) == (Outcome.SUCCEEDED, Color.BLUE)
    assert ran(warm) == ["pre_rollback", "post_rollback"]


def test_on_halt_runs_at_each_halt(served: World) -> None:
    served.sick[Color.BLUE] = EVERY
    policy = replace(POLICY, hooks=Hooks(on_halt=_EACH))
    assert release(served, "late-500:1", policy).outcome is Outcome.HALTED
    assert resume(served.ports(), policy).outcome is Outcome.HALTED
    assert ran(served) == ["on_halt", "on_halt"]
    assert told(served) == ["began on_halt", "ended on_halt"] * 2


@pytest.mark.parametrize("name", [HookName.PRE_CUTOVER, HookName.POST_CUTOVER])
@pytest.mark.parametrize(
    ("point", "times"),
    [("before save intent begin {}", 1), ("after save done begin {}", 2), ("after save ended {}", 1)],
)
def test_who_goes_on_repeats_only_what_nobody_knows_the_end_of(
    served: World, name: HookName, point: str, times: int
) -> None:
    served.at_point = once(point.format(name), served.kill)
    with pytest.raises(Killed):
        release(served, "good:2", HOOKED)
    served.bury()
    assert resume(served.ports(), HOOKED).outcome is Outcome.SUCCEEDED
    assert ran(served).count(name.value) == times


def test_an_interrupt_ends_the_hook_and_resume_runs_it_again(served: World) -> None:
    served.at_point = once("after save done begin post_cutover", lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(Interrupted):
        release(served, "good:2", HOOKED)
    assert resume(served.ports(), HOOKED).outcome is Outcome.SUCCEEDED
    assert ran(served).count("post_cutover") == 2


def test_the_guard_runs_none_and_says_which(served: World) -> None:
    served.at_point = once("after save phase baking", served.kill)
    with pytest.raises(Killed):
        release(served, "good:2", HOOKED)
    served.bury()
    runs = ran(served)
    done = stand_by(replace(served.ports(), hooks=NoHooks()), POLICY, "guard@pod")
    assert (done.outcome, done.taken_over_by) == (Outcome.SUCCEEDED, "guard@pod")
    assert (ran(served), told(served)[-1]) == (runs, "not run post_cutover")


def test_a_guard_that_brings_users_back_says_which_were_not_run(served: World) -> None:
    served.at_point = once("after save phase baking", served.kill)
    with pytest.raises(Killed):
        release(served, "late-500:1", HOOKED)
    served.bury()
    done = stand_by(replace(served.ports(), hooks=NoHooks()), POLICY, "guard@pod")
    assert done.outcome is Outcome.ROLLED_BACK
    assert told(served)[-2:] == ["not run pre_rollback", "not run post_rollback"]


def test_a_release_that_takes_anothers_place_runs_its_own(served: World) -> None:
    release(served, "good:2", HOOKED, hold=True)
    served.hooks_run.clear()
    assert supersede(wanted("good:3"), served.ports(), HOOKED).outcome is Outcome.SUCCEEDED
    assert ran(served) == ["pre_deploy", "pre_cutover", "post_cutover"]


def test_others_are_told_once_of_each_moment(served: World) -> None:
    served.notices.clear()
    release(served, "good:2")
    assert served.notices == [(Event.BEGAN, Color.BLUE), (Event.MOVED, Color.GREEN), (Event.SUCCEEDED, Color.GREEN)]
    served.notices.clear()
    release(served, "late-500:1")
    assert [event for event, _ in served.notices] == [Event.BEGAN, Event.MOVED, Event.ROLLED_BACK]


def test_who_goes_on_does_not_say_again_that_it_began(served: World) -> None:
    served.notices.clear()
    served.at_point = once("after save phase baking", served.kill)
    with pytest.raises(Killed):
        release(served, "good:2")
    served.bury()
    resume(served.ports(), POLICY)
    assert [event for event, _ in served.notices] == [Event.BEGAN, Event.SUCCEEDED]


def test_whom_no_notice_reached_is_said_and_on_record_and_changes_nothing(served: World) -> None:
    served.undelivered = [Undelivered("hooks.example.com", "HTTP 500")]
    done = release(served, "good:2")
    assert done.outcome is Outcome.SUCCEEDED
    assert served.watching.said == [("notify", "hooks.example.com was not told: HTTP 500")]
    assert last_record(served).entries[-1].what == "not told hooks.example.com"


def test_no_address_goes_on_record(served: World) -> None:
    secret = "https://hooks.example.com/T0/B1/s3cret"
    policy = replace(POLICY, notify=Notify(webhooks=[secret]))
    done = release(served, "good:2", policy)
    assert done.policy == {key: value for key, value in asdict(policy).items() if key != "notify"}
    assert all("s3cret" not in text for _, text in served.records.values())


def test_whoever_looks_on_sees_that_a_hook_is_waited_for(served: World) -> None:
    """Only the process that carries a release knows its hooks' states; another one goes by the record."""
    release(served, "good:2", replace(POLICY, hooks=Hooks(post_cutover=_EACH)))
    told = served.watching.decisions
    rollout = next(rollout for rollout, d in told if isinstance(d, Act) and str(d.step) == "begin post_cutover")
    assert served.watching.seen
    seen = replace(served.watching.seen, hooks={})
    assert waits_for(rollout, seen, replace(POLICY, hooks=Hooks(post_cutover=_EACH))) == "hook post_cutover"
