"""What a release starts beside itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.color import Color
    from opsctl.core.environment import Hook
    from opsctl.core.hook import HookName, HookState
    from opsctl.core.release import Rollout


class Guard(Protocol):
    """A pod in the cluster that goes on with a rollout when whoever began it is gone."""

    def start(self, rollout: Rollout) -> None:
        """Start it, or let it be where it is there already; does not wait for it."""

    def remove(self) -> None:
        """Remove whatever guard there is."""


class Migrations(Protocol):
    """A command that is run once in the image of a new release."""

    def start(self, rollout: Rollout) -> None:
        """Start it, or let it be where it is there already; does not wait for it."""


class Hooks(Protocol):
    """An operator's own commands, each run beside the loop on the computer where opsctl runs."""

    def begin(self, name: HookName, hook: Hook, rollout: Rollout, active: Color | None) -> None:
        """Begin it, and do not wait. What cannot be started is a state like any other failure."""

    def trouble(self, hook: Hook) -> str:
        """Why it cannot be started, as far as it is known beforehand; empty where it can, or is not to be."""

    def states(self) -> Mapping[HookName, HookState]:
        """Those that were begun, and how they are by now."""

    def lines(self) -> list[tuple[HookName, str]]:
        """What they have printed since this was asked last."""

    def stop(self, names: Collection[HookName]) -> None:
        """Ask these to end, where they still run; does not wait."""

    def end(self) -> None:
        """End all that still run, wait for it, and forget them."""
