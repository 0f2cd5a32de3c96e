"""While the old color lets its connections go, within the budget; trouble brings users back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter, Wait
from opsctl.core.drain import (
    Allowance,
    allowance,
    by_endpoint,
    first_stopped,
    holds,
    pods_to_go,
    portions,
    rate_of,
    seconds_left,
    still_shown,
)
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Verdict
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.serving import NO_WAY_BACK, trouble_with_active
from opsctl.core.release import Outcome, Phase, Rollout
from opsctl.core.sizes import Sizes, at_most, lacking
from opsctl.core.snapshot import ColorState, Pod
from opsctl.core.sockets import held
from opsctl.core.steps import LetGo, Scale, StopPods
from opsctl.core.words import counted

BATCHES = 4  # the old color's pods leave in about this many groups at most, each replaced before the next goes


def draining(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    assert rollout.origin is not None, "only a rollout that took traffic from a color drains one"
    trouble = trouble_with_active(rollout, seen)
    if trouble:
        return _restore_then_go_back(rollout, seen, policy, now, trouble)
    if now - rollout.phase_since < policy.drain.quiet_seconds:
        return Wait(f"nothing new reaches {rollout.origin}")
    if not seen.healthy(rollout.color):
        return _unproved(rollout, seen, policy, now)
    old = seen.state(rollout.origin)
    remaining = [pod for pod in old.pods if pod.name in rollout.leaving]
    sizes = old.sizes if policy.standby == "full" else at_most(old.sizes, policy.standby)
    if not remaining and old.sizes == sizes and old.has_ready(sizes):
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves on {rollout.color}")
    if now - rollout.phase_since > policy.drain.deadline:
        return End(Outcome.SUCCEEDED, f"release {rollout.release} serves; {len(remaining)} old pods still close")
    may = allowance(rollout, seen, policy, now, rollout.origin)
    stopping = Allowance(0) if by_endpoint(rollout, policy.drain) else may  # its pods go once they are empty
    smaller = old.sizes != sizes
    act = _smaller(rollout, seen, policy, stopping, sizes) if smaller else _recycle(rollout, seen, policy, stopping)
    todo = [pod for pod in old.living if pod.name in rollout.leaving]
    asking = let_some_go(rollout, seen, policy, now, may, rollout.origin, todo)
    return act or asking or _wait(rollout, seen, policy, now, may, todo)


def _unproved(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """Nothing of the old color goes on a guess: it may be needed."""
    detail = seen.health[rollout.color].detail
    if now - max(rollout.phase_since, seen.looking_since) > policy.drain.deadline:
        return End(Outcome.HALTED, f"{rollout.color} has the users and is not proved healthy: {detail}")
    return Wait(f"{rollout.color} is not proved healthy: {detail}")


def _smaller(rollout: Rollout, seen: Observation, policy: Policy, may: Allowance, sizes: Sizes) -> Act | None:
    """Down to the standby size, as far as agents may move."""
    assert rollout.origin is not None
    return make_smaller(seen, rollout.origin, sizes, may.agents, policy.drain.batch)


def make_smaller(seen: Observation, color: Color, sizes: Sizes, may: int, batch: int) -> Act | None:
    """Kubernetes chooses the pods; whoever it has not stopped yet is not reckoned with twice."""
    state, holding = seen.state(color), holds(seen, color)
    own = {name: [pod for pod in state.living if pod.workload == name] for name in state.sizes}
    if any(len(pods) > state.sizes[name] for name, pods in own.items()):
        return None
    surplus = [first_stopped(pods, holding)[: max(0, len(pods) - sizes[name])] for name, pods in own.items()]
    emptiest = sorted(surplus, key=lambda pods: holding.get(pods[0].name, 1_000_000) if pods else 0)
    candidates = [pod for pods in emptiest for pod in pods]
    going = pods_to_go(candidates, holding, may, batch)
    if candidates and not going:
        return None
    left = {name: max(sizes[name], sum(pod not in going for pod in pods)) for name, pods in own.items()}
    return Act(Scale(color, left, _held(going, holding)))


def _recycle(rollout: Rollout, seen: Observation, policy: Policy, may: Allowance) -> Act | None:
    """Replace the old color's pods a group at a time, so that it stays warm and no socket stays behind.

    The next group waits for the replacements of the last; an old pod that is sick
    is one reason more for it to go.
    """
    assert rollout.origin is not None
    old, holding = seen.state(rollout.origin), holds(seen, rollout.origin)
    todo = [pod for pod in old.living if pod.name in rollout.leaving]
    replaced = [pod for pod in old.living if pod.name not in rollout.leaving and pod.ready and pod.in_service]
    if not todo or not old.desired or len(replaced) + len(todo) < old.desired:
        return None
    emptiest = sorted(todo, key=lambda pod: holding.get(pod.name, 1_000_000))
    going = pods_to_go(_group(emptiest, old.sizes), holding, may.agents, policy.drain.batch)
    return Act(StopPods(old.color, tuple(pod.name for pod in going), _held(going, holding))) if going else None


def _group(pods: Sequence[Pod], sizes: Sizes) -> list[Pod]:
    """The first of each workload, so many that it is done in `BATCHES` groups."""
    own = {name: [pod for pod in pods if pod.workload == name] for name in sizes}
    return [pod for name, some in own.items() for pod in some[: max(1, -(-sizes[name] // BATCHES))]]


def let_some_go(
    rollout: Rollout, seen: Observation, policy: Policy, now: float, may: Allowance, color: Color, pods: Sequence[Pod]
) -> Act | None:
    """Ask the application for a portion, where it can be asked."""
    if not (pods and may.agents and by_endpoint(rollout, policy.drain)):
        return None
    shown = still_shown(rollout, seen, policy, now, color)
    some = portions(pods, holds(seen, color), min(may.agents, policy.drain.batch), shown)
    rate = rate_of(policy.drain)
    within = sum(count for _, count in some) / rate
    return Act(LetGo(color, some, policy.drain.path, within)) if some else None


def _wait(rollout: Rollout, seen: Observation, policy: Policy, now: float, may: Allowance, todo: Sequence[Pod]) -> Wait:
    assert rollout.origin is not None
    why = why_not(seen, rollout.origin, may, todo) or _still(rollout, seen.state(rollout.origin), todo)
    return Wait(agents_left(rollout, seen, policy, now, rollout.origin, rollout.leaving) + why)


def _still(rollout: Rollout, old: ColorState, todo: Sequence[Pod]) -> str:
    closing = sum(pod.terminating and pod.name in rollout.leaving for pod in old.pods)
    if not todo:
        return f"{counted(closing, 'old pod')} closing" if closing else "their replacements start"
    return f"{len(rollout.leaving) - len(todo)} of {len(rollout.leaving)} old pods gone"


def why_not(seen: Observation, color: Color, may: Allowance, todo: Sequence[Pod]) -> str:
    """Why none of these pods' agents may move now; empty where it is the budget, or nothing."""
    holding = holds(seen, color)
    unknown = sum(pod.name not in holding for pod in todo)
    if may.why and any(holding.get(pod.name) for pod in todo):
        return may.why
    if unknown:
        return f"not known how many agents are held by {counted(unknown, 'pod')} of {color}"
    if todo and may.agents and all(holding[pod.name] > may.agents for pod in todo):
        return f"only {may.agents} places on {color.other}, too few for the next pod"
    return ""


def agents_left(
    rollout: Rollout, seen: Observation, policy: Policy, now: float, color: Color, names: Sequence[str]
) -> str:
    """What is said first while agents leave these pods: how many at most, and the time that the budget takes.

    Those of a pod that ends already have been paid for.
    """
    state = seen.state(color)
    left = held(state, seen.sockets, names)
    if not left:
        return ""
    unpaid = held(state, seen.sockets, [pod.name for pod in state.living if pod.name in names])
    seconds = seconds_left(rollout, unpaid, policy.drain, now)
    return f"{counted(left, 'agent')} left, {int(seconds) // 60}:{int(seconds) % 60:02d} · "


def _held(pods: Sequence[Pod], holding: Mapping[str, int]) -> int:
    return sum(holding[pod.name] for pod in pods)


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
