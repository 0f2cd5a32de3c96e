"""`opsctl report`: what became of a release and why, as a page to be read and forwarded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsctl.cli.environments import running_environment
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
from opsctl.errors import OpsError, UsageError

if TYPE_CHECKING:
    from opsctl.core.release import Rollout


def report(
    number: Annotated[
        int | None, typer.Argument(metavar="RELEASE", help="Its id in `opsctl history`. Default: the last one.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Where to write. Default: report-RELEASE.html here.")
    ] = None,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write what became of a release, and why, as one HTML file.

    Timeline, decisions with the verdicts behind them, and what every probe
    said, as plots. The file needs nothing else: open it anywhere, forward it.
    With -o json the same as data on stdout; a file then only where --file
    names one.

    Example: opsctl report 12
    """
    from opsctl.core.report import report_json
    from opsctl.wiring import open_journal, open_tapes

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    rollout = _chosen(number, open_journal(project, environment).rollouts())
    found = report_json(environment.name, rollout, open_tapes(project, environment).read(rollout))
    if output is Output.TEXT or file:
        file = file or Path(f"report-{rollout.id}.html")
        _write(file, found)
    console.data(found, f"{file}: {found['headline']}")


def _chosen(number: int | None, past: list[Rollout]) -> Rollout:
    if not past:
        raise UsageError("nothing was released yet", state="Nothing was written.", hint="opsctl deploy")
    found = [rollout for rollout in past if number in (None, rollout.id)]
    if not found:
        kept = ", ".join(str(rollout.id) for rollout in past)
        raise UsageError(
            f"no record of release {number} is left; there are {kept}",
            state="Nothing was written.", hint="opsctl history",
        )  # fmt: skip
    return found[-1]


def _write(file: Path, found: dict[str, object]) -> None:
    from opsctl import __version__
    from opsctl.assets import asset
    from opsctl.render.page import page

    template = (asset("templates") / "report" / "page.html").read_text(encoding="utf-8")
    text = page(found, template, __version__)
    try:
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise OpsError(
            f"cannot write {file}: {error.strerror}", state="The record in the cluster is as it was.",
            hint="name another place with --file",
        ) from error  # fmt: skip
