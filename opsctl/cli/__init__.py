"""The command line: every command, in the order of `opsctl --help`."""

from __future__ import annotations

from typing import Annotated

import typer

from opsctl import __version__
from opsctl.cli import (
    config,
    cost,
    deploy,
    doctor,
    drift,
    gaps,
    infra,
    lock,
    look,
    project,
    provision,
    release,
    report,
    sandbox,
    sandbox_load,
)
from opsctl.cli.exits import main
from opsctl.cli.suggesting import Group

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,  # exits.py speaks for errors
    rich_markup_mode=None,  # plain help: the same on a terminal and in a log, and half the time
    help="One environment file to Terraform, Helm and a blue-green release that rolls itself back.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"opsctl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """One environment file to Terraform, Helm and a blue-green release that rolls itself back."""


app.command()(project.init)
config.app.command()(gaps.gaps)
app.add_typer(config.app, name="config")
app.command()(doctor.doctor)
app.command()(project.render)
app.command()(infra.plan)
app.command()(provision.provision)
app.command()(drift.drift)
app.command()(cost.cost)
app.command()(infra.outputs)
app.command()(provision.destroy)
app.command()(deploy.deploy)
app.command()(release.promote)
app.command()(release.abort)
app.command()(release.resume)
app.command()(release.rollback)
app.command()(release.guard)
app.command()(look.status)
app.command()(look.history)
app.command()(look.logs)
app.command()(report.report)
app.add_typer(lock.app, name="lock")
app.command()(lock.freeze)
app.command()(lock.unfreeze)
sandbox.app.command()(sandbox_load.load)
app.add_typer(sandbox.app, name="sandbox")
