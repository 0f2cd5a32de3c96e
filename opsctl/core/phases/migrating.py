"""While the old color has the users and a command in the new image changes the database.

An `expand` migration comes first, so that the new pods find what they need; a `contract` one comes last, after the
gate, as it takes away what the old release may still need, and from then on there is no way back.
"""

from __future__ import annotations

from opsctl.core.decisions import Act, Decision, Enter, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.observation import Observation
from opsctl.core.release import Phase, Rollout
from opsctl.core.snapshot import MigrationState
from opsctl.core.steps import Migrate

SPARE_S = 15.0  # beyond its deadline, for Kubernetes to end it and for us to see that


def migrating(rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Decision:
    state = _of(rollout, seen)
    if state and state.ended is not None:
        return _ended(rollout, state)
    if not _started(rollout):
        return Act(Migrate(rollout.id))
    if state and state.trouble:
        return Enter(Phase.ABANDONING, f"the migration cannot run: {state.trouble}")
    if now - rollout.first_in(Phase.MIGRATING) > policy.migration.deadline + SPARE_S:
        return Enter(Phase.ABANDONING, f"the migration had not ended after {policy.migration.deadline:.0f} s")
    return Wait(" ".join(policy.migration.command))


def _ended(rollout: Rollout, state: MigrationState) -> Decision:
    if not state.ended:
        return Enter(Phase.ABANDONING, f"the migration failed: {state.trouble or 'it left no words'}")
    return Enter(Phase.CUTOVER if rollout.irreversible else Phase.WARMING)


def _of(rollout: Rollout, seen: Observation) -> MigrationState | None:
    state = seen.snapshot.migration if seen.snapshot else None
    return state if state and state.rollout == rollout.id else None


def _started(rollout: Rollout) -> bool:
    return any(entry.what == f"done {Migrate(rollout.id)}" for entry in rollout.entries)
