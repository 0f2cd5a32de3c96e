"""What is kept of releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.release import Rollout
    from opsctl.core.settings import Stored
    from opsctl.core.tape import Tape


class Journal(Protocol):
    """Rollout records, newest last; the last ten are kept."""

    def rollouts(self) -> list[Rollout]: ...

    def save(self, rollout: Rollout) -> None:
        """Write a record over the version read or written last. Raises `ToolFailed` if somebody else wrote it."""


class Tapes(Protocol):
    """What was seen of rollouts, kept beside their records and forgotten with them. Nothing here raises."""

    def store(self, rollout: Rollout, tape: Tape) -> None:
        """Begin to store it, beside the loop, together with what others stored before; not while such a write lasts."""

    def finish(self, rollout: Rollout, tape: Tape, seconds: float) -> None:
        """As `store`, and wait until it is stored, at most so long."""

    def read(self, rollout: Rollout) -> Tape | None:
        """None where nothing is left of it, or nothing that can be read."""


class Settings(Protocol):
    """The application's settings, one object for each content, which is never changed."""

    def ensure(self, rollout: Rollout) -> None:
        """Make the rollout's settings, or let them be where they are there already. Raises `ToolFailed` where what is
        there under their name is something else."""

    def stored(self) -> list[Stored]:
        """All that opsctl made."""

    def used(self) -> frozenset[str]:
        """Digests of settings that a Deployment or a pod refers to."""

    def delete(self, gone: Stored) -> None:
        """Raises `ToolFailed` if they were taken into use since they were read; those that are gone are fine."""
