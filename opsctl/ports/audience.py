"""Who is told how a release goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.checkup import Finding
    from opsctl.core.color import Color
    from opsctl.core.decisions import Decision
    from opsctl.core.guarding import Guarding
    from opsctl.core.notice import Event, Undelivered
    from opsctl.core.observation import Observation
    from opsctl.core.release import Rollout
    from opsctl.core.snapshot import Snapshot


class Notices(Protocol):
    """Tells others, beside the loop."""

    def send(self, event: Event, rollout: Rollout, active: Color | None) -> None:
        """Never waits and never fails."""

    def finish(self) -> list[Undelivered]:
        """Wait a few seconds for what is under way; whom it did not reach, each once."""


class Watching(Protocol):
    """Narrates a rollout as it goes; `console` implements it."""

    def waits(self, held: str, left: float) -> None:
        """Somebody else has the lock: `held` says who. Called again and again, with the seconds left to wait."""

    def checked(self, findings: Sequence[Finding]) -> None:
        """What the pre-flight of a release found."""

    def began(self, rollout: Rollout, before: Snapshot) -> None: ...

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None: ...

    def hook_says(self, who: str, line: str) -> None:
        """A line that a hook printed, or what became of a notice."""

    def ended(self, rollout: Rollout) -> None:
        """The loop was left: with an outcome, or without one by an interrupt or an error."""

    def guards(self, rollout: Rollout, seen: Observation, passed: float, of: float, found: Guarding) -> None:
        """One look of the guard after a release, so many seconds of all after its start."""
