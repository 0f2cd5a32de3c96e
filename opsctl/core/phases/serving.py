"""While the new color has the users: watch it; trouble brings users back."""

from __future__ import annotations

from opsctl.core.cadence import intervals
from opsctl.core.decisions import Act, Decision, End, Enter, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.guard_pod import guard_step
from opsctl.core.health import Verdict
from opsctl.core.hook import HookName
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.hooked import awaited, hook_end, hook_step, hook_trouble
from opsctl.core.release import Kind, Outcome, Phase, Rollout

NO_WAY_BACK = "its migration took away what the release before needs"


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
    wanted = 0.0 if rollout.kind is Kind.ROLLBACK else _least_bake(rollout, seen, policy)
    baked = now - rollout.phase_since
    asked = not wanted or seen.proved(rollout.color, rollout.phase_since)
    proved = seen.healthy(rollout.color) and seen.answered is rollout.color and asked
    if baked >= wanted and proved:
        return awaited(HookName.POST_CUTOVER, rollout, seen, policy) or _after_bake(rollout, seen)
    until = max(rollout.phase_since + wanted, hook_end(HookName.POST_CUTOVER, rollout, seen, now))
    if now - max(until, seen.looking_since) > policy.silence_limit:
        detail = seen.health[rollout.color].detail if not seen.healthy(rollout.color) else seen.door.detail
        return _go_back(rollout, seen, f"not proved healthy after the bake: {detail}")
    guard = guard_step(rollout, seen.snapshot, policy, now) if seen.snapshot else None
    return guard or Wait(f"{baked:.0f} of {wanted:.0f} s · {seen.health[rollout.color].detail}")


def _least_bake(rollout: Rollout, seen: Observation, policy: Policy) -> float:
    """Seconds. Users' requests are judged by three readings of a pod; no bake ends before there can be so many."""
    if seen.snapshot is None:
        return policy.bake_seconds
    return max(policy.bake_seconds, 3 * intervals(seen.snapshot, policy)[rollout.color])


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
    gone = sorted(rollout.sizes.keys() - seen.state(rollout.color).sizes.keys())
    if gone:
        return f"no {' and no '.join(gone)} of release {rollout.release} stands in {rollout.color} any more"
    health = seen.health[rollout.color]
    if health.verdict is Verdict.UNHEALTHY:
        return health.detail
    if seen.door.verdict is Verdict.UNHEALTHY:
        return f"front door: {seen.door.detail}"
    return hook_trouble(HookName.POST_CUTOVER, rollout)
