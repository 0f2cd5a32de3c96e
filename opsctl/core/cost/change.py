"""What a plan does to the monthly cost, and whether the budget allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.cost.assumed import assume
from opsctl.core.cost.estimate import estimate
from opsctl.core.cost.planned import before_and_after
from opsctl.core.cost.prices import BOOKS
from opsctl.core.cost.wanted import wanted
from opsctl.core.environment import Environment


@dataclass(frozen=True)
class CostChange:
    """Dollars a month. `partial`: something that costs is missing, so that both are the least it comes to."""

    before: float
    after: float
    error: float
    partial: bool = False

    @property
    def difference(self) -> float:
        return self.after - self.before


def cost_of_plan(plan: Mapping[str, Any] | None, environment: Environment) -> CostChange | None:
    """Of `show -json` of a plan; without it, of a plan that makes everything. None where the region has no prices."""
    book = BOOKS.get(environment.aws.region)
    if book is None:
        return None
    aws = environment.aws
    before, after = before_and_after(plan, {"dr": aws.dr_region}) if plan is not None else ([], wanted(environment))
    sides = [estimate(resources, assume(environment), book) for resources in (before, after)]
    return CostChange(sides[0].usd, sides[1].usd, max(side.error for side in sides), any(s.missing for s in sides))
