"""What it may cost, and what an estimate of it assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

from opsctl.core.environment.types import STRICT

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
    """What the environment may cost a month, US dollars; provision refuses a plan that would exceed it."""
    assumed: Traffic = field(default_factory=Traffic)
