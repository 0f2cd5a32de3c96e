"""`decide`: what to do next, from where the rollout is and what is seen. Pure and total; the heart of opsctl.

| trouble while          | who has traffic            | decision                                            |
|------------------------|----------------------------|-----------------------------------------------------|
| warming, gating        | old                        | abandon the preview; traffic never moves            |
| cutover, baking        | new; old at full size      | old healthy: switch back at once; else halt         |
| draining               | new; old partly gone       | scale old up, wait until healthy, switch; else halt |
| any, both unhealthy    | whoever has it             | move nothing, halt                                  |
| any, somebody made a   | whoever has it             | make it whole again, a few times; then it is        |
| color smaller          |                            | trouble like any other                              |
| any, cluster silent    | unknown                    | wait, then halt; health is never inferred           |

A hand-made rollback is the same machine with a release that has served before: one healthy look is its gate,
it does not bake, and trouble before its cutover halts, since a person wanted that color and has to choose again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter, Unguarded, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.guard_pod import awaits_guard, guard_step
from opsctl.core.health import Verdict, pod_trouble
from opsctl.core.observation import Observation
from opsctl.core.release import BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.snapshot import ColorState
from opsctl.core.steps import Install, Restore, Scale, StartGuard, Step, StopPods, Switch

Rule = Callable[[Rollout, Observation, Policy, float], Decision]

ABORTED = "aborted by hand"
MENDS = 3  # times that a color is made whole again; whoever keeps undoing it means it
BATCHES = 4  # the old color's pods leave in about this many groups, each replaced before the next goes


def decide(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """The next thing to do. Called again after each step with a fresh observation."""
    if seen.snapshot is None:
        return _silent(seen, policy, now)
    stranger = _moved_by_somebody_else(rollout, seen)
    if stranger:
        return stranger
    if rollout.phase in (Phase.WARMING, Phase.GATING, Phase.CUTOVER) and rollout.origin:
        mend = _mend(rollout, seen, rollout.origin, rollout.origin_needed)
        if mend:
            return mend
    if rollout.phase in (Phase.WARMING, Phase.GATING):
        guard = guard_step(rollout, seen.snapshot, policy, now)
        if guard:
            return guard
    return _RULES[rollout.phase](rollout, seen, policy, now)


def _silent(seen: Observation, policy: Policy, now: float) -> Decision:
    silent_for = now - (seen.silent_since if seen.silent_since is not None else now)
    if silent_for > policy.silence_limit:
        return End(Outcome.HALTED, f"no answer from the cluster for {silent_for:.0f} s: {seen.silence}")
    return Wait(f"no answer from the cluster for {silent_for:.0f} s")


def _moved_by_somebody_else(rollout: Rollout, seen: Observation) -> Decision | None:
    """Traffic goes where this rollout can have brought it in this phase, or somebody else wrote the Service."""
    active = seen.snapshot.active if seen.snapshot else None
    allowed: dict[Phase, tuple[Color | None, ...]] = {
        Phase.CUTOVER: (rollout.origin, rollout.color),
        Phase.ROLLING_BACK: (rollout.origin, rollout.color),
        Phase.BAKING: (rollout.color,),
        Phase.DRAINING: (rollout.color,),
    }
    if active in allowed.get(rollout.phase, (rollout.origin,)):
        return None
    return End(Outcome.HALTED, f"somebody else moved traffic to {active or 'nobody'} while {rollout.phase.value}")


def _mend(rollout: Rollout, seen: Observation, color: Color, size: int) -> Act | None:
    """Somebody made a color smaller than users may need it, or deleted it: make it whole, if that was not in vain."""
    state = seen.state(color)
    gone = state.release is None and color is rollout.origin and rollout.origin_release is not None
    if not (gone or (state.release is not None and state.desired < size)) or _mends(rollout) >= MENDS:
        return None
    if gone and rollout.origin_release is not None:
        return Act(Restore(color, rollout.origin_release), f"somebody deleted what stood in {color}")
    return Act(Scale(color, size), f"somebody made {color} smaller: {state.desired} pods instead of {size}")


def _mends(rollout: Rollout) -> int:
    return sum(entry.what.startswith("intent ") and bool(entry.detail) for entry in rollout.entries)


def _warming(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    state = seen.state(rollout.color)
    installed = state.release == rollout.release
    whole = state.desired == rollout.replicas or (state.desired > rollout.replicas and _was_sized(rollout))
    broken = tuple(pod.name for pod in state.living if rollout.recover and pod.name in rollout.leaving)
    if installed and broken:
        return Act(StopPods(rollout.color, broken))
    trouble = _warming_trouble(rollout, state, policy) if installed and whole else ""
    if trouble:
        return _give_up(rollout, trouble)
    if installed and whole and state.settled and state.ready >= rollout.replicas:
        return Enter(Phase.GATING)
    if now - rollout.first_in(Phase.WARMING) > policy.warm_deadline:
        ready = f"{state.ready} of {rollout.replicas} pods ready"
        return _give_up(rollout, f"{ready} after {policy.warm_deadline:.0f} s")
    if not installed:
        return Act(Install(rollout.color))
    if not whole:
        return Act(Scale(rollout.color, rollout.replicas))
    return Wait(f"{rollout.color} {state.ready}/{rollout.replicas} ready")


def _was_sized(rollout: Rollout) -> bool:
    """This rollout gave its color its size already; if it is larger by now, an autoscaler wants it so."""
    return any(entry.what == f"done {Scale(rollout.color, rollout.replicas)}" for entry in rollout.entries)


def _warming_trouble(rollout: Rollout, state: ColorState, policy: Policy) -> str:
    """What is plainly wrong with the preview's pods. While pods are still being replaced, only its own count; of
    a color that a person wants back, only those that are not ready, as the others may have restarted long ago."""
    pods = state.pods if state.settled else tuple(pod for pod in state.pods if pod.release == rollout.release)
    if rollout.kind is Kind.ROLLBACK:
        pods = tuple(pod for pod in pods if not pod.ready)
    return pod_trouble(replace(state, pods=pods), policy)


def _gating(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    health = seen.health[rollout.color]
    if health.verdict is Verdict.UNHEALTHY:
        return _give_up(rollout, health.detail)
    wanted = 0.0 if rollout.kind is Kind.ROLLBACK and not rollout.recover else policy.gate_seconds
    held = now - max(seen.healthy_since.get(rollout.color, now), rollout.phase_since)
    if seen.healthy(rollout.color) and held >= wanted:
        return _pass_gate(rollout, seen, policy)
    mend = _mend(rollout, seen, rollout.color, rollout.replicas)
    if mend:
        return mend
    if now - rollout.first_in(Phase.GATING) > policy.gate_deadline:
        return _give_up(rollout, f"not proved healthy within {policy.gate_deadline:.0f} s: {health.detail}")
    return Wait(f"healthy for {held:.0f} of {wanted:.0f} s" if seen.healthy(rollout.color) else health.detail)


def _pass_gate(rollout: Rollout, seen: Observation, policy: Policy) -> Decision:
    if rollout.hold:
        return Enter(Phase.AWAITING_PROMOTION)
    if seen.snapshot and awaits_guard(rollout, seen.snapshot, policy):
        return Wait("healthy; its guard in the cluster starts")
    return Enter(Phase.CUTOVER)


def _awaiting_promotion(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    return End(Outcome.AWAITING_PROMOTION, f"{rollout.color} passed the gate and waits for a person")


def _cutover(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    if seen.snapshot and seen.snapshot.active is rollout.color:
        return Enter(Phase.BAKING)
    verdict = seen.verdict(rollout.color)
    if verdict is Verdict.HEALTHY:
        return Act(Switch(rollout.color, rollout.origin))
    if verdict is Verdict.UNHEALTHY:
        return _give_up(rollout, seen.health[rollout.color].detail)
    return Enter(Phase.GATING, f"evidence was lost before cutover: {seen.health[rollout.color].detail}")


def _baking(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    trouble = trouble_with_active(rollout, seen)
    if trouble:
        return _go_back(rollout, seen, trouble)
    mend = _mend_both(rollout, seen)
    if mend:
        return mend
    wanted = 0.0 if rollout.kind is Kind.ROLLBACK else policy.bake_seconds
    baked = now - rollout.phase_since
    proved = seen.healthy(rollout.color) and seen.answered is rollout.color
    if baked >= wanted and proved:
        return _after_bake(rollout, seen)
    if baked > wanted + policy.silence_limit:
        detail = seen.health[rollout.color].detail if not seen.healthy(rollout.color) else seen.door.detail
        return _go_back(rollout, seen, f"not proved healthy after the bake: {detail}")
    guard = guard_step(rollout, seen.snapshot, policy, now) if seen.snapshot else None
    return guard or Wait(f"{baked:.0f} of {wanted:.0f} s · {seen.health[rollout.color].detail}")


def _mend_both(rollout: Rollout, seen: Observation) -> Act | None:
    """While a release can still fail, the color to go back to is kept at full size."""
    mend = _mend(rollout, seen, rollout.color, rollout.replicas)
    if mend or rollout.origin is None:
        return mend
    return _mend(rollout, seen, rollout.origin, rollout.origin_needed)


def _after_bake(rollout: Rollout, seen: Observation) -> Decision:
    if rollout.origin is None:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves on {rollout.color}")
    return Enter(Phase.DRAINING, leaving=tuple(pod.name for pod in seen.state(rollout.origin).living))


def _draining(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    assert rollout.origin is not None, "only a rollout that took traffic from a color drains one"
    trouble = trouble_with_active(rollout, seen)
    if trouble:
        return _restore_then_go_back(rollout, seen, policy, now, trouble)
    if now - rollout.phase_since < policy.drain_quiet_seconds:
        return Wait(f"nothing new reaches {rollout.origin}")
    old = seen.state(rollout.origin)
    remaining = [pod for pod in old.pods if pod.name in rollout.leaving]
    size = old.desired if policy.standby == "full" else min(policy.standby, old.desired)
    if not remaining and old.desired == size and old.ready >= size:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves on {rollout.color}")
    if now - rollout.phase_since > policy.drain_deadline:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves; {len(remaining)} old pods still close")
    if old.desired > size:
        return Act(Scale(rollout.origin, size))
    return _recycle(rollout, seen) if size else Wait(f"{len(remaining)} old pods close")


def _recycle(rollout: Rollout, seen: Observation) -> Decision:
    """Replace the old color's pods a group at a time, so that it stays warm and no socket stays behind.

    The next group waits for the replacements of the last; an old pod that is sick
    is one reason more for it to go.
    """
    assert rollout.origin is not None
    old = seen.state(rollout.origin)
    todo = tuple(pod.name for pod in old.living if pod.name in rollout.leaving)
    replaced = [pod for pod in old.living if pod.name not in rollout.leaving and pod.ready and pod.in_service]
    if not todo or len(replaced) + len(todo) < old.desired:
        return Wait(f"{len(rollout.leaving) - len(todo)} of {len(rollout.leaving)} old pods have let go")
    return Act(StopPods(rollout.origin, todo[: max(1, -(-len(rollout.leaving) // BATCHES))]))


def _restore_then_go_back(rollout: Rollout, seen: Observation, policy: Policy, now: float, trouble: str) -> Decision:
    assert rollout.origin is not None
    old = seen.state(rollout.origin)
    if seen.verdict(rollout.origin) is Verdict.UNHEALTHY:
        return End(
            Outcome.HALTED, f"{trouble}; {rollout.origin} is not healthy either: {seen.health[rollout.origin].detail}"
        )
    if old.desired < rollout.origin_needed:
        return Act(Scale(rollout.origin, rollout.origin_needed))
    if seen.healthy(rollout.origin):
        return Enter(Phase.ROLLING_BACK, trouble)
    if now - rollout.phase_since > policy.drain_deadline:
        return End(Outcome.HALTED, f"{trouble}; {rollout.origin} did not come back in time")
    return Wait(f"{trouble}; waiting for {rollout.origin}: {seen.health[rollout.origin].detail}")


def _rolling_back(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    assert rollout.origin is not None, "rolling back needs a color to go back to"
    if seen.snapshot and seen.snapshot.active is rollout.color:
        return _return_traffic(rollout, seen, rollout.origin, policy, now)
    if seen.answered is not rollout.origin and now - rollout.phase_since < policy.silence_limit:
        return Wait(f"the front door does not answer from {rollout.origin} yet")
    if seen.state(rollout.color).desired:
        return Act(Scale(rollout.color, 0))
    return End(Outcome.ROLLED_BACK, rollout.why)


def _return_traffic(rollout: Rollout, seen: Observation, origin: Color, policy: Policy, now: float) -> Decision:
    """Switch as soon as the old color is healthy; if it was made smaller meanwhile, it has time to start again."""
    if seen.healthy(origin):
        return Act(Switch(origin, rollout.color))
    if seen.verdict(origin) is Verdict.UNHEALTHY:
        return End(Outcome.HALTED, f"{rollout.why}; {origin} is not healthy either: {seen.health[origin].detail}")
    old = seen.state(origin)
    mend = _mend(rollout, seen, origin, 0)
    if mend:
        return mend
    if old.release is None:
        return End(Outcome.HALTED, f"{rollout.why}; nothing stands in {origin}, so there is nothing to go back to")
    if old.desired < rollout.origin_needed:
        return Act(Scale(origin, rollout.origin_needed))
    limit = policy.silence_limit if old.ready >= old.desired else policy.warm_deadline
    if now - rollout.phase_since > limit:
        detail = seen.health[origin].detail
        return End(Outcome.HALTED, f"{rollout.why}; {origin} was not healthy within {limit:.0f} s: {detail}")
    return Wait(f"{origin} {seen.health[origin].detail}")


def _abandoning(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """Stop what this rollout installed. What stood there before, or was to be gone back to, is left as it is."""
    state = seen.state(rollout.color)
    if rollout.kind is Kind.DEPLOY and state.release == rollout.release and state.desired:
        return Act(Scale(rollout.color, 0))
    return End(Outcome.ABANDONED, rollout.why)


def _give_up(rollout: Rollout, why: str) -> Decision:
    """Trouble before cutover: drop a preview; but a color that a person wanted back is left as it is."""
    if rollout.kind is Kind.ROLLBACK:
        return End(Outcome.HALTED, f"{rollout.color} is not healthy: {why}")
    return Enter(Phase.ABANDONING, why)


def trouble_with_active(rollout: Rollout, seen: Observation) -> str:
    """Why users must leave the color that this rollout gave them; empty where nothing is known to be wrong."""
    if seen.state(rollout.color).release != rollout.release:
        return f"release {rollout.release} does not stand in {rollout.color} any more: somebody changed it"
    health = seen.health[rollout.color]
    if health.verdict is Verdict.UNHEALTHY:
        return health.detail
    return f"front door: {seen.door.detail}" if seen.door.verdict is Verdict.UNHEALTHY else ""


def _go_back(rollout: Rollout, seen: Observation, trouble: str) -> Decision:
    """The old color must be healthy now; if that is not known yet, wait for the next look, never guess."""
    if rollout.origin is None:
        return End(Outcome.HALTED, f"{trouble}; nothing served before, so there is nothing to go back to")
    if seen.verdict(rollout.origin) is Verdict.UNHEALTHY:
        return End(
            Outcome.HALTED, f"{trouble}; {rollout.origin} is not healthy either: {seen.health[rollout.origin].detail}"
        )
    return Enter(Phase.ROLLING_BACK, trouble)


_RULES: dict[Phase, Rule] = {
    Phase.WARMING: _warming,
    Phase.GATING: _gating,
    Phase.AWAITING_PROMOTION: _awaiting_promotion,
    Phase.CUTOVER: _cutover,
    Phase.BAKING: _baking,
    Phase.DRAINING: _draining,
    Phase.ROLLING_BACK: _rolling_back,
    Phase.ABANDONING: _abandoning,
}

assert set(_RULES) == set(Phase), "every phase has a rule"


def refused(rollout: Rollout, step: Step, why: str) -> Decision:
    """What it means that the cluster says no to a step, again and again."""
    words = f"could not {step}: {why}"
    if isinstance(step, StartGuard):
        return Unguarded(why)
    if rollout.phase in (Phase.WARMING, Phase.CUTOVER):
        return _give_up(rollout, words)
    return End(Outcome.HALTED, f"{rollout.why}; {words}" if rollout.why else words)


def may_stop(rollout: Rollout, seen: Observation) -> bool:
    """Whether an interrupt may be obeyed now: never while users are on a color that is known to be bad."""
    if rollout.phase in (Phase.BAKING, Phase.DRAINING) and seen.snapshot:
        return not trouble_with_active(rollout, seen)
    return rollout.phase is not Phase.ROLLING_BACK


def abort(rollout: Rollout) -> Decision:
    """What a person's `abort` means: before cutover drop the preview, after it go back."""
    if rollout.phase in (*BEFORE_CUTOVER, Phase.ABANDONING):
        return Enter(Phase.ABANDONING, ABORTED)
    if rollout.origin is None:
        return End(Outcome.HALTED, "nothing served before, so there is nothing to go back to")
    return Enter(Phase.ROLLING_BACK, ABORTED)
