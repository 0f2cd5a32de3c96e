"""What somebody else does to a color in mid-release is undone a few times; whoever keeps at it means it."""

from __future__ import annotations

from opsctl.core.color import Color
from opsctl.core.decisions import Act
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.sizes import Sizes, lacking, words
from opsctl.core.steps import Restore, Scale

MENDS = 3  # times that a color is made whole again


def mend(rollout: Rollout, seen: Observation, color: Color, sizes: Sizes) -> Act | None:
    """Somebody made a color smaller than users may need it, or deleted it: make it whole, if that was not in vain."""
    state = seen.state(color)
    deleted = state.release is None or not rollout.origin_needed.keys() <= state.sizes.keys()
    gone = deleted and color is rollout.origin and rollout.origin_release is not None
    small = lacking(state.sizes, sizes) if state.release is not None else {}
    if not (gone or small) or _mends(rollout) >= MENDS:
        return None
    if gone and rollout.origin_release is not None:
        return Act(Restore(color, rollout.origin_release), f"somebody deleted what stood in {color}")
    made = f"{words(small)} pods instead of {words({name: sizes[name] for name in small})}"
    return Act(Scale(color, sizes), f"somebody made {color} smaller: {made}")


def _mends(rollout: Rollout) -> int:
    return sum(entry.what.startswith("intent ") and bool(entry.detail) for entry in rollout.entries)
