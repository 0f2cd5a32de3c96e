"""Options that many commands share, and the console they describe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from opsctl.console import Console, Output

EnvOption = Annotated[
    str | None,
    typer.Option("--env", "-e", envvar="OPSCTL_ENV", metavar="NAME", help="Environment. Default: the only one."),
]
ProjectOption = Annotated[
    Path,
    typer.Option("--project", "-C", envvar="OPSCTL_PROJECT", metavar="DIR", help="Folder that holds environments/."),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="What stdout holds.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show more, and tracebacks of errors.")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="Plain text; NO_COLOR does the same.")]

HERE = Path()


def make_console(output: Output = Output.TEXT, verbose: bool = False, no_color: bool = False) -> Console:
    """NO_COLOR counts when it holds anything; Typer would refuse `NO_COLOR=foo` as not a boolean."""
    color = not no_color and not os.environ.get("NO_COLOR")
    return Console(output=output, color=color, verbose=verbose)


def a_time(text: str) -> float:
    """`90s`, `30m`, `2h` as seconds, for an option's `parser`."""
    from opsctl.core.freeze import seconds_in

    try:
        return seconds_in(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
