"""Provision and destroy: apply exactly the plan that was shown, and nothing that loses data unless it was named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsctl.core.apply_record import ApplyRecord
from opsctl.core.cost.difference import refuse_over_budget
from opsctl.core.plan import accepted, loss_flags
from opsctl.core.preflight.refusal import refuse_unready, worth_saying
from opsctl.core.saved_plan import Kind, SavedPlan, check
from opsctl.errors import OpsError, Refused
from opsctl.flows.account import ensure_account
from opsctl.flows.cluster_made import find_cluster_made, remove_cluster_made
from opsctl.flows.infra_plan import bound, plan, read_again, state_is_there, store_state
from opsctl.flows.retry import apply_patiently
from opsctl.flows.state_bucket import ensure_state_bucket
from opsctl.flows.unfinished import take_up
from opsctl.ports.provisioning import InfraPorts


@dataclass(frozen=True)
class Despite:
    """What stops an apply, and is taken on beforehand by whoever asks for it."""

    over_budget: bool = False
    preflight: bool = False


NOTHING = Despite()


def provision(ports: InfraPorts, allowed: Sequence[str] = (), despite: Despite = NOTHING) -> ApplyRecord | None:
    """Plan, show, ask, apply. None where nothing had to change. `allowed`: addresses whose data may be lost."""
    ensure_account(ports)
    ensure_state_bucket(ports)
    planned = plan(ports)
    if planned.saved is None:  # Terraform was initialised with a bucket that is gone since: an emulator was reset
        ensure_state_bucket(ports)
        planned = plan(ports)
    if planned.saved is None:
        raise OpsError(
            f"the state bucket {ports.bucket.name} was made, but AWS does not show it yet",
            state="Nothing but the bucket was created.",
            hint="opsctl provision again in a minute",
        )
    return _apply_shown(ports, planned.saved, allowed, despite)


def provision_saved(
    ports: InfraPorts, number: int, allowed: Sequence[str] = (), despite: Despite = NOTHING
) -> ApplyRecord | None:
    """Apply the plan saved under `number`, if what it was made from is still the same."""
    saved, seal = ports.plans.load(number), ports.plans.seal(ports.plans.file(number))
    ensure_account(ports)
    if not state_is_there(ports):
        raise _without_state(ports)
    store_state(ports)
    if take_up(ports).started:
        raise Refused(
            f"plan {saved.name} does not know of an apply that was cut short since", state="Nothing was changed.",
            hint="opsctl plan makes a new plan, which takes over what is there",
        )  # fmt: skip
    check(saved, Kind.APPLY, bound(ports, ports.stack.version()), ports.now(), ports.origin.valid_minutes, seal)
    return _apply_shown(ports, replace(saved, summary=read_again(ports, saved)), allowed, despite)


def destroy(ports: InfraPorts, allowed: Sequence[str] = (), *, without_cluster: bool = False) -> ApplyRecord | None:
    """Plan to destroy everything but the state bucket, show, ask; what Kubernetes made goes first, then the rest."""
    saved = plan(ports, Kind.DESTROY).saved
    if saved is None:
        raise _without_state(ports)
    _refuse_while_unknown(ports)
    ports.operator.show(f"plan {saved.name}", saved.summary)
    if saved.summary.empty:
        return None
    refuse_data_loss(saved, allowed)
    refuse_protected(saved)
    made = find_cluster_made(ports, saved.summary, without_cluster=without_cluster)
    ports.operator.approve(saved.kind, saved.summary)
    remove_cluster_made(ports, made)
    return apply_patiently(ports, saved)


def _refuse_while_unknown(ports: InfraPorts) -> None:
    """A plan to destroy passes import blocks over, so what only AWS knows of would stay."""
    unknown = ports.stack.imports()
    if unknown:
        lines = "".join(f"\n    {one.address}: {one.id}" for one in unknown)
        raise Refused(
            f"the state does not know what a killed apply had made:{lines}", state="Nothing was changed.",
            hint="opsctl provision takes it over, then opsctl destroy; or terraform import in the rendered directory",
        )  # fmt: skip


def _without_state(ports: InfraPorts) -> Refused:
    return Refused(
        f"there is no state bucket {ports.bucket.name}: as far as Terraform knows, this environment was never made",
        state="Nothing was changed.",
        hint="opsctl provision makes it",
    )


def _apply_shown(ports: InfraPorts, saved: SavedPlan, allowed: Sequence[str], despite: Despite) -> ApplyRecord | None:
    ports.operator.show(f"plan {saved.name}", saved.summary)
    if saved.summary.empty:
        return None
    refuse_data_loss(saved, allowed)
    refuse_protected(saved)
    if not despite.over_budget:
        refuse_over_budget(saved.summary.cost, ports.costs.budget)
    _look_ahead(ports, saved, despite)
    ports.operator.approve(saved.kind, saved.summary)
    return apply_patiently(ports, saved)


def _look_ahead(ports: InfraPorts, saved: SavedPlan, despite: Despite) -> None:
    findings = ports.preflight.findings(saved.summary)
    for line in worth_saying(findings):
        ports.operator.say(line)
    if not despite.preflight:
        refuse_unready(findings)


def refuse_data_loss(saved: SavedPlan, allowed: Sequence[str]) -> None:
    """Raise Refused where something that holds data would go without having been named."""
    refused = [change for change in saved.summary.dangerous if not accepted(change, allowed)]
    if not refused:
        return
    lines = "".join(f"\n    {change.action} {change.address}: {change.loses}" for change in refused)
    command = "destroy" if saved.kind is Kind.DESTROY else "provision"
    raise Refused(
        f"the plan would lose data for good:{lines}",
        state="Nothing was changed.",
        hint=f"opsctl {command} {loss_flags(saved.summary)}",
    )


def refuse_protected(saved: SavedPlan) -> None:
    """Raise Refused where AWS would refuse in the middle, when much else is gone."""
    kept = saved.summary.kept_by_aws
    if not kept:
        return
    lines = "".join(f"\n    {change.action} {change.address}" for change in kept)
    hint = (
        "switch its deletion_protection off (database, edge.alb) and provision that first; terraform untaint in the "
        "rendered directory keeps what is only half made"
    )
    raise Refused(f"AWS protects from deletion what this plan deletes:{lines}", state="Nothing was changed.", hint=hint)
