"""`opsctl plan`, `provision`, `outputs`, `drift`, `destroy`: infrastructure, by Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    YesOption,
    make_console,
)
from opsctl.console import Console, Output
from opsctl.errors import ExitCode

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.console.infra import TerminalOperator
    from opsctl.core.apply_record import ApplyRecord
    from opsctl.core.plan import PlanSummary
    from opsctl.flows.infra_plan import Planned
    from opsctl.ports import InfraPorts

_LONG, _HEAD = 100, 40  # characters; an ARN still fits

FullOption = Annotated[bool, typer.Option("--full", help="Show each attribute of each change.")]
DetailedOption = Annotated[bool, typer.Option("--detailed-exitcode", help="Exit with 4 where changes are pending.")]
PlanOption = Annotated[int | None, typer.Option("--plan", metavar="NNNN", help="Apply this saved plan, and no other.")]
LossOption = Annotated[
    list[str] | None,
    typer.Option("--allow-data-loss", metavar="ADDRESS", help="A resource, or its module, whose data may go; repeat."),
]
ConfirmOption = Annotated[
    str | None, typer.Option("--confirm", metavar="NAME", help="The environment's name, instead of typing it.")
]


@dataclass(frozen=True)
class _Desk:
    """What each command here begins with."""

    console: Console
    loaded: Loaded
    operator: TerminalOperator
    ports: InfraPorts

    @property
    def heading(self) -> str:
        aws = self.loaded.environment.aws
        return f"{self.loaded.environment.name} · account {aws.account_id} · {aws.region}"


def _desk(project: Path, env: str | None, console: Console, *, confirmed: bool = False, full: bool = False) -> _Desk:
    from opsctl.config import load
    from opsctl.console.infra import TerminalOperator
    from opsctl.wiring import infrastructure

    loaded = load(project, env)
    operator = TerminalOperator(console, loaded.environment.name, confirmed=confirmed, in_full=full)
    return _Desk(console, loaded, operator, infrastructure(loaded, operator))


def plan(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    full: FullOption = False,
    detailed_exitcode: DetailedOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show what would change, dangerous changes first.

    The plan is saved for `provision --plan`.

    Example: opsctl plan --env production --full
    """
    from opsctl.flows.infra_plan import plan as make_plan

    desk = _desk(project, env, make_console(output, verbose, no_color), full=full)
    planned = make_plan(desk.ports, in_full=full)
    desk.console.data(_plan_data(planned), _plan_text(desk, planned, full))
    if detailed_exitcode and not planned.summary.empty:
        raise typer.Exit(ExitCode.CHANGES_PENDING)


