"""Plan: ask Terraform what would change, and keep the answer so that exactly it can be applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opsctl.core.plan import PlanSummary, without_unfinished
from opsctl.core.plan_reading import drifted, from_events, from_show
from opsctl.core.saved_plan import Binding, Kind, SavedPlan
from opsctl.errors import Refused, ToolFailed
from opsctl.ports import Infra, InfraPorts, PlanRun


@dataclass(frozen=True)
class Planned:
    """`saved` is None where the state bucket does not exist yet: that plan was made against an empty state."""

    summary: PlanSummary
    saved: SavedPlan | None


def plan(ports: InfraPorts, kind: Kind = Kind.APPLY, *, in_full: bool = False) -> Planned:
    """Plan and save. `in_full` reads every attribute even where resources are only added."""
    if not state_is_there(ports):
        return Planned(_plan_without_state(ports, in_full), None)
    try:
        return _plan_and_save(ports, kind, in_full)
    except ToolFailed:
        if not _bucket_is_missing(ports):
            raise
        ports.stack.forget()
        return Planned(_plan_without_state(ports, in_full), None)


def _plan_and_save(ports: InfraPorts, kind: Kind, in_full: bool) -> Planned:
    number = ports.plans.reserve()
    file = ports.plans.file(number)
    run, summary = _planned(ports, ports.stack, file, kind, in_full)
    origin = ports.origin
    saved = SavedPlan(number, kind, bound(ports, run.terraform), origin.dirty, ports.now(), origin.by, summary)
    ports.plans.save(saved)
    if summary.empty:
        ports.plans.discard(file)
    return Planned(summary, saved)


def state_is_there(ports: InfraPorts) -> bool:
    """Prepare the stack. False where that failed for want of the state bucket.

    Asking AWS for the bucket each time would cost half a second, so only a failure makes us ask.
    """
    try:
        with ports.operator.working("init", "initialising Terraform"):
            ports.stack.prepare()
    except ToolFailed:
        if not _bucket_is_missing(ports):
            raise
        return False
    return True


def _bucket_is_missing(ports: InfraPorts) -> bool:
    """True is normal before the first apply, and a disaster after it: then Refused. An emulator may forget."""
    if ports.bucket.exists():
        return False
    last = ports.records.last().record
    if last is not None and not ports.origin.emulated:
        raise Refused(
            f"the state bucket {ports.bucket.name} is gone, though this environment was applied before",
            state="Nothing was changed. Without its state, Terraform would create everything a second time.",
            hint="check credentials and region; restore the bucket before any plan",
        )
    return True


def drift(ports: InfraPorts) -> tuple[PlanSummary, PlanSummary]:
    """(what was changed behind Terraform's back, configuration changes not yet applied). Takes no state lock."""
    if not state_is_there(ports):
        raise Refused(
            f"there is nothing to compare: the state bucket {ports.bucket.name} does not exist yet",
            state="Nothing was changed.",
            hint="opsctl provision",
        )
    file = ports.plans.scratch()
    try:
        with ports.operator.working("drift", "comparing with AWS") as on_event:
            ports.stack.plan(file, on_event, lock=False)
        return drifted(ports.stack.show(file))
    finally:
        ports.plans.discard(file)


def outputs(ports: InfraPorts) -> dict[str, Any]:
    """`{name: value}` of the outputs that are not sensitive; empty before the first apply."""
    if not state_is_there(ports):
        return {}
    return {name: output["value"] for name, output in ports.stack.outputs().items() if not output["sensitive"]}


def bound(ports: InfraPorts, terraform: str) -> Binding:
    origin = ports.origin
    return Binding(origin.environment, origin.account, origin.config, origin.commit, terraform)


def _plan_without_state(ports: InfraPorts, in_full: bool) -> PlanSummary:
    stack = ports.stack.without_state()
    stack.prepare()
    file = ports.plans.scratch()
    try:
        return _planned(ports, stack, file, Kind.APPLY, in_full)[1]
    finally:
        ports.plans.discard(file)


def _planned(ports: InfraPorts, infra: Infra, file: Path, kind: Kind, in_full: bool) -> tuple[PlanRun, PlanSummary]:
    with ports.operator.working("plan", "asking AWS what is there") as on_event:
        run = infra.plan(file, on_event, destroy=kind is Kind.DESTROY)
        summary = from_events(run.events)
        if in_full or not summary.only_adds:
            summary = replace(from_show(infra.show(file)), warnings=summary.warnings)
    return run, _knowing_unfinished(ports, summary)


def _knowing_unfinished(ports: InfraPorts, summary: PlanSummary) -> PlanSummary:
    """Only a plan that would replace something tainted makes us ask the records."""
    if not any(change.tainted and change.loses for change in summary.changes):
        return summary
    record = ports.records.last().record
    return without_unfinished(summary, record.halfway if record else ())
