"""Apply one plan file: watch it, remember what came of it, and say it where that was not all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from opsctl.core.apply_events import Applied, advance
from opsctl.core.apply_record import ApplyOutcome, ApplyRecord
from opsctl.core.durations import Durations, with_more
from opsctl.core.infra_errors import describe, explain, lock_kept, state_unstored
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import SavedPlan
from opsctl.errors import Interrupted, Refused
from opsctl.flows.imports import settle_imports
from opsctl.ports.provisioning import InfraPorts
from opsctl.ports.terraform import Infra


def apply_saved(ports: InfraPorts, saved: SavedPlan) -> ApplyRecord:
    """Apply it and record it, the failed and interrupted too. Raises what went wrong."""
    _claim(ports, saved)
    began = ports.now()
    consumed = replace(saved, consumed=began)
    ports.plans.save(consumed)  # before it starts: a crash must not allow it twice
    file, log = ports.plans.file(saved.number), ports.plans.log(saved.number)
    known = ports.records.last().record
    durations = known.durations if known else {}
    applied, outcome = run(ports, ports.stack, saved.summary, file, log, durations)
    record = remember(ports, saved, applied, outcome, ports.now() - began)
    ports.plans.save(replace(consumed, ended=ports.now()))  # after the record: what has no end has none
    settle_imports(ports)
    raise_unless_complete(applied, outcome)
    remember_outputs(ports)
    return record


def _claim(ports: InfraPorts, saved: SavedPlan) -> None:
    """Two that apply the same plan would write over each other's events, by which a killed apply is taken up."""
    if not ports.plans.claim(saved.number):
        raise Refused(
            f"plan {saved.name} was handed to another apply a moment ago",
            state="Nothing was changed.",
            hint="opsctl lock show says whether that one runs; opsctl plan makes a new plan",
        )


def remember(
    ports: InfraPorts, saved: SavedPlan, applied: Applied, outcome: ApplyOutcome, seconds: float
) -> ApplyRecord:
    """The record of an apply; one that changed nothing leaves none behind."""
    record = _record(ports, saved, applied, outcome, seconds)
    if (applied.started or outcome is ApplyOutcome.SUCCEEDED) and not ports.records.save(record):
        ports.operator.say("  note   the state bucket did not take the record of this apply; only this computer has it")
    return record


def remember_outputs(ports: InfraPorts) -> None:
    """For the releases to come: they tell the pods where database and cache are."""
    if not ports.records.save_outputs(ports.stack.outputs()):
        ports.operator.say("  note   the state bucket did not take the outputs; releases go by older ones")


def run(
    ports: InfraPorts, infra: Infra, summary: PlanSummary, file: Path, log: Path, durations: Durations
) -> tuple[Applied, ApplyOutcome]:
    """Apply `file` while the operator watches. The file is of no use afterwards and is deleted."""
    applied = Applied()
    with ports.operator.applying(summary, durations) as seen:

        def note(event: Mapping[str, Any]) -> None:
            nonlocal applied
            applied = advance(applied, event)
            seen(applied)

        try:
            complete = infra.apply(file, note, log)
            outcome = ApplyOutcome.SUCCEEDED if complete else ApplyOutcome.FAILED
        except Interrupted:
            outcome = ApplyOutcome.INTERRUPTED
        finally:
            ports.plans.discard(file)
    return applied, outcome


def raise_unless_complete(applied: Applied, outcome: ApplyOutcome) -> None:
    """What failed or was interrupted, how far it came, and how to go on."""
    if outcome is ApplyOutcome.SUCCEEDED:
        return
    again = _again(applied)
    if outcome is ApplyOutcome.INTERRUPTED:
        failed = [trouble for trouble in applied.troubles if trouble.summary != "execution halted"]
        before = f"; before that: {describe(failed)}" if failed else ""
        message = f"the apply was interrupted; Terraform has stopped{before}"
        raise Interrupted(message, state=_state(applied), hint=again)
    raise explain("the apply", applied.troubles, state=_state(applied), hint=f"mend that, then {again}")


def _again(applied: Applied) -> str:
    first = "opsctl lock release --terraform, then " if lock_kept(applied.troubles) else ""
    goes_on = "opsctl provision plans what is left and goes on" if applied.started else "opsctl provision"
    return first + goes_on


def _state(applied: Applied) -> str:
    if not applied.started:
        return "Nothing was changed."
    done = f"{applied.done} of {applied.planned} steps were done: {counted(applied)}."
    if applied.halfway:
        done += f" Stopped halfway, to be made anew if AWS has begun with it: {', '.join(applied.halfway)}."
    return f"{done} {_stored(applied)}".rstrip()


def _stored(applied: Applied) -> str:
    if state_unstored(applied.troubles):
        return (
            "Terraform could not store its state: it lies beside the rendered files as errored.tfstate, on this "
            "computer only, and the next opsctl plan or provision here stores it first. Run no other Terraform before."
        )
    kept = lock_kept(applied.troubles)
    return "" if kept else "Terraform stored its state and gave the lock back."


def counted(applied: Applied) -> str:
    return f"{len(applied.added)} added, {len(applied.changed)} changed, {len(applied.destroyed)} destroyed"


def _record(
    ports: InfraPorts, saved: SavedPlan, applied: Applied, outcome: ApplyOutcome, seconds: float
) -> ApplyRecord:
    origin, before = ports.origin, ports.records.last().record
    left = set(before.halfway if before else ()) - {*applied.added, *applied.changed, *applied.destroyed}
    return ApplyRecord(
        origin.environment, origin.account, saved.kind, ports.now(), origin.by, saved.number, origin.commit, outcome,
        len(applied.added), len(applied.changed), len(applied.destroyed), round(seconds, 1),
        tuple(sorted(left | set(applied.half_made))), with_more(before.durations if before else {}, applied.took),
    )  # fmt: skip
