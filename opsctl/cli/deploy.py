"""`opsctl deploy`: what is wanted, by options and environment file; then one flow."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsctl.cli.environments import valid_environment
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
from opsctl.cli.rollouts import carry_out
from opsctl.console import Console, Output
from opsctl.core.color import Color
from opsctl.errors import ExitCode, UsageError
from opsctl.tools.person import this_person

if TYPE_CHECKING:
    from opsctl.core.environment import Environment
    from opsctl.core.release import Rollout
    from opsctl.flows.planning import Wanted
    from opsctl.ports.release import ReleasePorts


class MigrationKind(StrEnum):
    NONE = "none"
    EXPAND = "expand"
    CONTRACT = "contract"


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
    dry: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
    migration: Annotated[
        MigrationKind | None, typer.Option("--migration", help="Of this release. Default: release.migration.kind.")
    ] = None,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Release an image; users are brought back if it fails.

    Warms the idle color, proves it, moves traffic, and watches.

    Exit codes: 0 done or unchanged, 1 abandoned with nothing serving before,
    5 locked, 6 failed and users are back on the old color, 7 halted: a person
    is needed, 8 refused: frozen, no room, a failed pre_deploy hook, or another
    release is unfinished.

    Example: opsctl deploy --color green --image ai-agent-sdk:1.4.0
    """
    from opsctl.flows.deploy import deploy as plain
    from opsctl.flows.supersede import supersede as superseding
    from opsctl.wiring import git_commit

    console, environment = make_console(output, verbose, no_color), valid_environment(project, env)
    wanted = replace(
        _wanted(project, environment, _image(image, environment), _settings(settings or [])),
        color=color,
        hold=no_promote,
        migration=_migration(migration, environment),
        commit=git_commit(project),
        wait=wait or 0.0,
    )
    if dry:
        _dry_run(wanted, console, project, environment)
        return

    def start(ports: ReleasePorts, environment: Environment) -> Rollout:
        flow = superseding if supersede else plain
        return _guarded(flow(wanted, ports, environment.release), ports, environment, guard_for)

    carry_out(start, console, project, environment)


def _wanted(project: Path, environment: Environment, image: str, settings: dict[str, str]) -> Wanted:
    from opsctl.core.workloads import sizes
    from opsctl.flows.planning import Wanted
    from opsctl.render.values import app_values
    from opsctl.wiring import known_outputs

    both = sorted(settings.keys() & environment.application.secrets.keys())
    if both:
        raise UsageError(
            f"--set: {', '.join(both)} comes from a Secret", state="Nothing was changed.",
            hint="application.secrets says from which; a value on a command line is seen by everybody",
        )  # fmt: skip
    told = {**environment.application.environment, **settings}
    return Wanted(
        image=image,
        settings=told,
        values=app_values(environment, Color.BLUE, image, told, known_outputs(project, environment).values),
        sizes=sizes(environment),
        by=this_person(),
    )


def _migration(chosen: MigrationKind | None, environment: Environment) -> str:
    kind = chosen.value if chosen else environment.release.migration.kind
    if kind != "none" and not environment.release.migration.command:
        raise UsageError(
            f"--migration {kind}: what is to be run?",
            state="Nothing was changed.", hint="release.migration.command in the environment file",
        )  # fmt: skip
    return kind


def _dry_run(wanted: Wanted, console: Console, project: Path, environment: Environment) -> None:
    """Exits by what `deploy` would be refused for."""
    from opsctl.console.dry_run_view import dry_run_json, dry_run_text
    from opsctl.console.release_view import RolloutRows
    from opsctl.core.hook import configured
    from opsctl.core.room import shortages
    from opsctl.flows.planning import dry_run
    from opsctl.wiring import release_ports

    ports = release_ports(project, environment, RolloutRows(console, environment.name))
    plan, findings = dry_run(wanted, ports, environment.release)
    hooks = configured(environment.release)
    console.data(dry_run_json(plan, hooks, findings), dry_run_text(environment.name, plan, hooks, findings))
    if shortages(findings):
        raise typer.Exit(ExitCode.REFUSED)


def _guarded(rollout: Rollout, ports: ReleasePorts, environment: Environment, seconds: float | None) -> Rollout:
    """The release, or the rollback that its guard had to start."""
    from opsctl.core.release import Outcome
    from opsctl.flows.guarding import guard as flow

    if not seconds or rollout.outcome is not Outcome.SUCCEEDED:
        return rollout
    return flow(ports, environment.release, seconds, this_person())


def _image(given: str | None, environment: Environment) -> str:
    from opsctl.core import formats
    from opsctl.render.values import released_image

    if given is not None and not given.strip():
        raise UsageError("--image is empty", state="Nothing was changed.", hint="is a variable of the script unset?")
    image = given or released_image(environment)
    if given and not formats.image(given):
        raise UsageError(
            f"--image: {given[:80]!r} cannot be an image", state="Nothing was changed.",
            hint=f"it has to be {formats.image.__doc__}",
        )  # fmt: skip
    if not image:
        repository = environment.workload.image or "REPOSITORY"
        raise UsageError("which image?", state="Nothing was changed.", hint=f"add --image {repository}:TAG")
    return image


def _is_text(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _settings(pairs: list[str]) -> dict[str, str]:
    from opsctl.core.rules.pods import RESERVED_VARIABLES

    wrong = [pair for pair in pairs if "=" not in pair or pair.startswith("=")]
    if wrong:
        raise UsageError(f"--set wants KEY=VALUE, got {', '.join(wrong)}", state="Nothing was changed.")
    odd = [pair for pair in pairs if "\0" in pair or not _is_text(pair)]
    if odd:
        raise UsageError(f"--set: {odd[0]!a} is no text in UTF-8", state="Nothing was changed.")
    found = dict(pair.split("=", 1) for pair in pairs)
    ours = sorted(RESERVED_VARIABLES & found.keys())
    if ours:
        raise UsageError(
            f"--set: {', '.join(ours)} cannot be chosen: each release sets it itself",
            state="Nothing was changed.", hint="docs/app-contract.md lists them",
        )  # fmt: skip
    odd = [name for name in found if not _NAME.fullmatch(name)]
    if odd:
        raise UsageError(
            f"--set: {', '.join(odd)} cannot be the name of an environment variable",
            state="Nothing was changed.", hint="letters, digits and underscores, a letter first",
        )  # fmt: skip
    return found
