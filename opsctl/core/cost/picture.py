"""Everything that `opsctl cost` says about one environment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from opsctl.core.cost.assumed import assume
from opsctl.core.cost.estimate import Estimate, book_of, estimate
from opsctl.core.cost.saving import Saving, savings
from opsctl.core.cost.wanted import wanted
from opsctl.core.environment import Environment


@dataclass(frozen=True)
class CostPicture:
    """`fewest` and `most` are the totals with the node group at its bounds; `budget` is None where none is set. What is
    `emulated` costs nothing: its amounts are what the same would cost in AWS."""

    estimate: Estimate
    fewest: float
    most: float
    savings: tuple[Saving, ...]
    budget: float | None = None
    emulated: bool = False

    @property
    def share(self) -> float | None:
        """Of the budget."""
        return self.estimate.usd / self.budget if self.budget else None


def picture(environment: Environment) -> CostPicture:
    """From the environment file alone. Raises OpsError for a region without prices."""
    book, assumed, resources = book_of(environment.aws.region), assume(environment), wanted(environment)
    nodes = environment.cluster.nodes
    found = estimate(resources, assumed, book)
    bounds = [estimate(resources, replace(assumed, nodes=n, peak=n), book).usd for n in (nodes.min, nodes.max)]
    saved, budget = tuple(savings(found, environment)), environment.cost.monthly_budget_usd
    return CostPicture(found, bounds[0], bounds[1], saved, budget, environment.aws.emulated)
