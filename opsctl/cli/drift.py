"""`opsctl drift`: what was changed behind Terraform's back."""

from __future__ import annotations

import typer

from opsctl.cli.desk import open_desk
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


def drift(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Say what was changed in AWS behind Terraform's back.

    Told apart: security, relevant, cosmetic. Exit 4 where something matters and no rule in `drift.ignore` lets it be.
    Takes no lock and changes nothing.

    Example: opsctl drift --env production -o json
    """
    from opsctl.console.drift_text import drift_data, drift_lines
    from opsctl.flows.drift import look_for_drift
    from opsctl.wiring import drift_memory

    desk = open_desk(project, env, make_console(output, verbose, no_color))
    rules = desk.loaded.environment.drift.ignore
    report = look_for_drift(desk.ports, rules, drift_memory(desk.loaded))
    desk.console.data(drift_data(report), "\n".join(drift_lines(desk.heading, report, rules)))
    if report.matters:
        raise typer.Exit(ExitCode.CHANGES_PENDING)
