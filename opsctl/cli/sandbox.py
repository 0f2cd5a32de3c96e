"""`opsctl sandbox`: a real Kubernetes and a fake AWS on this computer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsctl.cli.options import HERE, NoColorOption, OutputOption, ProjectOption, VerboseOption, make_console
from opsctl.console import Output
from opsctl.errors import ExitCode, OpsError

if TYPE_CHECKING:
    from opsctl.sandbox.status import Row

app = typer.Typer(no_args_is_help=True, help="A real Kubernetes and a fake AWS on this computer.")

PurgeOption = Annotated[bool, typer.Option("--purge", help="Delete its data too: pods, images, all of the fake AWS.")]


@app.command()
def up(
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Start the sandbox of this folder, or repair it.

    Returns when a pod can be scheduled and the fake AWS answers. Needs Linux and root. The first time it builds
    Kubernetes, which takes about ten minutes on two cores; after that it takes seconds.

    Example: opsctl sandbox up && kubectl --kubeconfig .opsctl/sandbox/kubeconfig get nodes
    """
    from opsctl.sandbox.up import up as start

    console = make_console(output, verbose, no_color)
    state = start(project, console)
    aws = f"AWS_CONFIG_FILE={state.aws_config} AWS_PROFILE={state.aws_profile}"
    console.data(asdict(state), f"KUBECONFIG={state.kubeconfig}\n{aws}")


@app.command()
def down(
    project: ProjectOption = HERE,
    purge: PurgeOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Stop the sandbox of this folder; `up` brings it back.

    Example: opsctl sandbox down --purge
    """
    from opsctl.sandbox import down as stopping

    console = make_console(output, verbose, no_color)
    stop = stopping.purge if purge else stopping.down
    stop(project, console)
    if output is Output.JSON:
        console.data({"up": False, "data": "deleted" if purge else "kept"})


@app.command()
def status(
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show each process of the sandbox and its log.

    Exit 1 if one is not well.

    Example: opsctl sandbox status -o json
    """
    from opsctl.sandbox import status as looking

    console = make_console(output, verbose, no_color)
    if not looking.exists(project):
        raise OpsError(f"there is no sandbox in {project.resolve()}", hint="opsctl sandbox up makes one")
    rows = looking.status(project)
    well = all(row.well for row in rows)
    console.data({"up": well, "processes": [asdict(row) for row in rows]}, _table(rows))
    if not well:
        console.say("Not all of the sandbox is up: `opsctl sandbox up` starts or repairs it.")
        raise typer.Exit(ExitCode.FAILED)


def _table(rows: list[Row]) -> str:
    lines = [f"{'PROCESS':<24} {'PID':>7}  {'SINCE (UTC)':<20} {'STATE':<7} LOG"]
    for row in rows:
        state = "well" if row.well else "silent" if row.pid else "dead"
        since = (row.since or "-").removesuffix("+00:00")
        lines.append(f"{row.name:<24} {row.pid or '-':>7}  {since:<20} {state:<7} {Path(row.log).name}")
    return "\n".join([*lines, f"Logs are in {Path(rows[0].log).parent}"])
