"""A plan that was made to be applied later: what it is bound to, and why it may no longer be applied."""

from __future__ import annotations

from collections.abc import Iterator
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

    `config` is the digest of the environment's effective configuration, `commit` the project's git commit or empty
    outside of git; `opsctl`, `terraform` and `provider` are versions such as 1.11.4.
    """

    environment: str
    account: str
    region: str
    config: str
    commit: str
    opsctl: str
    terraform: str
    provider: str


@dataclass(frozen=True)
class SavedPlan:
    """`created`, `consumed` and `ended` are seconds since the epoch.

    A consumed plan has been handed to an apply; one that never `ended` was cut short. `seal` is the digest of
    Terraform's file; `dirty` says that the project had uncommitted changes, which the configuration's digest covers.
    """

    number: int
    kind: Kind
    binding: Binding
    dirty: bool
    created: float
    by: str
    summary: PlanSummary
    seal: str = ""
    consumed: float | None = None
    ended: float | None = None

    @property
    def name(self) -> str:
        return f"{self.number:04d}"


_MEANING = {
    "environment": "environment",
    "account": "AWS account",
    "region": "AWS region",
    "config": "configuration",
    "commit": "git commit",
    "opsctl": "version of opsctl",
    "terraform": "Terraform version",
    "provider": "AWS provider's version",
}


def check(plan: SavedPlan, kind: Kind, now_bound: Binding, now: float, valid_minutes: int, seal: str) -> None:
    """Raise Refused, with every reason, where the plan may not be applied now. `seal` is its file's digest by now."""
    again = "opsctl plan" if kind is Kind.APPLY else "opsctl destroy"
    why = [*_unfit(plan, kind, seal), *_differing(plan.binding, now_bound), *_aged(plan, now, valid_minutes)]
    if why:
        message = f"plan {plan.name} cannot be applied: {'; '.join(why)}"
        raise Refused(message, state="Nothing was changed.", hint=f"{again} makes a new plan")


def _unfit(plan: SavedPlan, kind: Kind, seal: str) -> Iterator[str]:
    if plan.kind is not kind:
        yield f"it is a plan to {plan.kind}"
    if plan.consumed is not None:
        yield f"it was already applied at {clock_time(plan.consumed)}"
    elif plan.seal != seal:
        yield "its file is gone" if not seal else "its file is not the one that was planned"


def _differing(made: Binding, current: Binding) -> Iterator[str]:
    for field, meaning in _MEANING.items():
        before, after = getattr(made, field), getattr(current, field)
        if before != after:
            yield f"the {meaning} has changed since, {_short(before)} → {_short(after)}"


def _aged(plan: SavedPlan, now: float, valid_minutes: int) -> Iterator[str]:
    age = (now - plan.created) / 60
    if age > valid_minutes:
        yield f"it is {age:.0f} minutes old; plans are valid for {valid_minutes}"


def _short(value: str) -> str:
    return value[:12] or "none"


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
