"""`opsctl plan`, `outputs`: what would change, and what there is, by Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsctl.cli.desk import Desk, open_desk
from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    make_console,
)
from opsctl.console import Output
from opsctl.errors import ExitCode

if TYPE_CHECKING:
    from opsctl.flows.infra_plan import Planned

_LONG, _HEAD = 100, 40  # characters; an ARN still fits

FullOption = Annotated[bool, typer.Option("--full", help="Show each attribute of each change.")]
DetailedOption = Annotated[bool, typer.Option("--detailed-exitcode", help="Exit with 4 where changes are pending.")]


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

    desk = open_desk(project, env, make_console(output, verbose, no_color))
    with desk.naming_the_holder():
        planned = make_plan(desk.ports)
    desk.console.data(_plan_data(planned), _plan_text(desk, planned, full))
    if detailed_exitcode and not planned.summary.empty:
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

    desk = open_desk(project, env, make_console(output, verbose, no_color))
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
    left = planned.left
    unfinished = {
        "plans": [cut.plan for cut in left.started],
        "begun": [address for cut in left.started for address in cut.applied.halfway],
        "imports": [vars(one) for one in left.adopted],
        "lost": [vars(one) for one in left.lost],
    }
    head = {"plan": number, "applicable": planned.saved is not None, "unfinished": unfinished}
    return {**head, **plan_data(planned.summary), "preflight": [asdict(found) for found in planned.preflight]}


def _plan_text(desk: Desk, planned: Planned, full: bool) -> str:
    from opsctl.console.cost_words import budget_lines
    from opsctl.console.plan_text import plan_lines
    from opsctl.core.preflight.refusal import worth_saying

    summary = planned.summary
    lines = [
        *plan_lines(desk.heading, summary, in_full=full),
        *budget_lines(summary.cost, desk.ports.costs.budget),
        *worth_saying(planned.preflight),
    ]
    return "\n".join([*lines, *_what_next(desk, planned)])


def _what_next(desk: Desk, planned: Planned) -> list[str]:
    from opsctl.core.plan import loss_flags

    if planned.saved is None:
        bucket = desk.ports.bucket.name
        return [
            "  note     the state bucket does not exist yet; provision makes it first:",
            f"           {bucket}",
            "  next     opsctl provision        (plans again, as this plan knows no state)",
        ]
    if planned.summary.empty:
        return []
    flags = f" {loss_flags(planned.summary)}".rstrip()
    minutes = desk.loaded.environment.terraform.plan_valid_minutes
    return [f"  next     opsctl provision --plan {planned.saved.name}{flags}        (valid {minutes} minutes)"]
