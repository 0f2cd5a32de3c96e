"""`opsctl status`, `history`, `logs`: looking, never touching."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from itertools import chain
from threading import Thread
from typing import TYPE_CHECKING, Annotated, TypeVar

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
    from opsctl.core.environment import Environment
    from opsctl.core.picture import Picture
    from opsctl.ports.release import ReleasePorts

_Answer = TypeVar("_Answer")


def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look on, about once a second, until Ctrl-C.")] = False,
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Who serves users, how healthy, and what a rollback would take.

    Also who holds the lock, the guard, freezes, and the last apply.

    With --watch on a terminal: the live picture of a release, with what it waits for, its deadline and its journal.
    Without one: a line whenever something changes; with -o json one object a line whenever something changes, with
    the keys of `status -o json` (without infrastructure) and at, progress, journal, silence. A cluster that falls
    silent is waited for.
    Ctrl-C and SIGTERM end it with exit code 0.

    Example: opsctl status -o json
    """
    from opsctl.console.release_view import RolloutRows
    from opsctl.wiring import last_apply, release_ports

    console = make_console(output, verbose, no_color)
    environment = running_environment(project, env, console)
    ports = release_ports(project, environment, RolloutRows(console, environment.name))
    infra = _beside(lambda: last_apply(project, environment))  # once, and while the cluster is asked
    if watch:
        _watch(environment, ports, console, infra)
    else:
        _show(environment, ports, console, infra)


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
    from opsctl.console.history_view import history_json, history_text
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


def _show(environment: Environment, ports: ReleasePorts, console: Console, infra: Future[LastApply | None]) -> None:
    from opsctl.console.status_view import status_text
    from opsctl.core.apply_record import last_apply_json
    from opsctl.core.status import status_json
    from opsctl.flows.status import StatusLook

    look = StatusLook(environment.name, ports, environment.release)
    with console.sign_of_life(lambda: look.waits_for):
        found = status_json(look.once())
        look.waits_for = "the state bucket, about the last apply"
        last = infra.result()
    console.data({**found, "infrastructure": last_apply_json(last)}, status_text(found, _in_words(last)))


def _in_words(last: LastApply | None) -> str:
    from opsctl.core.apply_record import in_words

    return in_words(last, time.time()) if last else "none: aws.account_id is open"


def _watch(environment: Environment, ports: ReleasePorts, console: Console, infra: Future[LastApply | None]) -> None:
    """Ctrl-C is the documented way out, and nothing to report. What is still to be asked then is of no use any more."""
    from opsctl.flows.looking_on import LookingOn

    look = LookingOn(environment.name, ports, environment.release)
    following = look.pictures()
    try:
        with console.sign_of_life(lambda: look.waits_for):
            first = next(following)
        _print(chain([first], following), ports, console, infra)
    except KeyboardInterrupt:
        return
    finally:
        ports.prober.give_up()


def _print(pictures: Iterable[Picture], ports: ReleasePorts, console: Console, infra: Future[LastApply | None]) -> None:
    """On a screen, or line by line where there is none."""
    from opsctl.console.change_lines import print_changes
    from opsctl.console.picture_words import clock_words, picture_line
    from opsctl.core.picture import telling

    if console.output is Output.JSON:
        print_changes(pictures, telling, lambda found: json.dumps(found, ensure_ascii=False))
    elif console.has_screen:
        _watch_on_screen(pictures, ports, console, infra)
    else:
        print_changes(pictures, picture_line, lambda found: f"{clock_words(found['at'])}  {picture_line(found)}")


def _watch_on_screen(
    pictures: Iterable[Picture], ports: ReleasePorts, console: Console, infra: Future[LastApply | None]
) -> None:
    from opsctl.console.picture_view import picture_view
    from opsctl.console.screen import show_on_screen

    show_on_screen(
        pictures,
        lambda found, size: picture_view(found, _so_far(infra), ports.clock.now(), size),
        console.rich(stderr=False),
    )


def _so_far(infra: Future[LastApply | None]) -> str:
    if not infra.done():
        return "asked, no answer yet"
    error = infra.exception()
    return f"not known: {error}" if error else _in_words(infra.result())


def _beside(ask: Callable[[], _Answer]) -> Future[_Answer]:
    """In a thread that nobody waits for at the end."""
    from concurrent.futures import Future

    asked: Future[_Answer] = Future()

    def answer() -> None:
        try:
            asked.set_result(ask())
        except BaseException as error:
            asked.set_exception(error)

    Thread(target=answer, name="beside", daemon=True).start()
    return asked
