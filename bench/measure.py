"""What a measurement is: our median, the bare tool's median, and the goal that joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """Ours may take `factor` times what the bare tool takes, and `extra` (in the row's unit) on top."""

    factor: float = 0.0
    extra: float = 0.0

    def limit(self, bare: float) -> float:
        return self.factor * bare + self.extra


@dataclass(frozen=True)
class Row:
    """One line of the table. Without `bare` the goal is an absolute number, without `goal` it is information."""

    name: str
    ours: float
    against: str = ""
    bare: float | None = None
    goal: Goal | None = None
    unit: str = "s"
    samples: tuple[float, ...] = ()
    bare_samples: tuple[float, ...] = ()

    @property
    def ratio(self) -> float | None:
        return self.ours / self.bare if self.bare else None

    @property
    def missed_by(self) -> float:
        """How far beyond the goal, in the row's unit; 0 where it is met or there is none."""
        return max(0.0, self.ours - self.goal.limit(self.bare or 0.0)) if self.goal else 0.0


def alternate(
    ours: Callable[[], float], bare: Callable[[], float], rounds: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Samples of both, taken in turn and each time in the other order, after one run of each that does not count."""
    ours(), bare()
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        for take in (ours, bare) if number % 2 == 0 else (bare, ours):
            (mine if take is ours else theirs).append(take())
    return tuple(mine), tuple(theirs)


def compared(name: str, against: str, goal: Goal, samples: tuple[Sequence[float], Sequence[float]]) -> Row:
    """The row of two series of seconds."""
    mine, theirs = samples
    return Row(name, median(mine), against, median(theirs), goal, samples=tuple(mine), bare_samples=tuple(theirs))
