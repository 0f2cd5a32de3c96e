"""How long things take in this environment: of each resource type and action the last few times, as measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from opsctl.core.apply_events import Applied, Took
from opsctl.core.plan import Action, PlanSummary

Durations = Mapping[str, tuple[float, ...]]
"""By `type action`, such as `aws_db_instance create`: seconds, the newest last."""

_KEPT = 9
_AT_ONCE = 10  # Terraform's own limit of what it does side by side

_STEPS = {
    Action.ADD: ("create",), Action.CHANGE: ("update",), Action.DESTROY: ("delete",),
    Action.REPLACE: ("delete", "create"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One resource at work; `expected` is None where it has no history."""

    address: str
    action: str
    elapsed: float
    expected: float | None


@dataclass(frozen=True)
class Rest:
    """At least so many seconds are left; `unknown` steps have no history, so nothing is added for them."""

    seconds: float
    unknown: int


def with_more(known: Durations, took: Iterable[Took]) -> dict[str, tuple[float, ...]]:
    found = dict(known)
    for one in took:
        key = _key(one.type, one.action)
        found[key] = (*found.get(key, ()), round(one.seconds, 1))[-_KEPT:]
    return found


def expected(known: Durations, kind: str, action: str) -> float | None:
    """The median: one slow day of AWS says nothing about the next."""
    measured = known.get(_key(kind, action))
    return median(measured) if measured else None


def rows(applied: Applied, known: Durations, now: datetime) -> list[Row]:
    """What is at work, the longest first."""
    found = [
        Row(one.address, one.action, max(0.0, (now - one.since).total_seconds()), expected(known, one.type, one.action))
        for one in applied.running.values()
    ]
    return sorted(found, key=lambda row: -row.elapsed)


def rest(summary: PlanSummary, applied: Applied, known: Durations, now: datetime) -> Rest:
    """A bound from below: nothing ends before its own usual time, and only ten things are done at once.

    What waits for what is not in a plan, so an honest figure cannot be more than that.
    """
    ended = {(one.address, one.action) for one in applied.took}
    steps = [step for step in _steps(summary) if (step.address, step.action) not in ended]
    usual = [(step, expected(known, step.type, step.action)) for step in steps]
    left = [max(0.0, seconds - _passed(step, applied, now)) for step, seconds in usual if seconds is not None]
    return Rest(max([*left, sum(left) / _AT_ONCE], default=0.0), len(usual) - len(left))


@dataclass(frozen=True)
class _Step:
    address: str
    type: str
    action: str


def _steps(summary: PlanSummary) -> list[_Step]:
    return [_Step(one.address, one.type, action) for one in summary.changes for action in _STEPS.get(one.action, ())]


def _passed(step: _Step, applied: Applied, now: datetime) -> float:
    running = applied.running.get(step.address)
    return (now - running.since).total_seconds() if running and running.action == step.action else 0.0


def _key(kind: str, action: str) -> str:
    return f"{kind} {action}"
