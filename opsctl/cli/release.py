"""`opsctl deploy`, `promote`, `abort`, `resume`, `rollback`: parse, call one flow, print, exit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
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
from opsctl.console import Console, Output
from opsctl.core.color import Color
from opsctl.errors import ExitCode, OpsError, UsageError

if TYPE_CHECKING:
    from opsctl.core.environment import Environment
    from opsctl.core.release import Rollout
    from opsctl.ports import ReleasePorts

    Flow = Callable[[ReleasePorts, Environment], Rollout]


_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def deploy(
    color: Annotated[Color | None, typer.Option("--color", help="Where to. Default: the idle color.")] = None,
    image: Annotated[str | None, typer.Option("--image", help="What. Default: workload.image.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="An application setting for this release only; repeatable."),
    ] = None,
    no_promote: Annotated[bool, typer.Option("--no-promote", help="Stop before traffic moves.")] = False,
    guard_for: Annotated[
        float | None, typer.Option("--guard", metavar="TIME", parser=a_time, help="Then stand guard, such as 30m.")
    ] = None,
    wait: Annotated[
        float | None, typer.Option("--wait", metavar="TIME", parser=a_time, help="Wait for a lock that another has.")
    ] = None,
    supersede: Annotated[
        bool, typer.Option("--supersede", help="Abandon a release that has not moved traffic yet, then deploy.")
    ] = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Release an image: warm the idle color, prove it, move traffic, watch it; go back by itself if it fails.

    Exit codes: 0 done or unchanged, 1 abandoned with nothing serving before,
    5 locked, 6 failed and users are back on the old color, 7 halted: a person
    is needed, 8 refused: frozen, or another release is unfinished.

    Example: opsctl deploy --color green --image ai-agent-sdk:1.4.0
    """
    from opsctl.flows.deploy import Wanted
    from opsctl.flows.deploy import deploy as plain
    from opsctl.flows.supersede import supersede as superseding
    from opsctl.render.values import app_values

    chosen = _settings(settings or [])

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        what, told = _image(image, environment), {**environment.application.environment, **chosen}
        wanted = Wanted(
            image=what,
            settings=told,
            values=app_values(environment, Color.BLUE, what, told),
            replicas=environment.workload.replicas or 1,
            by=_who(),
            color=color,
            hold=no_promote,
            wait=wait or 0.0,
        )
        flow = superseding if supersede else plain
        return _guarded(flow(wanted, ports, environment.release), ports, environment, guard_for)

    console = make_console(output, verbose, no_color)
    _run(start, console, project, valid_environment(project, env))


