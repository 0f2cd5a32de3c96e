"""`opsctl cost`: what an environment costs a month, by the environment file and a dated table of prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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

if TYPE_CHECKING:
    from opsctl.core.cost.picture import CostPicture

AllOption = Annotated[bool, typer.Option("--all", help="A table of all environments of the project.")]


def cost(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    every: AllOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Estimate what an environment costs a month.

    From its file and a dated table of prices; no credentials are needed. `plan` says what a change would cost.

    Example: opsctl cost --env production
    """
    from opsctl.config import load
    from opsctl.console.cost_text import cost_data, cost_lines, table_lines
    from opsctl.core.cost.picture import picture

    console = make_console(output, verbose, no_color)
    if every:
        rows = _every(project)
        data = {name: found if isinstance(found, str) else cost_data(found) for name, _, found in rows}
        console.data(data, "\n".join(table_lines(rows)))
        return
    environment = load(project, env).environment
    found = picture(environment)
    heading = f"{environment.name} · {environment.aws.region}"
    console.data(
        {"environment": environment.name, **cost_data(found)}, "\n".join(cost_lines(heading, environment, found))
    )


def _every(project: Path) -> list[tuple[str, str, CostPicture | str]]:
    """A file that is wrong, or a region without prices, is a row that says so."""
    from opsctl.config import environment_names, load
    from opsctl.core.cost.picture import picture
    from opsctl.errors import OpsError

    rows: list[tuple[str, str, CostPicture | str]] = []
    for name in environment_names(project):
        region = ""
        try:
            environment = load(project, name).environment
            region = environment.aws.region
            rows.append((name, region, picture(environment)))
        except OpsError as error:
            rows.append((name, region, "no prices for this region" if region else error.message))
    return rows
