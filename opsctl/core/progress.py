"""How far an unfinished rollout is, for whoever looks on: what it waits for, since when, and until when at most.

A looker decides nothing, but it can ask the same rules that decide: what they would wait for now is what the
rollout waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsctl.core.decisions import Act, Enter, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.observation import Observation
from opsctl.core.recorded import restored
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.rollout import decide
from opsctl.core.sockets import held
from opsctl.core.steps import BeginHook

_BACK = (Phase.ROLLING_BACK, Phase.ABANDONING)


def progress_json(rollout: Rollout, seen: Observation, policy: Policy) -> dict[str, Any]:
    """Keys: rollout, kind, release, color, origin, phase, since, waits_for, until, agents_left.

    `since` is when the phase was entered; `until` is null or {what, at}: what ends it at the latest. `agents_left` is
    null where nothing drains or no pod says. Times are seconds since the epoch.
    """
    policy = restored(policy, rollout.policy)
    return {
        "rollout": rollout.id,
        "kind": rollout.kind.value,
        "release": rollout.release,
        "color": rollout.color.value,
        "origin": rollout.origin.value if rollout.origin else None,
        "phase": rollout.phase.value,
        "since": rollout.phase_since,
        "waits_for": waits_for(rollout, seen, policy),
        "until": _until(rollout, policy),
        "agents_left": agents_left(rollout, seen),
    }


def waits_for(rollout: Rollout, seen: Observation, policy: Policy) -> str:
    """In words; empty between two steps, and where a look and the record are of two different moments."""
    if rollout.outcome is Outcome.AWAITING_PROMOTION:
        return "a person: opsctl promote, or opsctl abort"
    decision = decide(rollout, seen, policy, seen.at)
    if isinstance(decision, Wait):
        return decision.why
    if isinstance(decision, Enter) and decision.phase in _BACK:
        return f"next: {decision.phase.value.replace('_', ' ')}, as {decision.why}"
    if isinstance(decision, Act) and isinstance(decision.step, BeginHook):  # it runs where the release is carried
        return f"hook {decision.step.name}"
    return f"next: {decision.step}" if isinstance(decision, Act) else ""


def agents_left(rollout: Rollout, seen: Observation) -> int | None:
    """Agents on old pods that still have to go, at most."""
    if rollout.phase is not Phase.DRAINING or rollout.origin is None or not seen.sockets:
        return None
    return held(seen.state(rollout.origin), seen.sockets, rollout.leaving)


def _until(rollout: Rollout, policy: Policy) -> dict[str, Any] | None:
    """Of phases that end by the clock."""
    first = rollout.first_in(rollout.phase)
    ends = {
        Phase.MIGRATING: ("the migration has to end", first + policy.migration.deadline),
        Phase.WARMING: ("its pods have to be ready", first + policy.warm_deadline),
        Phase.GATING: ("it has to be proved healthy", first + policy.gate_deadline),
        Phase.DRAINING: ("the drain waits no longer", rollout.phase_since + policy.drain.deadline),
    }
    if rollout.phase is Phase.BAKING and rollout.kind is Kind.DEPLOY:
        return {"what": "the bake ends", "at": rollout.phase_since + policy.bake_seconds}
    what, at = ends.get(rollout.phase, ("", 0.0))
    return {"what": what, "at": at} if what and rollout.outcome is None else None


def journal_json(past: Sequence[Rollout], most: int) -> list[dict[str, Any]]:
    """The last entries over all rollouts, newest last: rollout, at, what, detail."""
    entries = [(entry, rollout.id) for rollout in past[-2:] for entry in rollout.entries]
    last = sorted(entries, key=lambda found: found[0].at)[-most:]
    return [{"rollout": rollout, "at": entry.at, "what": entry.what, "detail": entry.detail} for entry, rollout in last]
