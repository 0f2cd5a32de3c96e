"""`opsctl sandbox`: a real Kubernetes and a fake AWS on this computer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from opsctl.cli.options import (
    HERE,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    make_console,
)
from opsctl.console import Output

app = typer.Typer(no_args_is_help=True, help="A real Kubernetes and a fake AWS on this computer.")


@app.command()
def up(
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Start the sandbox of this folder, or repair it; returns when a pod can be scheduled and the fake AWS answers.

    Needs Linux and root. The first time it builds Kubernetes, about ten minutes on two cores; then it takes seconds.

    Example: opsctl sandbox up && kubectl --kubeconfig .opsctl/sandbox/kubeconfig get nodes
    """
    from opsctl.sandbox.up import up as start

    console = make_console(output, verbose, no_color)
    state = start(project, console)
    console.data(asdict(state), f"kubeconfig  {state.kubeconfig}\naws         {state.aws_config} (profile {state.aws_profile})")
