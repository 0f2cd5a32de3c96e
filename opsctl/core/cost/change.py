"""The difference that a plan makes to the monthly cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.cost.assumed import assume
from opsctl.core.cost.difference import CostChange
from opsctl.core.cost.estimate import estimate
from opsctl.core.cost.planned import before_and_after
from opsctl.core.cost.prices import BOOKS
from opsctl.core.environment import Environment


@dataclass(frozen=True)
class EnvironmentCosts:
    environment: Environment

    @property
    def budget(self) -> float | None:
        return self.environment.cost.monthly_budget_usd

    def of(self, document: Mapping[str, Any]) -> CostChange | None:
        return cost_of_plan(document, self.environment)


def cost_of_plan(document: Mapping[str, Any], environment: Environment) -> CostChange | None:
    """Of `show -json` of a plan; None where the region has no prices."""
    book = BOOKS.get(environment.aws.region)
    if book is None:
        return None
    both = before_and_after(document, {"dr": environment.aws.dr_region, "us_east_1": "us-east-1"})
    before, after = (estimate(resources, assume(environment), book) for resources in both)
    partial = bool(before.missing or after.missing)
    return CostChange(round(before.usd, 2), round(after.usd, 2), max(before.error, after.error), partial)
