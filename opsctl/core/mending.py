"""What somebody else does to a color in mid-release is undone a few times; whoever keeps at it means it."""

from __future__ import annotations

from opsctl.core.color import Color
from opsctl.core.decisions import Act
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.steps import Restore, Scale

MENDS = 3  # times that a color is made whole again


def mend(rollout: Rollout, seen: Observation, color: Color, size: int) -> Act | None:
    """Somebody made a color smaller than users may need it, or deleted it: make it whole, if that was not in vain."""
    state = seen.state(color)
    gone = state.release is None and color is rollout.origin and rollout.origin_release is not None
    if not (gone or (state.release is not None and state.desired < size)) or _mends(rollout) >= MENDS:
        return None
    if gone and rollout.origin_release is not None:
        return Act(Restore(color, rollout.origin_release), f"somebody deleted what stood in {color}")
    return Act(Scale(color, size), f"somebody made {color} smaller: {state.desired} pods instead of {size}")


def _mends(rollout: Rollout) -> int:
    return sum(entry.what.startswith("intent ") and bool(entry.detail) for entry in rollout.entries)
