"""`opsctl promote`, `abort`, `resume`, `rollback`, `guard`: parse, call one flow, print, exit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsctl.cli.environments import running_environment, valid_environment
from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    a_time,
    make_console,
)
from opsctl.cli.rollouts import abort_exit_code, carry_out
from opsctl.console import Output
from opsctl.errors import UsageError
from opsctl.tools.person import this_person

if TYPE_CHECKING:
    from opsctl.core.environment import Environment
    from opsctl.core.release import Rollout
    from opsctl.ports.release import ReleasePorts


def promote(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Move traffic to the release that waits for it.

    That is what `deploy --no-promote` left; it passes the gate again first.

    Example: opsctl promote
    """
    from opsctl.flows.steer import promote as flow

    console = make_console(output, verbose, no_color)
    carry_out(lambda ports, e: flow(ports, e.release), console, project, valid_environment(project, env))


def abort(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Give up an unfinished release.

    Before cutover the preview is dropped, after it traffic goes back.

    Exit codes: 0 given up as asked, 7 it cannot go back: a person is needed.

    Example: opsctl abort
    """
    from opsctl.flows.steer import abort as flow

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    carry_out(lambda ports, e: flow(ports, e.release), console, project, environment, abort_exit_code)


def resume(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Go on with an unfinished release, from any computer.

    An interrupt, a crash or a halt leaves one.

    Example: opsctl resume
    """
    from opsctl.flows.steer import resume as flow

    console = make_console(output, verbose, no_color)
    carry_out(lambda ports, e: flow(ports, e.release), console, project, running_environment(project, env, console))


def rollback(
    to: Annotated[
        int | None, typer.Option("--to", metavar="RELEASE", help="Deploy this recorded release again.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--recover", help="Both colors are broken: go back to fresh pods, once they are healthy.")
    ] = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Bring users back to the release that served before.

    It takes about two seconds while its color is warm.
    A color that is not healthy gets no users: then it halts (exit code 7), and --recover is the way.

    Example: opsctl rollback
    """
    from opsctl.flows.steer import recover, rollback_to
    from opsctl.flows.steer import rollback as flow

    if fresh and to is not None:
        raise UsageError("--to and --recover exclude each other", state="Nothing was changed.")

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        if to is not None:
            return rollback_to(to, ports, environment.release, this_person())
        if fresh:
            return recover(ports, environment.release, this_person())
        return flow(ports, environment.release, this_person())

    console = make_console(output, verbose, no_color)
    carry_out(start, console, project, running_environment(project, env, console))


def guard(
    lasting: Annotated[
        float, typer.Option("--for", metavar="TIME", parser=a_time, help="How long, such as 90s, 30m or 2h.")
    ] = "30m",  # type: ignore[assignment]  # Typer parses it
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Watch the release that serves, and roll it back if it fails.

    Looks ever more rarely while all is well. Nothing is locked meanwhile: another release ends the guard.
    Exit codes: 0 nothing was wrong, 6 it failed and users are back, 7 it
    failed and the other color is not healthy either, 130 Ctrl-C.

    Example: opsctl guard --for 30m
    """

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        from opsctl.flows.guarding import guard as flow

        return flow(ports, environment.release, lasting, this_person())

    console = make_console(output, verbose, no_color)
    carry_out(start, console, project, running_environment(project, env, console))
