"""`opsctl lock show`, `acquire`, `release`, `opsctl freeze`, `unfreeze`: who may change an environment."""

from __future__ import annotations

import time
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
    a_time,
    make_console,
)
from opsctl.cli.state_lock import release_state, state_seen
from opsctl.console import Output
from opsctl.errors import UsageError

if TYPE_CHECKING:
    from opsctl.core.environment import Environment
    from opsctl.ports.access import AccessPorts

app = typer.Typer(no_args_is_help=True, help="Who holds the lock on releases; take it by hand, give it back.")

TerraformOption = Annotated[bool, typer.Option("--terraform", help="The lock on Terraform's state.")]
IdOption = Annotated[str | None, typer.Option("--id", metavar="ID", help="Of a lock whose holder you know to be dead.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Shown to whoever is refused.")]


@app.command()
def show(
    terraform: TerraformOption = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Who holds the lock, and whether releases are frozen.

    With it who holds Terraform's lock on the state, for which plan, and whether that one lives.
    --terraform looks at Terraform's alone, and needs no cluster.

    Example: opsctl lock show
    """
    from opsctl.console.access_view import access_json, access_text, state_lines
    from opsctl.flows.access import current_freeze

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    state = state_seen(project, environment)
    if terraform:
        console.data(state, "\n".join(state_lines(state, time.time())))
        return
    ports = _ports(project, environment)
    found = {**access_json(ports.reservations.show(), current_freeze(ports)), "terraform": state}
    console.data(found, access_text(found, ports.clock.now()))


@app.command()
def acquire(
    reason: ReasonOption,
    seconds: Annotated[
        float, typer.Option("--for", metavar="TIME", parser=a_time, help="Then it ends by itself, such as 90s or 2h.")
    ] = "1h",  # type: ignore[assignment]  # Typer parses it
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Lock releases by hand, for maintenance.

    Until it is released nobody deploys, promotes or rolls back. Exit code 5 where somebody has it already.

    Example: opsctl lock acquire --reason "moving the database" --for 2h
    """
    from opsctl.console.access_view import access_json
    from opsctl.core.lease import sentence
    from opsctl.flows.access import reserve

    console = make_console(output, verbose, no_color)
    words = _some(reason)
    ports = _ports(project, running_environment(project, env, console))
    taken = reserve(words, ports.clock.now() + seconds, ports)
    text = f"Locked: {sentence(taken, ports.clock.now())}\n  next   opsctl lock release"
    console.data(access_json(taken, None)["lock"], text)


@app.command()
def release(
    terraform: TerraformOption = False,
    lock_id: IdOption = None,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Give back a lock that was acquired by hand, or a dead process's.

    A process that is alive keeps its lock (exit code 5): it gives it back when it ends.
    --terraform gives back the lock on Terraform's state, and makes sure that it is free then. Whether its holder lives
    can be told of this project's runs on this computer; for any other, name the lock by --id.

    Example: opsctl lock release
    """
    from opsctl.console.access_view import access_json
    from opsctl.core.lease import sentence

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    if terraform:
        release_state(project, environment, console, lock_id)
        return
    ports = _ports(project, environment)
    given = ports.reservations.give_back()
    text = f"Released; it was: {sentence(given, ports.clock.now())}" if given else "Nobody had the lock."
    console.data({"released": access_json(given, None)["lock"]}, text)


def freeze(
    reason: ReasonOption,
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="How long or when: 2h, 18:00, 2026-12-01T08:00.")
    ],
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Refuse new releases for a while.

    deploy and promote exit with 8; rollback, abort and resume go on working.
    It ends by itself. A second freeze takes the place of the first. What is being released goes on.

    Example: opsctl freeze --reason "the autumn sale" --until 2026-11-30T08:00
    """
    from opsctl.console.access_view import access_json
    from opsctl.core.freeze import Freeze, moment_of
    from opsctl.flows.access import freeze as flow
    from opsctl.tools.person import this_person

    console = make_console(output, verbose, no_color)
    words = _some(reason)
    ports = _ports(project, running_environment(project, env, console))
    now = ports.clock.now()
    try:
        wanted = Freeze(words, this_person(), now, moment_of(until, now))
    except ValueError as error:
        raise UsageError(f"--until: {error}", state="Nothing was changed.") from None
    flow(wanted, ports)
    text = f"Releases are {wanted.sentence(now)}\n  next   opsctl unfreeze"
    console.data(access_json(None, wanted)["freeze"], text)


def unfreeze(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """End a freeze before its time.

    Example: opsctl unfreeze
    """
    console = make_console(output, verbose, no_color)
    _ports(project, running_environment(project, env, console)).freezes.lift()
    console.data({"freeze": None}, "Releases are not frozen.\n  next   opsctl deploy")


def _ports(project: Path, environment: Environment) -> AccessPorts:
    from opsctl.wiring import access_ports

    return access_ports(project, environment)


def _some(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise UsageError("--reason is empty", state="Nothing was changed.", hint="say it to whoever will be refused")
    return words
