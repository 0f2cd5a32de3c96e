"""Tags that say of everything whose it is, who pays, and what its data are."""

from __future__ import annotations

from opsctl.core.environment import Cost


def required_tags(cost: Cost) -> dict[str, str]:
    """Those whose key was given."""
    tags = {
        "owner": cost.owner,
        "cost-center": cost.cost_center,
        "data-class": cost.data_class,
        "compliance": cost.compliance,
    }
    return {name: value for name, value in tags.items() if value is not None}
