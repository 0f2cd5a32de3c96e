"""What every command that carries a rollout shares: run the flow, print how it ended, exit by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from opsctl.console import Console
from opsctl.core.color import Color
from opsctl.errors import ExitCode, OpsError

if TYPE_CHECKING:
    from opsctl.core.environment import Environment
    from opsctl.core.release import Rollout
    from opsctl.ports.release import ReleasePorts

    Flow = Callable[[ReleasePorts, Environment], Rollout]


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


def abort_exit_code(rollout: Rollout) -> ExitCode:
    """Of who asked for it: what was to be given up is given up, and users are where they were before."""
    from opsctl.core.release import Outcome

    given_up = rollout.outcome in (Outcome.ABANDONED, Outcome.ROLLED_BACK)
    return ExitCode.DONE if given_up else exit_code(rollout)


def carry_out(
    flow: Flow,
    console: Console,
    project: Path,
    environment: Environment,
    exits: Callable[[Rollout], ExitCode] = exit_code,
) -> None:
    from opsctl.console.outcome_view import rollout_json, rollout_text
    from opsctl.console.release_view import RolloutRows
    from opsctl.wiring import release_ports

    ports = release_ports(project, environment, RolloutRows(console, environment.name))
    rollout = flow(ports, environment)
    active = _active(rollout, ports)
    console.say()
    console.data(rollout_json(rollout, active), rollout_text(rollout, active))
    raise typer.Exit(exits(rollout))


def _active(rollout: Rollout, ports: ReleasePorts) -> Color | None:
    """Who serves now. An outcome that is on record is reported though the cluster falls silent: it says who."""
    from opsctl.core.release import Outcome
    from opsctl.core.snapshot import active_of

    try:
        return active_of(ports.traffic.read())
    except OpsError:
        stayed = rollout.outcome in (Outcome.ABANDONED, Outcome.ROLLED_BACK, Outcome.AWAITING_PROMOTION)
        return rollout.origin if stayed else rollout.color
