"""What past rollouts tell: which release stands where, and which one served before."""

from __future__ import annotations

from collections.abc import Sequence

from opsctl.core.color import Color
from opsctl.core.release import Kind, Outcome, Rollout
from opsctl.core.snapshot import Snapshot


def recorded_release(number: int | None, past: Sequence[Rollout]) -> Rollout | None:
    """What a release is: its image, settings and values. None if no record of it is left.

    Best from the deploy that made it; a rollback's record tells the same where that one was forgotten.
    """
    found = [rollout for rollout in reversed(past) if rollout.release == number]
    return next((rollout for rollout in found if rollout.kind is Kind.DEPLOY), found[0] if found else None)


def rollback_target(before: Snapshot, past: Sequence[Rollout]) -> Rollout | None:
    """The release that served last before the active one did; a release that failed never served to the end."""
    active = before.colors[before.active].release if before.active else None
    served = [r for r in past if r.outcome is Outcome.SUCCEEDED and r.release != active]
    return recorded_release(served[-1].release, past) if served else None


def next_number(before: Snapshot, past: Sequence[Rollout]) -> int:
    """One more than any number seen, in records and on the Deployments: old records may be gone."""
    standing = [state.release or 0 for state in before.colors.values()]
    return max([0, *standing, *(rollout.id for rollout in past)]) + 1


def last_words_of(color: Color, past: Sequence[Rollout]) -> tuple[str, ...]:
    """What a color's last failed release left to read."""
    return next((r.evidence for r in reversed(past) if r.color is color and r.evidence), ())
