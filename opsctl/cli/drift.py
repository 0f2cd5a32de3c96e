"""`opsctl drift`: what was changed behind Terraform's back."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from opsctl.core.plan import PlanSummary


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

    desk = open_desk(project, env, make_console(output, verbose, no_color))
    drifted, pending = compare(desk.ports)
    data = {"drift": plan_data(drifted), "pending": plan_data(pending)}
    desk.console.data(data, _drift_text(desk, drifted, pending))
    if not drifted.empty:
        raise typer.Exit(ExitCode.CHANGES_PENDING)


def _drift_text(desk: Desk, drifted: PlanSummary, pending: PlanSummary) -> str:
    from opsctl.console.plan_text import counts, plan_lines

    note = [] if pending.empty else [f"  pending  {counts(pending)} of the configuration itself: opsctl plan"]
    if drifted.empty:
        return "\n".join([f"{desk.heading}   no drift", *note])
    lines = plan_lines(f"{desk.heading}   drift", drifted, in_full=True)
    return "\n".join([*lines, *note, "  next     opsctl provision puts the configuration's values back"])
