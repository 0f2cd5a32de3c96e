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
| hook before cutover    | old                        | abandon the preview                                 |
| hook after cutover     | new; old at full size      | switch back, as for any trouble                     |

A hand-made rollback is the same machine with a release that has served before: one healthy look is its gate,
it does not bake, and trouble before its cutover halts, since a person wanted that color and has to choose again.
"""

from __future__ import annotations

from collections.abc import Callable

from opsctl.core.color import Color
from opsctl.core.decisions import Decision, End, Enter, Noted, Unguarded, Wait
from opsctl.core.drain import holds
from opsctl.core.environment import Release as Policy
from opsctl.core.guard_pod import guard_step
from opsctl.core.hook import HookEnd
from opsctl.core.mending import mend
from opsctl.core.observation import Observation
from opsctl.core.phases.draining import draining
from opsctl.core.phases.migrating import migrating
from opsctl.core.phases.preview import abandoning, awaiting_promotion, cutover, gating, give_up, warming
from opsctl.core.phases.returning import rolling_back
from opsctl.core.phases.serving import NO_WAY_BACK, baking, trouble_with_active
from opsctl.core.release import ABORTED, BEFORE_CUTOVER, Outcome, Phase, Rollout
from opsctl.core.snapshot import where
from opsctl.core.steps import BeginHook, StartGuard, Step, Switch

Rule = Callable[[Rollout, Observation, Policy, float], Decision]

_RULES: dict[Phase, Rule] = {
    Phase.MIGRATING: migrating,
    Phase.WARMING: warming,
    Phase.GATING: gating,
    Phase.AWAITING_PROMOTION: awaiting_promotion,
    Phase.CUTOVER: cutover,
    Phase.BAKING: baking,
    Phase.DRAINING: draining,
    Phase.ROLLING_BACK: rolling_back,
    Phase.ABANDONING: abandoning,
}

_MOVING = (Phase.CUTOVER, Phase.ROLLING_BACK, Phase.ABANDONING)
"""Where this rollout itself may have left traffic half moved."""

assert set(_RULES) == set(Phase), "every phase has a rule"


def decide(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    """The next thing to do. Called again after each step with a fresh observation."""
    if seen.snapshot is None:
        return _silent(seen, policy, now)
    stranger = _moved_by_somebody_else(rollout, seen)
    if stranger:
        return stranger
    if rollout.phase in (Phase.MIGRATING, Phase.WARMING, Phase.GATING, Phase.CUTOVER) and rollout.origin:
        whole = mend(rollout, seen, rollout.origin, rollout.origin_needed)
        if whole:
            return whole
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
    assert seen.snapshot is not None, "silence has been answered before"
    active, both = seen.snapshot.active, {rollout.origin, rollout.color}
    if seen.snapshot.split and rollout.phase in _MOVING and seen.snapshot.serving <= both:
        return None
    allowed: dict[Phase, tuple[Color | None, ...]] = {
        Phase.CUTOVER: (rollout.origin, rollout.color),
        Phase.ROLLING_BACK: (rollout.origin, rollout.color),
        Phase.BAKING: (rollout.color,),
        Phase.DRAINING: (rollout.color,),
    }
    if active in allowed.get(rollout.phase, (rollout.origin,)):
        return None
    to = where(seen.snapshot) if seen.snapshot.split else active or "nobody"
    return End(Outcome.HALTED, f"somebody else moved traffic to {to} while {rollout.phase.value}")


def refused(rollout: Rollout, step: Step, why: str) -> Decision:
    """What it means that the cluster says no to a step, again and again."""
    words = f"could not {step}: {why}"
    if isinstance(step, StartGuard):
        return Unguarded(why)
    if isinstance(step, BeginHook):
        return Noted(f"{HookEnd.FAILED} {step.name}", why)
    if isinstance(step, Switch) and rollout.phase is Phase.CUTOVER:
        return Enter(Phase.ABANDONING, words)
    if rollout.phase in (Phase.MIGRATING, Phase.WARMING):
        return give_up(rollout, words)
    return End(Outcome.HALTED, f"{rollout.why}; {words}" if rollout.why else words)


def may_stop(rollout: Rollout, seen: Observation) -> bool:
    """Whether an interrupt may be obeyed now: never while users are on a color that is known to be bad, or on both."""
    if seen.snapshot and seen.snapshot.split:
        return False
    if rollout.phase in (Phase.BAKING, Phase.DRAINING) and seen.snapshot:
        return not trouble_with_active(rollout, seen)
    if rollout.phase is Phase.ROLLING_BACK and seen.snapshot:
        back = seen.snapshot.active is rollout.origin and seen.healthy(rollout.origin)
        return back and any(holds(seen, rollout.color).values())  # only whoever is connected still has to come back
    return rollout.phase is not Phase.ROLLING_BACK


def abort(rollout: Rollout) -> Decision:
    """What a person's `abort` means: before cutover drop the preview, after it go back."""
    if rollout.phase in (*BEFORE_CUTOVER, Phase.ABANDONING):
        return Enter(Phase.ABANDONING, ABORTED)
    if rollout.origin is None:
        return End(Outcome.HALTED, "nothing served before, so there is nothing to go back to")
    if rollout.irreversible:
        return End(Outcome.HALTED, NO_WAY_BACK)
    return Enter(Phase.ROLLING_BACK, ABORTED)
