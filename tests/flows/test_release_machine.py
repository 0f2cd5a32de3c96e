"""Releases under any order of faults: whatever happens, what design promises its users holds.

Hypothesis chooses commands, images, and faults that strike at any call to the API: pods die and crash, probes
lie once, the API falls silent, a process is killed between intent and outcome, others resize a color, edit the
active Service, or take the lock. The rules about writes (traffic goes only to a color judged healthy now, a color
with traffic is never made smaller, one operator acts) are asserted by the fakes at each write.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from fakes import DRAIN, EVERY, IMAGES, POLICY, Killed, World
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from release_runs import last_record, release, wanted

from opsctl.core.color import Color
from opsctl.core.environment import Hook, Hooks
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Result, Verdict
from opsctl.core.hook import HookName
from opsctl.core.release import Kind, Outcome, Rollout
from opsctl.errors import OpsError, ToolFailed
from opsctl.flows.steer import abort, promote, resume, rollback
from opsctl.flows.supersede import supersede

SHORT = replace(
    POLICY, gate_seconds=0.3, bake_seconds=0.6, probe_interval=0.2,
    drain=replace(DRAIN, quiet_seconds=0.2, deadline=8.0), warm_deadline=5.0,
    gate_deadline=5.0, silence_limit=4.0,
)  # fmt: skip
SWITCHED = {Outcome.SUCCEEDED: "color", Outcome.ROLLED_BACK: "origin", Outcome.ABANDONED: "origin"}
AT_A_LOOK = (
    "edit",
    "rob",
)  # at other moments these would strike between a check and its write, which no client can see

colors = st.sampled_from(Color)
faults = st.one_of(
    st.tuples(st.just("pod dies"), colors),
    st.tuples(st.just("pod crashes"), colors),
    st.tuples(st.just("probes fail once"), colors),
    st.tuples(st.just("probes say nothing once"), colors),
    st.tuples(st.just("falls sick"), colors),
    st.tuples(st.just("recovers"), colors),
    st.tuples(st.just("resize"), st.tuples(colors, st.integers(0, 3))),
    st.tuples(st.just("delete"), colors),
    st.tuples(st.just("edit"), st.one_of(st.none(), colors)),
    st.tuples(st.just("silence"), st.sampled_from([0.4, 2.0, 30.0])),
    st.tuples(st.just("refuse"), st.none()),
    st.tuples(st.just("interrupt"), st.none()),
    st.tuples(st.just("kill"), st.none()),
    st.tuples(st.just("rob"), st.none()),
    st.tuples(st.just("ask to give way"), st.none()),
)
_HOOK = Hook(command=["check"], timeout=20.0)
HOOKED = replace(SHORT, hooks=Hooks(_HOOK, _HOOK, _HOOK, _HOOK, _HOOK, _HOOK))
policies = st.sampled_from([SHORT, HOOKED])
bad_hooks = st.sampled_from([None, None, *HookName])
migrations = st.sampled_from(["none", "none", "expand", "contract"])
schedules = st.lists(st.tuples(st.integers(0, 120), faults), max_size=3)


class Releases(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.releases = 0

    @initialize(routers=st.sampled_from([1, 2]))
    def first_release(self, routers: int) -> None:
        """Two routers: each command may be struck between their moves."""
        self.world.routers = routers
        release(self.world, "good:1", SHORT)

    @rule(
        image=st.sampled_from(sorted(IMAGES)), hold=st.booleans(), migration=migrations, policy=policies,
        bad_hook=bad_hooks, schedule=schedules,
    )  # fmt: skip
    def deploy(
        self, image: str, hold: bool, migration: str, policy: Policy, bad_hook: HookName | None, schedule: list[Any]
    ) -> None:
        self.releases += 1
        self.world.bad_hooks = {bad_hook} if bad_hook else set()
        settings = {"N": str(self.releases)}  # so that none is the same as the one before
        more = {"hold": hold, "migration": migration, "settings": settings}
        self.run(lambda: release(self.world, image, policy, **more), schedule)

    @rule(image=st.sampled_from(sorted(IMAGES)), schedule=schedules)
    def supersede(self, image: str, schedule: list[Any]) -> None:
        self.releases += 1
        newer = wanted(image, settings={"N": str(self.releases)})
        self.run(lambda: supersede(newer, self.world.ports(), SHORT), schedule)

    @rule(policy=policies, schedule=schedules)
    def roll_back(self, policy: Policy, schedule: list[Any]) -> None:
        self.run(lambda: rollback(self.world.ports(), policy, "ana"), schedule)

    @precondition(lambda self: last_record(self.world).open)
    @rule(flow=st.sampled_from([promote, abort, resume]), schedule=schedules)
    def steer(self, flow: Callable[..., Rollout], schedule: list[Any]) -> None:
        self.run(lambda: flow(self.world.ports(), SHORT), schedule)

    @rule(fault=faults, seconds=st.sampled_from([0.0, 0.3, 30.0]))
    def meanwhile(self, fault: tuple[str, Any], seconds: float) -> None:
        if fault[0] not in ("kill", "interrupt", "refuse", "rob"):
            self.strike(fault)
            self.world.clock.sleep(seconds)
            self.world.reconcile()

    def run(self, command: Callable[[], Rollout], schedule: list[Any]) -> None:
        world = self.world
        world.bury()
        due = sorted(schedule, key=lambda item: item[0])
        started = len(world.points)

        def passed(point: str) -> None:
            while due and len(world.points) - started > due[0][0]:
                what = due[0][1][0]
                if (what in AT_A_LOOK and point != "before read") or (
                    what == "refuse" and not point.startswith("before")
                ):
                    return
                self.strike(due.pop(0)[1])

        world.at_point = passed
        try:
            self.judge(command())
        except (OpsError, Killed, KeyboardInterrupt):
            pass  # each says what it is; what it left is for the next command
        finally:
            world.at_point = lambda point: None
            if world.lease and world.lease.holder == "thief":
                world.lease = None

    def judge(self, done: Rollout) -> None:
        """What is reported is what is."""
        world = self.world
        if done.outcome is Outcome.UNCHANGED:
            return
        assert last_record(world) == done
        assert not (done.irreversible and done.outcome is Outcome.ROLLED_BACK), "there was no way back"
        side = SWITCHED.get(done.outcome) if done.outcome else None
        assert side is None or world.serving == {getattr(done, side)}, f"{done.outcome}, traffic is on {world.serving}"
        self.judge_hooks(done)
        if done.outcome is Outcome.SUCCEEDED:
            assert world.watching.seen
            assert world.watching.seen.verdict(done.color) is not Verdict.UNHEALTHY

    def judge_hooks(self, done: Rollout) -> None:
        """Users were moved only when `pre_cutover` had ended well, and stay only where `post_cutover` has."""
        hooked = done.kind is Kind.DEPLOY and done.policy["hooks"]["pre_cutover"]["command"]
        told = [entry.what for entry in done.entries]
        if hooked and "phase cutover" in told:
            assert "ended pre_cutover" in told[: told.index("phase cutover")]
        if hooked and done.outcome is Outcome.SUCCEEDED:
            assert "ended post_cutover" in told

    def strike(self, fault: tuple[str, Any]) -> None:
        world, (what, how) = self.world, fault
        match what:
            case "pod dies":
                del world.pods(how)[:1]
            case "pod crashes":
                for pod in world.pods(how)[:1]:
                    world.crash(pod)
            case "probes fail once" | "probes say nothing once":
                world.lies[how] = Result.FAILED if "fail" in what else Result.UNKNOWN
            case "falls sick":
                world.sick[how] = EVERY
            case "recovers":
                world.sick.pop(how, None)
            case "resize":
                world.resize(*how)
            case "delete":
                world.delete(how)
            case "edit":
                world.edit_service(how)
            case "silence":
                world.silent_until = world.clock.now() + how
            case "refuse":
                raise ToolFailed("the cluster says no")
            case "interrupt":
                signal.raise_signal(signal.SIGINT)
            case "kill":
                world.kill()
            case "rob" if world.lease:
                world.lease = replace(world.lease, holder="thief")
            case "ask to give way" if world.lease:
                world.lease = replace(world.lease, rival="eve@pc deploys good:3")

    def teardown(self) -> None:
        """Faults stop. Whatever was left can be ended, and then a good release can be made: never stuck."""
        world = self.world
        world.sick.clear()
        world.lies.clear()
        world.bad_hooks.clear()
        world.silent_until = 0.0
        world.bury()
        for flow in (resume, abort):  # a resumed one may turn out to wait for a person
            left = last_record(world)
            if left.open and (flow is abort or left.outcome is None):
                flow(world.ports(), SHORT)
        assert not last_record(world).open
        done = release(world, "good:2", SHORT, settings={"N": "last"})
        assert (done.outcome, world.serving) == (Outcome.SUCCEEDED, {done.color}), done.why
        assert world.fine(done.color)


Releases.TestCase.settings = settings(stateful_step_count=6)
TestReleases = pytest.mark.exhaustive(Releases.TestCase)
