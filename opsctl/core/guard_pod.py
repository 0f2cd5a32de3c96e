"""The guard pod: another opsctl, inside the cluster, that goes on with a release when whoever began it is gone.

Here is when it is started and how long a release waits for it, pure as `core.rollout` is; `flows.stand_by` is what
it does. Only a new release that took users from another has one: a rollback returns them to what is known to be
good, and the very first release has nothing to go back to.
"""

from __future__ import annotations

from opsctl.core.decisions import Act, Unguarded
from opsctl.core.environment import Release as Policy
from opsctl.core.release import TAKEN_UP, Kind, Rollout
from opsctl.core.snapshot import GuardState, Snapshot
from opsctl.core.steps import StartGuard

READY_WITHIN_S = 15.0
"""A small image is pulled and started in less. It starts beside the preview, so that hardly ever anybody waits."""


def guard_step(rollout: Rollout, snapshot: Snapshot, policy: Policy, now: float) -> Act | Unguarded | None:
    """What has to be done now for this rollout to have its guard; None: nothing."""
    if not _wanted(rollout, policy):
        return None
    if not policy.guard_image:
        return Unguarded("release.guard_image names no image to run it")
    guard, started = _of(rollout, snapshot), _started(rollout)
    if guard and guard.ready:
        return None
    if started is None:
        return Act(StartGuard(rollout.id))
    if guard and guard.trouble:
        return Unguarded(guard.trouble)
    if now - started > READY_WITHIN_S:
        return Unguarded(f"it was not ready within {READY_WITHIN_S:.0f} s")
    return None


def awaits_guard(rollout: Rollout, snapshot: Snapshot, policy: Policy) -> bool:
    """Whether cutover still waits for it; `guard_step` ends the wait where it is in vain."""
    guard = _of(rollout, snapshot)
    return _wanted(rollout, policy) and not (guard and guard.ready)


def _wanted(rollout: Rollout, policy: Policy) -> bool:
    can_fail = rollout.kind is Kind.DEPLOY and rollout.origin is not None and not rollout.hold
    return policy.guard == "in_cluster" and can_fail and not rollout.unguarded


def _of(rollout: Rollout, snapshot: Snapshot) -> GuardState | None:
    """One of an earlier rollout, on its way out, does not count."""
    guard = snapshot.guard
    return guard if guard and guard.rollout == rollout.id else None


def _started(rollout: Rollout) -> float | None:
    """When that was done last, since a person last took hold of the rollout."""
    for entry in reversed(rollout.entries):
        if entry.what == f"done {StartGuard(rollout.id)}":
            return entry.at
        if entry.detail in TAKEN_UP:
            return None
    return None
