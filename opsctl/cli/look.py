"""`opsctl status`, `history`, `logs`: looking, never touching."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
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
from opsctl.console import Console, Output
from opsctl.core.color import Color

if TYPE_CHECKING:
    from concurrent.futures import Future

    from opsctl.core.apply_record import LastApply
    from opsctl.flows.status import StatusLook

_WATCH_S = 1.0


def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Redraw every second until Ctrl-C.")] = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Who serves users, how healthy, and what a rollback would take.

    Also who holds the lock, the guard, freezes, and the last apply.

    Example: opsctl status -o json
    """
    from concurrent.futures import ThreadPoolExecutor

    from opsctl.console.release_view import RolloutRows
    from opsctl.flows.status import StatusLook
    from opsctl.wiring import last_apply, release_ports

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    ports = release_ports(project, environment, RolloutRows(console, environment.name))
    look = StatusLook(environment.name, ports, environment.release)
    with ThreadPoolExecutor(1) as beside:  # AWS is asked while the cluster is, and once, however long one watches
        infra = beside.submit(last_apply, project, environment)
        if not watch:
            _show(look, console, infra)
            return
        with suppress(KeyboardInterrupt):  # the documented way out, and nothing to report
            _watch(look, console, infra)


def history(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """The last deploys and rollbacks, and how each ended.

    At least ten, and whatever releases that served are known by.

    Example: opsctl history
    """
    from opsctl.console.release_view import history_json, history_text
    from opsctl.wiring import open_journal

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    rows = history_json(open_journal(project, environment).rollouts())
    console.data(rows, history_text(rows))


def logs(
    color: Annotated[Color | None, typer.Option("--color", help="Default: the color with traffic.")] = None,
    tail: Annotated[int, typer.Option("--tail", min=1, help="Last lines of each pod.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """A color's log lines, each with its pod.

    Of a color that is gone, the last words that its release left.

    Example: opsctl logs --color green --tail 20
    """
    from opsctl.core.history import last_words_of
    from opsctl.errors import UsageError
    from opsctl.wiring import kubeconfig_of, names_of, open_cluster, open_journal

    console = make_console(Output.TEXT, verbose, no_color)
    environment = running_environment(project, env, console)
    snapshot = open_cluster(project, environment).read()
    chosen = color or snapshot.active
    if chosen is None:
        raise UsageError("nobody serves users; which color?", hint="opsctl logs --color blue")
    if snapshot.colors[chosen].pods:
        from opsctl.tools.kubectl import stream_logs

        names, config = names_of(environment), kubeconfig_of(project, environment)
        stream_logs(names, chosen, config, environment.kubernetes.context, tail=tail, follow=follow, say=typer.echo)
        return
    words = last_words_of(chosen, open_journal(project, environment).rollouts())
    console.say(f"{chosen} has no pods; what its last release left:")
    typer.echo("\n".join(words) if words else "nothing was recorded")


def _show(look: StatusLook, console: Console, infra: Future[LastApply | None]) -> None:
    from opsctl.console.release_view import status_text
    from opsctl.core.apply_record import last_apply_json
    from opsctl.core.status import status_json

    found = status_json(look.once())
    last = infra.result()
    console.data({**found, "infrastructure": last_apply_json(last)}, status_text(found, _in_words(last)))


def _in_words(last: LastApply | None) -> str:
    from opsctl.core.apply_record import in_words

    return in_words(last, time.time()) if last else "none: aws.account_id is open"


def _watch(look: StatusLook, console: Console, infra: Future[LastApply | None]) -> None:
    """Redraw in place on a terminal; without one, or as JSON, one picture after the other."""
    from rich.live import Live
    from rich.text import Text

    from opsctl.console.release_view import status_text
    from opsctl.core.status import status_json

    def picture() -> str:
        return status_text(status_json(look.once()), _in_words(infra.result()))

    if console.output is Output.JSON or not sys.stdout.isatty():
        while True:
            _show(look, console, infra)
            time.sleep(_WATCH_S)
    with Live(Text(picture()), console=console.rich(stderr=False), screen=False, auto_refresh=False) as live:
        while True:
            live.update(Text(picture()), refresh=True)
            time.sleep(_WATCH_S)
