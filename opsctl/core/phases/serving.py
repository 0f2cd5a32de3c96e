"""While the new color has the users: watch it, let the old one's connections go; trouble brings users back."""

from __future__ import annotations

from opsctl.core.decisions import Act, Decision, End, Enter, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.guard_pod import guard_step
from opsctl.core.health import Verdict
from opsctl.core.hook import HookName
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.hooked import awaited, hook_end, hook_step, hook_trouble
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.sizes import Sizes, at_most, lacking, total
from opsctl.core.snapshot import ColorState, Pod
from opsctl.core.sockets import free_places, held, may_go
from opsctl.core.steps import Scale, StopPods

NO_WAY_BACK = "its migration took away what the release before needs"
BATCHES = 4  # the old color's pods leave in about this many groups, each replaced before the next goes


def baking(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    trouble = trouble_with_active(rollout, seen)
    if trouble:
        return _go_back(rollout, seen, trouble)
    whole = _mend_both(rollout, seen)
    if whole:
        return whole
    hook = hook_step(HookName.POST_CUTOVER, rollout, seen, policy, now)
    if hook:
        return hook
    wanted = 0.0 if rollout.kind is Kind.ROLLBACK else policy.bake_seconds
    baked = now - rollout.phase_since
    proved = seen.healthy(rollout.color) and seen.answered is rollout.color
    if baked >= wanted and proved:
        return awaited(HookName.POST_CUTOVER, rollout, seen, policy) or _after_bake(rollout, seen)
    until = max(rollout.phase_since + wanted, hook_end(HookName.POST_CUTOVER, rollout, seen, now))
    if now - max(until, seen.looking_since) > policy.silence_limit:
        detail = seen.health[rollout.color].detail if not seen.healthy(rollout.color) else seen.door.detail
        return _go_back(rollout, seen, f"not proved healthy after the bake: {detail}")
    guard = guard_step(rollout, seen.snapshot, policy, now) if seen.snapshot else None
    return guard or Wait(f"{baked:.0f} of {wanted:.0f} s · {seen.health[rollout.color].detail}")


def _mend_both(rollout: Rollout, seen: Observation) -> Act | None:
    """While a release can still fail, the color to go back to is kept at full size."""
    whole = mend(rollout, seen, rollout.color, rollout.sizes)
    if whole or rollout.origin is None:
        return whole
    return mend(rollout, seen, rollout.origin, rollout.origin_needed)


def _after_bake(rollout: Rollout, seen: Observation) -> Decision:
    if rollout.origin is None:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves on {rollout.color}")
    return Enter(Phase.DRAINING, leaving=tuple(pod.name for pod in seen.state(rollout.origin).living))


def draining(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    assert rollout.origin is not None, "only a rollout that took traffic from a color drains one"
    trouble = trouble_with_active(rollout, seen)
    if trouble:
        return _restore_then_go_back(rollout, seen, policy, now, trouble)
    if now - rollout.phase_since < policy.drain_quiet_seconds:
        return Wait(f"nothing new reaches {rollout.origin}")
    old = seen.state(rollout.origin)
    remaining = [pod for pod in old.pods if pod.name in rollout.leaving]
    sizes = old.sizes if policy.standby == "full" else at_most(old.sizes, policy.standby)
    if not remaining and old.sizes == sizes and old.has_ready(sizes):
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves on {rollout.color}")
    if now - rollout.phase_since > policy.drain_deadline:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves; {len(remaining)} old pods still close")
    if old.sizes != sizes:
        return _make_smaller(rollout, seen, sizes)
    return (
        _recycle(rollout, seen)
        if total(sizes)
        else Wait(f"{len(remaining)} old pods close{_agents_left(rollout, seen)}")
    )


def _make_smaller(rollout: Rollout, seen: Observation, sizes: Sizes) -> Decision:
    """Down to the standby size, as far as agents find room. Kubernetes chooses the pods: reckon with the fullest."""
    assert rollout.origin is not None
    old = seen.state(rollout.origin)
    fullest = [pod for name in old.sizes for pod in _fullest(old, name, seen)[: old.sizes[name] - sizes[name]]]
    going = may_go(fullest, old, seen.state(rollout.color), seen.sockets)
    if fullest and not going:
        return _no_room(rollout, seen)
    left = {name: has - sum(pod.workload == name for pod in going) for name, has in old.sizes.items()}
    return Act(Scale(rollout.origin, sizes if len(going) == len(fullest) else left))


def _fullest(old: ColorState, workload: str, seen: Observation) -> list[Pod]:
    own = [pod for pod in old.living if pod.workload == workload]
    return sorted(own, key=lambda pod: seen.sockets.get(pod.name, 0), reverse=True)


def _recycle(rollout: Rollout, seen: Observation) -> Decision:
    """Replace the old color's pods a group at a time, so that it stays warm and no socket stays behind.

    The next group waits for the replacements of the last; an old pod that is sick
    is one reason more for it to go.
    """
    assert rollout.origin is not None
    old = seen.state(rollout.origin)
    todo = [pod for pod in old.living if pod.name in rollout.leaving]
    replaced = [pod for pod in old.living if pod.name not in rollout.leaving and pod.ready and pod.in_service]
    if not todo or len(replaced) + len(todo) < old.desired:
        gone = len(rollout.leaving) - len(todo)
        return Wait(f"{gone} of {len(rollout.leaving)} old pods have let go{_agents_left(rollout, seen)}")
    group = todo[: max(1, -(-len(rollout.leaving) // BATCHES))]
    going = may_go(group, old, seen.state(rollout.color), seen.sockets)
    if not going:
        return _no_room(rollout, seen)
    return Act(StopPods(rollout.origin, tuple(pod.name for pod in going)))


def _no_room(rollout: Rollout, seen: Observation) -> Wait:
    free = free_places(seen.state(rollout.color), seen.sockets)
    return Wait(f"{rollout.color} has room for {free} agents, too few for the next pod's")


def _agents_left(rollout: Rollout, seen: Observation) -> str:
    assert rollout.origin is not None
    left = held(seen.state(rollout.origin), seen.sockets, rollout.leaving)
    return f" · at most {left} agents left" if left else ""


def _restore_then_go_back(rollout: Rollout, seen: Observation, policy: Policy, now: float, trouble: str) -> Decision:
    assert rollout.origin is not None
    if rollout.irreversible:
        return End(Outcome.HALTED, f"{trouble}; {NO_WAY_BACK}")
    old = seen.state(rollout.origin)
    if seen.verdict(rollout.origin) is Verdict.UNHEALTHY:
        return End(
            Outcome.HALTED, f"{trouble}; {rollout.origin} is not healthy either: {seen.health[rollout.origin].detail}"
        )
    restored = mend(rollout, seen, rollout.origin, {})
    if restored:
        return restored
    if lacking(old.sizes, rollout.origin_needed):
        return Act(Scale(rollout.origin, rollout.origin_needed))
    if seen.healthy(rollout.origin):
        return Enter(Phase.ROLLING_BACK, trouble)
    last_act = max(rollout.phase_since, rollout.entries[-1].at if rollout.entries else 0.0, seen.looking_since)
    if now - last_act > policy.warm_deadline:
        return End(Outcome.HALTED, f"{trouble}; {rollout.origin} did not come back in time")
    return Wait(f"{trouble}; waiting for {rollout.origin}: {seen.health[rollout.origin].detail}")


def _go_back(rollout: Rollout, seen: Observation, trouble: str) -> Decision:
    """The old color must be healthy now; if that is not known yet, wait for the next look, never guess."""
    if rollout.origin is None:
        return End(Outcome.HALTED, f"{trouble}; nothing served before, so there is nothing to go back to")
    if rollout.irreversible:
        return End(Outcome.HALTED, f"{trouble}; {NO_WAY_BACK}")
    if seen.verdict(rollout.origin) is Verdict.UNHEALTHY:
        return End(
            Outcome.HALTED, f"{trouble}; {rollout.origin} is not healthy either: {seen.health[rollout.origin].detail}"
        )
    return Enter(Phase.ROLLING_BACK, trouble)


def trouble_with_active(rollout: Rollout, seen: Observation) -> str:
    """Why users must leave the color that this rollout gave them; empty where nothing is known to be wrong."""
    if seen.state(rollout.color).release != rollout.release:
        return f"release {rollout.release} does not stand in {rollout.color} any more: somebody changed it"
    health = seen.health[rollout.color]
    if health.verdict is Verdict.UNHEALTHY:
        return health.detail
    if seen.door.verdict is Verdict.UNHEALTHY:
        return f"front door: {seen.door.detail}"
    return hook_trouble(HookName.POST_CUTOVER, rollout)
