"""What a deploy is about to do, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.release import Rollout
from opsctl.core.snapshot import ColorState, Snapshot


@dataclass(frozen=True)
class Planned:
    """`rollout` is `unchanged` where the active release is the wanted one; `serving` is the active one's record."""

    rollout: Rollout
    before: Snapshot
    serving: Rollout | None

    @property
    def back_to(self) -> ColorState | None:
        """What users are brought back to if it fails."""
        return self.before.colors[self.before.active] if self.before.active else None

    @property
    def changed_settings(self) -> tuple[str, ...]:
        """Names of settings that are new, gone or different; their values may be nobody's business."""
        new, old = self.rollout.settings, self.serving.settings if self.serving else {}
        return tuple(sorted(name for name in {*new, *old} if new.get(name) != old.get(name)))
