"""Blue and green: two places, never a quality."""

from __future__ import annotations

from enum import StrEnum


class Color(StrEnum):
    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Color:
        return Color.GREEN if self is Color.BLUE else Color.BLUE


COLOR_LABEL = "opsctl/color"
"""Label of pods, Deployments and Services, and the key of the active Service's selector; helm/app spells it too."""

NOBODY = "nobody"
"""What the active Service selects instead of a color before the first release: no pod has it."""
