"""What became of a release, as all say it that tell of one."""

from __future__ import annotations

from opsctl.core.release import ABORTED, Kind, Outcome, Rollout


def headline(rollout: Rollout) -> str:
    """What became of it, in one sentence."""
    what = f"Release {rollout.release}"
    back = f"Going back to release {rollout.release}"
    if rollout.why == ABORTED:
        return f"{what} was aborted, as asked."
    match rollout.outcome:
        case Outcome.SUCCEEDED if rollout.kind is Kind.ROLLBACK:
            return f"Users were brought back to release {rollout.release}."
        case Outcome.SUCCEEDED:
            return f"{what} serves users."
        case Outcome.ROLLED_BACK:
            return f"{what} failed and was rolled back."
        case Outcome.ABANDONED:
            return f"{what} failed before it had traffic and was abandoned."
        case Outcome.HALTED:
            return f"{back if rollout.kind is Kind.ROLLBACK else what} halted: a person is needed."
        case Outcome.AWAITING_PROMOTION:
            return f"{what} is ready and waits for a person."
        case _:
            unfinished = back if rollout.kind is Kind.ROLLBACK else what
            return f"{unfinished} is not finished: {rollout.phase.value.replace('_', ' ')}."
