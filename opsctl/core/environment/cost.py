"""What it may cost, and what an estimate of it assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT

TagText = Annotated[str, Len(1, 256), Predicate(formats.tag_value)]
Amount = Annotated[float, Ge(0), Le(1_000_000)]


@dataclass(frozen=True)
class Traffic:
    """Figures a month that no configuration says; the defaults are guesses for 1,000 agents."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    requests_millions: Amount = 50.0
    """Requests of users a month, in millions; `cost` assumes as many."""
    answers_gb: Amount = 200.0
    """Answers to users a month, GB; `cost` assumes as much."""
    nat_gb: Amount = 100.0
    """What leaves by the NAT gateways a month, GB; `cost` assumes as much."""
    logs_gb: Amount = 100.0
    """Logs a month, GB; `cost` assumes as much."""


@dataclass(frozen=True)
class Cost:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    monthly_budget_usd: Annotated[float, Ge(1), Le(10_000_000)] | None = None
    """What the environment may cost a month, US dollars; provision refuses to exceed it, and AWS Budgets watches it."""
    alert_percentages: list[Annotated[int, Ge(1), Le(1000)]] = field(default_factory=lambda: [50, 80, 100])
    """Shares of the budget, percent, at whose spending a ticket is made; one more is made where 100 are forecast."""
    alert_emails: list[Annotated[str, Predicate(formats.email)]] = field(default_factory=list)
    """Who is told of it by e-mail, beside those who get tickets; at most ten."""
    anomaly_usd: Annotated[float, Ge(1), Le(1_000_000)] | None = None
    """US dollars from which on unusual spending makes a ticket. It is found by tags, which have to be active."""
    activate_tags: bool = False
    """Makes the tags visible in bills. AWS refuses that until a day after it saw them first; once an account."""
    owner: TagText | None = None
    """Who answers for the environment; the tag `owner` of everything."""
    cost_center: TagText | None = None
    """Who pays for it; the tag `cost-center` of everything."""
    data_class: TagText | None = None
    """How its data are classified, such as confidential; the tag `data-class` of everything."""
    compliance: TagText | None = None
    """What it has to comply with, such as soc2; the tag `compliance` of everything."""
    savings_percent: Annotated[int, Ge(0), Le(100)] = 75
    """Share of the nodes that always run for which `cost` tells what a year's savings plan would save."""
    assumed: Traffic = field(default_factory=Traffic)
