"""`opsctl doctor`: what opsctl stands on, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

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
from opsctl.errors import ExitCode, OpsError, UsageError

if TYPE_CHECKING:
    from opsctl.core.checkup import Finding


def doctor(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Check tools, credentials, cluster, rights and clocks.

    Says what to do about each. Without an environment it checks the tools alone. Exit 1 if anything fails.

    Example: opsctl doctor --env production
    """
    from opsctl.core.checkup import Level

    console = make_console(output, verbose, no_color)
    findings = list(_findings(project, env))
    console.data([asdict(finding) for finding in findings], "\n".join(_row(finding) for finding in findings))
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(ExitCode.FAILED)


def _findings(project: Path, env: str | None) -> Iterator[Finding]:
    from opsctl.config import load
    from opsctl.core.checkup import Finding, Level
    from opsctl.wiring import checkup

    try:
        environment = load(project, env).environment
    except UsageError as error:
        yield from checkup(project, None)
        yield Finding("environment", Level.WARN, error.message, error.hint)
        return
    except OpsError as error:
        yield from checkup(project, None)
        yield Finding("environment", Level.FAIL, error.message, "opsctl config check")
        return
    yield Finding("environment", Level.OK, environment.name)
    yield from checkup(project, environment)


def _row(finding: Finding) -> str:
    remedy = f"\n{'':21}→ {finding.remedy}" if finding.remedy else ""
    return f"{finding.level.value:<7} {finding.name:<12} {finding.detail}{remedy}"
