"""What a release is judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.color import Color
    from opsctl.core.health import Counts, DoorSample, Sample, Service
    from opsctl.core.queries import Figure
    from opsctl.core.snapshot import ColorState


class Prober(Protocol):
    """Probes run beside the loop: begin a round, collect what has ended so far."""

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        """Probe these services of these colors' pods, by what the color offers, unless the same probe still runs."""

    def collect(self) -> list[Sample]: ...

    def begin_door(self, color: Color) -> None:
        """One request on the users' path, on a fresh connection, for what this color offers."""

    def collect_door(self) -> list[DoorSample]: ...

    def give_up(self) -> None:
        """Begin none of what still waits for its turn: nobody wants to know any more."""


class Queries(Protocol):
    """The operator's own figures, asked beside the loop."""

    def begin(self, queries: list[str]) -> None:
        """Ask these, unless the same question is still under way."""

    def collect(self) -> list[Figure]: ...


class Load(Protocol):
    """Requests of our own on a color that has no users, at the rate that the environment says."""

    def put_on(self, state: ColorState) -> None:
        """Ask these pods from now on; may be said again whenever they change."""

    def take_off(self) -> None:
        """Stop, if there is any, and forget what was counted."""

    def counts(self) -> Counts: ...
