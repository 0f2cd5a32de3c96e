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


def refuse_over_budget(cost: CostChange | None, budget: float | None) -> None:
    """Raise Refused where a plan makes dearer what would then be over the budget. What saves money always may."""
    if cost is None or budget is None or cost.after <= budget or cost.difference <= 0:
        return
    over = cost.after - budget
    raise Refused(
        f"the plan would cost about ${cost.after:,.0f} a month, ${over:,.0f} over the budget of ${budget:,.0f}",
        state="Nothing was changed.",
        hint="opsctl cost shows what it is for; raise cost.monthly_budget_usd, or add --over-budget",
    )
