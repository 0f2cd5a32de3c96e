"""While the old color has the users: bring the preview up, prove it, move traffic; trouble abandons it."""

from __future__ import annotations

from dataclasses import replace

from opsctl.core.decisions import Act, Decision, End, Enter, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.guard_pod import awaits_guard
from opsctl.core.health import Verdict, pod_trouble
from opsctl.core.hook import HookName
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.hooked import awaited, hook_end, hook_step, hook_trouble
from opsctl.core.release import ABORTED, Kind, Outcome, Phase, Rollout
from opsctl.core.sizes import lacking, none_of, words
from opsctl.core.snapshot import ColorState, Snapshot, where
from opsctl.core.steps import Install, Scale, StopPods, Switch

SPLIT_S = 2.0
"""So long a switch that is half done is tried again; Kubernetes answers in milliseconds, or there is trouble."""


def warming(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    state = seen.state(rollout.color)
    installed = state.release == rollout.release
    sized = installed and _sized(rollout, state)
    broken = tuple(pod.name for pod in state.living if rollout.recover and pod.name in rollout.leaving)
    if installed and broken:
        return Act(StopPods(rollout.color, broken))
    trouble = _warming_trouble(rollout, state, policy) if sized else ""
    if trouble:
        return give_up(rollout, trouble)
    if sized and state.settled and state.has_ready(rollout.sizes):
        return Enter(Phase.GATING)
    return _come_up(rollout, state, policy, now)


def _come_up(rollout: Rollout, state: ColorState, policy: Policy, now: float) -> Decision:
    """What the preview still lacks, until the deadline."""
    if now - rollout.first_in(Phase.WARMING) > policy.warm_deadline:
        ready = f"{state.ready} of {rollout.replicas} pods ready"
        return give_up(rollout, f"{ready} after {policy.warm_deadline:.0f} s")
    if state.release != rollout.release:
        return Act(Install(rollout.color))
    if not _sized(rollout, state):
        return Act(Scale(rollout.color, rollout.sizes))
    return Wait(f"{rollout.color} {state.ready}/{rollout.replicas} ready")


def _sized(rollout: Rollout, state: ColorState) -> bool:
    """It has its size, or was given it before: if it is larger by now, an autoscaler wants it so."""
    was_sized = any(entry.what == f"done {Scale(rollout.color, rollout.sizes)}" for entry in rollout.entries)
    return state.sizes == rollout.sizes or (was_sized and not lacking(state.sizes, rollout.sizes))


def _warming_trouble(rollout: Rollout, state: ColorState, policy: Policy) -> str:
    """What is plainly wrong with the preview's pods. While pods are still being replaced, only its own count; of
    a color that a person wants back, only those that are not ready, as the others may have restarted long ago."""
    pods = state.pods if state.settled else tuple(pod for pod in state.pods if pod.release == rollout.release)
    if rollout.kind is Kind.ROLLBACK:
        pods = tuple(pod for pod in pods if not pod.ready)
    return pod_trouble(replace(state, pods=pods), policy)


def gating(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    health = seen.health[rollout.color]
    if health.verdict is Verdict.UNHEALTHY:
        return give_up(rollout, health.detail)
    changed = _changed(rollout, seen)
    if changed:
        return mend(rollout, seen, rollout.color, rollout.sizes) or give_up(rollout, changed)
    failed = hook_trouble(HookName.PRE_CUTOVER, rollout)
    if failed:
        return give_up(rollout, failed)
    over = HookName.PRE_CUTOVER in seen.hooks and hook_step(HookName.PRE_CUTOVER, rollout, seen, policy, now)
    if over:
        return over
    wanted = 0.0 if rollout.kind is Kind.ROLLBACK and not rollout.recover else policy.gate_seconds
    held = now - max(seen.healthy_since.get(rollout.color, now), rollout.phase_since)
    proved = not wanted or seen.proved(rollout.color, rollout.phase_since)
    if seen.healthy(rollout.color) and held >= wanted and proved:
        return _pass_gate(rollout, seen, policy, now)
    since = max(rollout.first_in(Phase.GATING), hook_end(HookName.PRE_CUTOVER, rollout, seen, now))
    if now - since > policy.gate_deadline:
        return give_up(rollout, f"not proved healthy within {policy.gate_deadline:.0f} s: {health.detail}")
    if seen.healthy(rollout.color):
        lacks = "" if proved else "; not every pod was asked yet"
        return Wait(f"healthy for {held:.0f} of {wanted:.0f} s{lacks}")
    return Wait(health.detail)


def _changed(rollout: Rollout, seen: Observation) -> str:
    """What somebody else made of the preview: users get the release that was asked for, in its full size, or none."""
    state = seen.state(rollout.color)
    if state.release != rollout.release:
        return f"release {rollout.release} does not stand in {rollout.color} any more: somebody changed it"
    small = lacking(state.sizes, rollout.sizes)
    if small:
        needed = words({name: rollout.sizes[name] for name in small})
        return f"somebody keeps {rollout.color} at {words(small)} pods instead of {needed}"
    return ""


def _pass_gate(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    if rollout.hold:
        return Enter(Phase.AWAITING_PROMOTION)
    if seen.snapshot and awaits_guard(rollout, seen.snapshot, policy):
        return Wait("healthy; its guard in the cluster starts")
    begun = hook_step(HookName.PRE_CUTOVER, rollout, seen, policy, now)
    first = begun or awaited(HookName.PRE_CUTOVER, rollout, seen, policy)
    return first or Enter(Phase.MIGRATING if rollout.irreversible else Phase.CUTOVER)


def awaiting_promotion(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    return End(Outcome.AWAITING_PROMOTION, f"{rollout.color} passed the gate and waits for a person")


def cutover(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    if seen.snapshot and seen.snapshot.active is rollout.color:
        return Enter(Phase.BAKING)
    if seen.snapshot and seen.snapshot.split:
        return _half_moved(rollout, seen, seen.snapshot, now)
    changed = _changed(rollout, seen)
    if changed:
        return Enter(Phase.GATING, changed)
    verdict = seen.verdict(rollout.color)
    if verdict is Verdict.HEALTHY:
        return Act(Switch(rollout.color, rollout.origin))
    if verdict is Verdict.UNHEALTHY:
        return give_up(rollout, seen.health[rollout.color].detail)
    return Enter(Phase.GATING, f"evidence was lost before cutover: {seen.health[rollout.color].detail}")


def _half_moved(rollout: Rollout, seen: Observation, snapshot: Snapshot, now: float) -> Decision:
    """Some users are on each color: all move at once, or all go back. Two versions side by side are for moments."""
    if rollout.origin is None:
        return Act(Switch(rollout.color, None))
    if now - rollout.phase_since < SPLIT_S and seen.verdict(rollout.color) is not Verdict.UNHEALTHY:
        proved = seen.healthy(rollout.color)
        return Act(Switch(rollout.color, rollout.origin)) if proved else Wait(f"half moved: {where(snapshot)}")
    return Enter(Phase.ROLLING_BACK, f"traffic moved only in part: {where(snapshot)}")


def abandoning(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """Stop what this rollout installed. What stood there before, or was to be gone back to, is left as it is."""
    state = seen.state(rollout.color)
    if seen.snapshot and rollout.color in seen.snapshot.serving:
        return Enter(Phase.ROLLING_BACK, rollout.why)
    if rollout.kind is Kind.DEPLOY and state.release == rollout.release and state.desired:
        return Act(Scale(rollout.color, none_of(state.sizes)))
    refused = rollout.kind is Kind.ROLLBACK and rollout.why != ABORTED  # the way back that a person wanted
    return End(Outcome.HALTED if refused else Outcome.ABANDONED, rollout.why)


def give_up(rollout: Rollout, why: str) -> Decision:
    """Trouble before cutover: drop a preview; but a color that a person wanted back is left as it is."""
    if rollout.kind is Kind.ROLLBACK:
        return End(Outcome.HALTED, f"{rollout.color} is not healthy: {why}")
    return Enter(Phase.ABANDONING, why)
