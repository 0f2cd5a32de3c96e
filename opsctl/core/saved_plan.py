"""A plan that was made to be applied later: what it is bound to, and why it may no longer be applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from opsctl.core.plan import PlanSummary
from opsctl.errors import Refused


class Kind(StrEnum):
    APPLY = "apply"
    DESTROY = "destroy"


@dataclass(frozen=True)
class Binding:
    """What a plan was made from. Where any of it differs at the time of the apply, the plan is void.

    `config` is the digest of the environment's effective configuration, `commit` the project's git commit
    or empty outside of git, `terraform` a version such as 1.11.4.
    """

    environment: str
    account: str
    config: str
    commit: str
    terraform: str


@dataclass(frozen=True)
class SavedPlan:
    """`created` and `consumed` are seconds since the epoch; a consumed plan has been handed to an apply."""

    number: int
    kind: Kind
    binding: Binding
    dirty: bool
    created: float
    by: str
    summary: PlanSummary
    consumed: float | None = None

    @property
    def name(self) -> str:
        return f"{self.number:04d}"


_MEANING = {
    "environment": "environment",
    "account": "AWS account",
    "config": "configuration",
    "commit": "git commit",
    "terraform": "Terraform version",
}


def check(plan: SavedPlan, kind: Kind, now_bound: Binding, now: float, valid_minutes: int) -> None:
    """Raise Refused, with the reason, where the plan may not be applied now."""
    again = "opsctl plan" if kind is Kind.APPLY else "opsctl destroy"
    why = _why_not(plan, kind, now_bound, now, valid_minutes)
    if why:
        message = f"plan {plan.name} cannot be applied: {why}"
        raise Refused(message, state="Nothing was changed.", hint=f"{again} makes a new plan")


def _why_not(plan: SavedPlan, kind: Kind, bound: Binding, now: float, valid_minutes: int) -> str:
    if plan.kind is not kind:
        return f"it is a plan to {plan.kind}"
    if plan.consumed is not None:
        return f"it was already applied at {clock_time(plan.consumed)}"
    for field, meaning in _MEANING.items():
        made, current = getattr(plan.binding, field), getattr(bound, field)
        if made != current:
            return f"the {meaning} has changed since, {_short(made)} → {_short(current)}"
    age = (now - plan.created) / 60
    return f"it is {age:.0f} minutes old; plans are valid for {valid_minutes}" if age > valid_minutes else ""


def _short(value: str) -> str:
    return value[:12] or "none"


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
