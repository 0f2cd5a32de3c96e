"""While users are brought back to the old color: as soon as it is healthy; then the failed one lets its agents go."""

from __future__ import annotations

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Wait
from opsctl.core.drain import allowance, by_endpoint
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Verdict
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.draining import agents_left, let_some_go, make_smaller, why_not
from opsctl.core.release import ABORTED, Outcome, Rollout
from opsctl.core.sizes import lacking, none_of
from opsctl.core.steps import Scale, Switch


def rolling_back(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    assert rollout.origin is not None, "rolling back needs a color to go back to"
    if seen.snapshot and rollout.color in seen.snapshot.serving:
        return _return_traffic(rollout, seen, rollout.origin, policy, now)
    if seen.answered is not rollout.origin and now - rollout.phase_since < policy.silence_limit:
        return Wait(f"the front door does not answer from {rollout.origin} yet")
    unproved = _not_whole(rollout, seen, rollout.origin, policy, now)
    if unproved:
        return unproved
    if seen.state(rollout.color).desired:
        return _stop_the_failed(rollout, seen, policy, now)
    return End(Outcome.ROLLED_BACK, rollout.why)


def _stop_the_failed(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """Its agents come back as they went, within the budget; whatever holds none goes at once. It is not kept for ever:
    at the deadline its pods close what they hold inside their grace period."""
    color, drain = rollout.color, policy.drain
    nobody = none_of(seen.state(color).sizes)
    if now - _users_back(rollout) > drain.deadline:
        return Act(Scale(color, nobody))
    may = allowance(rollout, seen, policy, now, color)
    stopping = 0 if by_endpoint(rollout, drain) else may.agents
    pods = seen.state(color).living
    act = make_smaller(seen, color, nobody, stopping, drain.batch) or let_some_go(
        rollout, seen, policy, now, may, color, pods
    )
    if act:
        return act
    why = why_not(seen, color, may, pods) or f"agents come back to {rollout.origin}"
    names = [pod.name for pod in seen.state(color).pods]
    return Wait(agents_left(rollout, seen, policy, now, color, names) + why)


def _users_back(rollout: Rollout) -> float:
    """When traffic went back, as far as it is on record."""
    switched = [entry.at for entry in rollout.entries if "switch " in entry.what and entry.at >= rollout.phase_since]
    return max([rollout.phase_since, *switched])


def _not_whole(rollout: Rollout, seen: Observation, origin: Color, policy: Policy, now: float) -> Decision | None:
    """What users are back on has its full size and is healthy before the failed color is stopped: until then that may
    yet be the better one."""
    detail = seen.health[origin].detail
    if seen.verdict(origin) is Verdict.UNHEALTHY:
        return End(Outcome.HALTED, f"{rollout.why}; users are back on {origin}, which is not healthy either: {detail}")
    small = lacking(seen.state(origin).sizes, rollout.origin_needed)
    late = now - max(rollout.phase_since, seen.looking_since) > policy.warm_deadline
    if late and not seen.healthy(origin):
        return End(
            Outcome.HALTED, f"{rollout.why}; users are back on {origin}, which cannot be proved healthy: {detail}"
        )
    grown = _grow(rollout, seen, origin) if small and not late else None
    if grown or seen.healthy(origin):
        return grown
    return Wait(f"{origin} {detail}")


def _grow(rollout: Rollout, seen: Observation, origin: Color) -> Decision | None:
    """To its standby size it was made smaller by ourselves; anything else is somebody else's doing."""
    if seen.state(origin).release is None:
        return mend(rollout, seen, origin, {})
    return Act(Scale(origin, rollout.origin_needed))


def _return_traffic(rollout: Rollout, seen: Observation, origin: Color, policy: Policy, now: float) -> Decision:
    """Switch as soon as the old color is healthy; if it was made smaller meanwhile, it has time to start again."""
    small = lacking(seen.state(origin).sizes, rollout.origin_needed)
    if seen.healthy(origin) and not (small and rollout.why == ABORTED):  # nothing is wrong, so nobody need crowd
        return Act(Switch(origin, rollout.color))
    if seen.verdict(origin) is Verdict.UNHEALTHY:
        return End(Outcome.HALTED, f"{rollout.why}; {origin} is not healthy either: {seen.health[origin].detail}")
    old = seen.state(origin)
    whole = mend(rollout, seen, origin, {})
    if whole:
        return whole
    if old.release is None:
        return End(Outcome.HALTED, f"{rollout.why}; nothing stands in {origin}, so there is nothing to go back to")
    if small:
        return Act(Scale(origin, rollout.origin_needed))
    limit = policy.silence_limit if old.has_ready(old.sizes) else policy.warm_deadline
    if now - max(rollout.phase_since, seen.looking_since) > limit:
        detail = seen.health[origin].detail
        return End(Outcome.HALTED, f"{rollout.why}; {origin} was not healthy within {limit:.0f} s: {detail}")
    return Wait(f"{origin} {seen.health[origin].detail}")
