"""What a plan does to the monthly cost, and whether the budget allows it."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.errors import Refused


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


def over_budget(cost: CostChange | None, budget: float | None) -> float:
    """By how much, where a plan makes dearer what would then be over the budget; 0 where it may be applied."""
    if cost is None or budget is None or cost.difference <= 0:
        return 0.0
    return max(0.0, cost.after - budget)


def refuse_over_budget(cost: CostChange | None, budget: float | None) -> None:
    """Raise Refused where a plan is over the budget. What saves money always may."""
    over = over_budget(cost, budget)
    if cost is None or not over:
        return
    budgeted = f"${over:,.0f} over the budget of ${cost.after - over:,.0f}"
    raise Refused(
        f"the plan would cost about ${cost.after:,.0f} a month, {budgeted}",
        state="Nothing was changed.",
        hint="opsctl cost shows what it is for; raise cost.monthly_budget_usd, or add --over-budget",
    )
