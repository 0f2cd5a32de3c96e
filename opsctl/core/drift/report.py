"""What one look for drift found, all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opsctl.core.drift.finding import Found
from opsctl.core.drift.ignoring import Sorted
from opsctl.core.drift.matter import Matter
from opsctl.core.drift.memory import Memory, Seen
from opsctl.core.plan import PlanSummary


@dataclass(frozen=True)
class DriftReport:
    """`seen` has since when each finding has been there, `resolved` what was there the last time and is gone.
    `pending` is what an apply would change beside it: configuration that nobody has applied yet."""

    found: Sorted
    seen: Memory
    resolved: tuple[Seen, ...]
    pending: PlanSummary

    @property
    def matters(self) -> bool:
        """Whether somebody has to act: what is cosmetic, or let be on purpose, is only told."""
        return any(each.matter is not Matter.COSMETIC for each in self.found.open)


def by_matter(found: Sequence[Found]) -> Iterator[tuple[Matter, list[Found]]]:
    for matter in Matter:
        these = [each for each in found if each.matter is matter]
        if these:
            yield matter, these
