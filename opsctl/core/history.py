"""What past rollouts tell: which release stands where, and which one served before."""

from __future__ import annotations

from collections.abc import Sequence

from opsctl.core.color import Color
from opsctl.core.release import Kind, Outcome, Rollout
from opsctl.core.snapshot import Snapshot

_REMEMBERED = 3  # releases that served: the active one, the one to go back to, and one in reserve


def recorded_release(number: int | None, past: Sequence[Rollout]) -> Rollout | None:
    """What a release is: its image, settings and values. None if no record of it is left.

    Best from the deploy that made it; a rollback's record tells the same where that one was forgotten.
    """
    found = [rollout for rollout in reversed(past) if rollout.release == number]
    return next((rollout for rollout in found if rollout.kind is Kind.DEPLOY), found[0] if found else None)


def rollback_target(before: Snapshot, past: Sequence[Rollout]) -> Rollout | None:
    """The release that served last before the active one did; a release that failed never served to the end, and one
    that a guard brought users back from has failed since."""
    failed = {rollout.origin_release for rollout in past if rollout.by_guard and rollout.outcome is Outcome.SUCCEEDED}
    left = {_active_release(before, past), *failed}
    served = [r for r in past if r.outcome is Outcome.SUCCEEDED and r.release not in left]
    return recorded_release(served[-1].release, past) if served else None


def _active_release(before: Snapshot, past: Sequence[Rollout]) -> int | None:
    """By what stands there; where somebody deleted that, by the record of who came there last."""
    if before.active is None:
        return None
    served = (r.release for r in reversed(past) if r.outcome is Outcome.SUCCEEDED and r.color is before.active)
    return before.colors[before.active].release or next(served, None)


def has_served(release: int, past: Sequence[Rollout]) -> bool:
    return _last_success(release, past) is not None


def forgettable(past: Sequence[Rollout], keep: int) -> list[Rollout]:
    """Records that may go: all but the newest `keep` and what the last releases that served need to be known by.

    Failed attempts, however many, must not push out of memory what serves users and what to go back to.
    """
    served = [rollout.release for rollout in reversed(past) if rollout.outcome is Outcome.SUCCEEDED]
    releases = list(dict.fromkeys(served))[:_REMEMBERED]
    needed = {id(_last_success(release, past)) for release in releases}
    needed |= {id(recorded_release(release, past)) for release in releases}
    return [rollout for rollout in past[:-keep] if id(rollout) not in needed and not rollout.open]


def _last_success(release: int, past: Sequence[Rollout]) -> Rollout | None:
    return next((r for r in reversed(past) if r.release == release and r.outcome is Outcome.SUCCEEDED), None)


def next_number(before: Snapshot, past: Sequence[Rollout]) -> int:
    """One more than any number seen, in records and on the Deployments: old records may be gone."""
    standing = [state.release or 0 for state in before.colors.values()]
    return max([0, *standing, *(rollout.id for rollout in past)]) + 1


def last_words_of(color: Color, past: Sequence[Rollout]) -> tuple[str, ...]:
    """What a color's last failed release left to read."""
    return next((r.evidence for r in reversed(past) if r.color is color and r.evidence), ())