def promote(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Move traffic to the release that `deploy --no-promote` left waiting; it passes the gate again first.

    Example: opsctl promote
    """
    from opsctl.flows.steer import promote as flow

    console = make_console(output, verbose, no_color)
    _run(lambda ports, e: flow(ports, e.release), console, project, valid_environment(project, env))


def abort(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Give up an unfinished release: before cutover the preview is dropped, after it traffic goes back.

    Example: opsctl abort
    """
    from opsctl.flows.steer import abort as flow

    console = make_console(output, verbose, no_color)
    _run(lambda ports, e: flow(ports, e.release), console, project, running_environment(project, env, console))


def resume(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Go on with a release that an interrupt, a crash or a halt left unfinished; from any computer.

    Example: opsctl resume
    """
    from opsctl.flows.steer import resume as flow

    console = make_console(output, verbose, no_color)
    _run(lambda ports, e: flow(ports, e.release), console, project, running_environment(project, env, console))


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
    """Bring users back to the release that served before; about two seconds while its color is warm.

    A color that is not healthy gets no users: then it halts (exit code 7), and --recover is the way.

    Example: opsctl rollback
    """
    from opsctl.flows.steer import recover, rollback_to
    from opsctl.flows.steer import rollback as flow

    if fresh and to is not None:
        raise UsageError("--to and --recover exclude each other", state="Nothing was changed.")

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        if to is not None:
            return rollback_to(to, ports, environment.release, _who())
        if fresh:
            return recover(ports, environment.release, _who())
        return flow(ports, environment.release, _who())

    console = make_console(output, verbose, no_color)
    _run(start, console, project, running_environment(project, env, console))


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
    """Watch the release that serves, ever more rarely while all is well, and roll it back if it fails.

    Nothing is locked meanwhile: another release ends the guard.
    Exit codes: 0 nothing was wrong, 6 it failed and users are back, 7 it
    failed and the other color is not healthy either, 130 Ctrl-C.

    Example: opsctl guard --for 30m
    """

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        from opsctl.flows.guarding import guard as flow

        return flow(ports, environment.release, lasting, _who())

    console = make_console(output, verbose, no_color)
    _run(start, console, project, running_environment(project, env, console))


def _guarded(rollout: Rollout, ports: ReleasePorts, environment: Environment, seconds: float | None) -> Rollout:
    """The release, or the rollback that its guard had to start."""
    from opsctl.core.release import Outcome
    from opsctl.flows.guarding import guard as flow

    if not seconds or rollout.outcome is not Outcome.SUCCEEDED:
        return rollout
    return flow(ports, environment.release, seconds, _who())


def _run(flow: Flow, console: Console, project: Path, environment: Environment) -> None:
    from opsctl.console.release_view import RolloutRows, rollout_json, rollout_text
    from opsctl.wiring import release_ports

    ports = release_ports(project, environment, RolloutRows(console, environment.name))
    rollout = flow(ports, environment)
    active = _active(rollout, ports)
    console.say()
    console.data(rollout_json(rollout, active), rollout_text(rollout, active))
    raise typer.Exit(exit_code(rollout))


def _active(rollout: Rollout, ports: ReleasePorts) -> Color | None:
    """Who serves now. An outcome that is on record is reported though the cluster falls silent: it says who."""
    from opsctl.core.release import Outcome

    try:
        return ports.traffic.read().active
    except OpsError:
        stayed = rollout.outcome in (Outcome.ABANDONED, Outcome.ROLLED_BACK, Outcome.AWAITING_PROMOTION)
        return rollout.origin if stayed else rollout.color


def exit_code(rollout: Rollout) -> ExitCode:
    """6 says that users are served; a release abandoned where nothing served before is a plain failure."""
    from opsctl.core.release import Outcome

    abandoned = ExitCode.ROLLED_BACK if rollout.origin else ExitCode.FAILED
    exits = {
        Outcome.SUCCEEDED: ExitCode.ROLLED_BACK if rollout.by_guard else ExitCode.DONE,
        Outcome.UNCHANGED: ExitCode.DONE,
        Outcome.AWAITING_PROMOTION: ExitCode.DONE,
        Outcome.ABANDONED: abandoned,
        Outcome.ROLLED_BACK: ExitCode.ROLLED_BACK,
        Outcome.HALTED: ExitCode.HALTED,
    }
    return exits[rollout.outcome] if rollout.outcome else ExitCode.FAILED


def _image(given: str | None, environment: Environment) -> str:
    from opsctl.render.values import released_image

    if given is not None and not given.strip():
        raise UsageError("--image is empty", state="Nothing was changed.", hint="is a variable of the script unset?")
    image = given or released_image(environment)
    if not image:
        repository = environment.workload.image or "REPOSITORY"
        raise UsageError("which image?", state="Nothing was changed.", hint=f"add --image {repository}:TAG")
    return image


def _settings(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair or pair.startswith("=")]
    if wrong:
        raise UsageError(f"--set wants KEY=VALUE, got {', '.join(wrong)}", state="Nothing was changed.")
    found = dict(pair.split("=", 1) for pair in pairs)
    odd = [name for name in found if not _NAME.fullmatch(name)]
    if odd:
        raise UsageError(
            f"--set: {', '.join(odd)} cannot be the name of an environment variable",
            state="Nothing was changed.", hint="letters, digits and underscores, a letter first",
        )  # fmt: skip
    return found


def _who() -> str:
    import getpass
    import socket

    return f"{getpass.getuser()}@{socket.gethostname()}"