def provision(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    plan_number: PlanOption = None,
    allow_data_loss: LossOption = None,
    yes: YesOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Plan, show, ask, then apply exactly that plan.

    The first time, the state's bucket is made before.

    Example: opsctl provision --env production --plan 0007 --yes
    """
    from opsctl.console.infra import need_an_answer
    from opsctl.flows.provision import provision as plan_and_apply
    from opsctl.flows.provision import provision_saved

    console = make_console(output, verbose, no_color)
    need_an_answer(console, yes, "opsctl plan shows what would change; then add --yes")
    desk = _desk(project, env, console, confirmed=yes)
    console.say(desk.heading)
    allowed = allow_data_loss or []
    if plan_number is None:
        record = plan_and_apply(desk.ports, allowed)
    else:
        record = provision_saved(desk.ports, plan_number, allowed)
    _say_applied(desk, record, next_="opsctl deploy --color blue · opsctl outputs")


def destroy(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    allow_data_loss: LossOption = None,
    confirm: ConfirmOption = None,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Destroy what `provision` made, but the state's bucket.

    Asks for the environment's name. What holds data goes only where it is named by --allow-data-loss.

    Example: opsctl destroy --env sandbox --confirm sandbox --allow-data-loss module.registry
    """
    from opsctl.console.infra import need_an_answer
    from opsctl.errors import UsageError
    from opsctl.flows.provision import destroy as plan_and_destroy

    console = make_console(output, verbose, no_color)
    need_an_answer(console, confirm is not None, "add --confirm NAME")
    desk = _desk(project, env, console, confirmed=confirm is not None)
    name = desk.loaded.environment.name
    if confirm not in (None, name):
        raise UsageError(f"--confirm says {confirm}, but the environment is {name}", state="Nothing was changed.")
    console.say(desk.heading)
    record = plan_and_destroy(desk.ports, allow_data_loss or [])
    _say_applied(desk, record, next_=f"the state bucket {desk.ports.bucket.name} is kept, with the state's history")


def drift(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Say what was changed in AWS behind Terraform's back.

    Exit 4 where something was; takes no lock.

    Example: opsctl drift --env production -o json
    """
    from opsctl.console.plan_text import plan_data
    from opsctl.flows.infra_plan import drift as compare

    desk = _desk(project, env, make_console(output, verbose, no_color))
    drifted, pending = compare(desk.ports)
    data = {"drift": plan_data(drifted), "pending": plan_data(pending)}
    desk.console.data(data, _drift_text(desk, drifted, pending))
    if not drifted.empty:
        raise typer.Exit(ExitCode.CHANGES_PENDING)


def outputs(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Print Terraform's outputs, without what is sensitive.

    Example: opsctl outputs -o json | jq -r .registry.repository_url
    """
    from opsctl.console.console import dump_json
    from opsctl.flows.infra_plan import outputs as read

    desk = _desk(project, env, make_console(output, verbose, no_color))
    found = read(desk.ports)
    text = "\n".join(f"{name} = {dump_json(_short(value))}" for name, value in found.items())
    desk.console.data(found, text or "there are no outputs yet: opsctl provision makes them")


def _short(value: Any) -> Any:
    """For reading: long texts, certificates above all, lose their middle. -o json has them whole."""
    if isinstance(value, Mapping):
        return {key: _short(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    return f"{value[:_HEAD]}… ({len(value)} characters)" if isinstance(value, str) and len(value) > _LONG else value


def _plan_data(planned: Planned) -> dict[str, Any]:
    from opsctl.console.plan_text import plan_data

    number = planned.saved.name if planned.saved else None
    return {"plan": number, "applicable": planned.saved is not None, **plan_data(planned.summary)}


def _plan_text(desk: _Desk, planned: Planned, full: bool) -> str:
    from opsctl.console.plan_text import plan_lines

    lines = list(plan_lines(desk.heading, planned.summary, in_full=full))
    return "\n".join([*lines, *_what_next(desk, planned)])


def _what_next(desk: _Desk, planned: Planned) -> list[str]:
    if planned.saved is None:
        bucket = desk.ports.bucket.name
        return [
            "  note     the state bucket does not exist yet; provision makes it first:",
            f"           {bucket}",
            "  next     opsctl provision        (plans again, as this plan knows no state)",
        ]
    if planned.summary.empty:
        return []
    flags = "".join(f" --allow-data-loss '{change.address}'" for change in planned.summary.dangerous)
    minutes = desk.loaded.environment.terraform.plan_valid_minutes
    return [f"  next     opsctl provision --plan {planned.saved.name}{flags}        (valid {minutes} minutes)"]


def _drift_text(desk: _Desk, drifted: PlanSummary, pending: PlanSummary) -> str:
    from opsctl.console.plan_text import counts, plan_lines

    note = [] if pending.empty else [f"  pending  {counts(pending)} of the configuration itself: opsctl plan"]
    if drifted.empty:
        return "\n".join([f"{desk.heading}   no drift", *note])
    lines = plan_lines(f"{desk.heading}   drift", drifted, in_full=True)
    return "\n".join([*lines, *note, "  next     opsctl provision puts the configuration's values back"])


def _say_applied(desk: _Desk, record: ApplyRecord | None, *, next_: str) -> None:
    """The last lines: what was done, and what to type next."""
    if record is None:
        desk.console.data({"outcome": "unchanged"}, "unchanged")
        return
    from opsctl.core.apply_record import to_json

    done = f"{record.added} added, {record.changed} changed, {record.destroyed} destroyed"
    text = f"{record.environment}: {done} in {record.seconds:.0f} s\n  next   {next_}"
    desk.console.data(to_json(record), text)
