"""Plan: ask Terraform what would change, and keep the answer so that exactly it can be applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opsctl.core.checkup import Finding
from opsctl.core.plan import PlanSummary, without_unfinished
from opsctl.core.plan_reading import from_events, from_show
from opsctl.core.saved_plan import Binding, Kind, SavedPlan
from opsctl.errors import Refused, ToolFailed
from opsctl.flows.account import ensure_account
from opsctl.flows.unfinished import Left, close, take_up
from opsctl.ports.provisioning import InfraPorts
from opsctl.ports.terraform import Infra, PlanRun


@dataclass(frozen=True)
class Planned:
    """`saved` is None where the state bucket does not exist yet: that plan was made against an empty state.

    `left` is what a killed apply had left. `document` is all that `show -json` says, sensitive values in clear: to be
    reckoned with, never to be shown or kept.
    """

    summary: PlanSummary
    saved: SavedPlan | None
    left: Left = field(default_factory=Left)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    preflight: tuple[Finding, ...] = ()


def plan(ports: InfraPorts, kind: Kind = Kind.APPLY) -> Planned:
    """Plan and save."""
    ensure_account(ports)
    planned = _plan(ports, kind)
    findings = () if kind is Kind.DESTROY or planned.summary.empty else ports.preflight.findings(planned.summary)
    return replace(planned, preflight=tuple(findings))


def _plan(ports: InfraPorts, kind: Kind) -> Planned:
    if not state_is_there(ports):
        return _plan_without_state(ports)
    try:
        return _plan_and_save(ports, kind)
    except ToolFailed:
        if not _bucket_is_missing(ports):
            raise
        ports.stack.forget()
        return _plan_without_state(ports)


def _plan_and_save(ports: InfraPorts, kind: Kind) -> Planned:
    store_state(ports)
    left = take_up(ports)
    number = ports.plans.reserve()
    file = ports.plans.file(number)
    run, summary, document = _planned(ports, ports.stack, file, kind)
    close(ports, left)
    summary = _knowing_unfinished(ports, summary)
    origin, seal = ports.origin, ports.plans.seal(file)
    binding = bound(ports, run.terraform)
    saved = SavedPlan(number, kind, binding, origin.dirty, ports.now(), origin.by, summary, seal)
    ports.plans.save(saved)
    if summary.empty:
        ports.plans.discard(file)
    return Planned(summary, saved, left, document)


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


def store_state(ports: InfraPorts) -> None:
    """Before any plan: one that does not know what an apply did would do it a second time."""
    if not ports.stack.unstored():
        return
    with ports.operator.working("state", "storing the state of an earlier apply"):
        ports.stack.store()
    ports.operator.say("  stored   the state of an earlier apply here, which the state bucket had not taken")


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


def outputs(ports: InfraPorts) -> dict[str, Any]:
    """`{name: value}` of the outputs that are not sensitive; empty before the first apply."""
    ensure_account(ports)
    if not state_is_there(ports):
        return {}
    return {name: output["value"] for name, output in ports.stack.outputs().items() if not output["sensitive"]}


def bound(ports: InfraPorts, terraform: str) -> Binding:
    origin = ports.origin
    return Binding(
        origin.environment, origin.account, origin.region, origin.config, origin.commit, origin.opsctl, terraform,
        ports.stack.provider(),
    )  # fmt: skip


def _plan_without_state(ports: InfraPorts) -> Planned:
    stack = ports.stack.without_state()
    stack.prepare()
    file = ports.plans.scratch()
    try:
        _, summary, document = _planned(ports, stack, file, Kind.APPLY)
        return Planned(summary, None, document=document)
    finally:
        ports.plans.discard(file)


def _planned(ports: InfraPorts, infra: Infra, file: Path, kind: Kind) -> tuple[PlanRun, PlanSummary, Mapping[str, Any]]:
    if kind is Kind.APPLY:
        ports.preflight.begin()  # answered while Terraform plans
    with ports.operator.working("plan", "asking AWS what is there") as on_event:
        run = infra.plan(file, on_event, destroy=kind is Kind.DESTROY)
        summary, document = from_events(run.events), dict[str, Any]()
        if not summary.empty:
            document = dict(infra.show(file))
            summary = replace(from_show(document), warnings=summary.warnings, cost=ports.costs.of(document))
    return run, summary, document


def read_again(ports: InfraPorts, saved: SavedPlan) -> PlanSummary:
    """What a saved plan does, by Terraform's own file, which is sealed: what opsctl wrote beside it is not."""
    document = ports.stack.show(ports.plans.file(saved.number))
    found = _knowing_unfinished(ports, from_show(document))
    return replace(found, warnings=saved.summary.warnings, cost=ports.costs.of(document))


def _knowing_unfinished(ports: InfraPorts, summary: PlanSummary) -> PlanSummary:
    """Only a plan that would replace something tainted makes us ask the records."""
    if not any(change.tainted for change in summary.changes):
        return summary
    record = ports.records.last().record
    return without_unfinished(summary, record.halfway if record else ())
