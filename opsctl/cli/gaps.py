"""`opsctl config gaps`: every open question of an environment, and what answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.console.gaps_view import Answers

MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Markdown, to send to whoever must answer.")]


def gaps(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    markdown: MarkdownOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """List every open question with the key that answers it.

    An answer is given in a file, a default with its reason, derived from other keys, or missing: then who must give it,
    and what cannot be done before.

    Example: opsctl config gaps --env production --markdown > questions.md
    """
    from opsctl.config import load
    from opsctl.console.gaps_view import gaps_data, gaps_markdown, gaps_text
    from opsctl.errors import UsageError

    if markdown and output is Output.JSON:
        raise UsageError("--markdown and -o json are two forms of the same", hint="leave out one of them")
    loaded = load(project, env)
    name, found = loaded.environment.name, answers(loaded)
    text = gaps_markdown(name, found) if markdown else gaps_text(name, found)
    make_console(output, verbose, no_color).data(gaps_data(name, found), text)


def answers(loaded: Loaded) -> Answers:
    """What answers each question in this environment."""
    from opsctl.core.gaps import Origin, State
    from opsctl.core.gaps import gaps as find
    from opsctl.core.keys import value_at
    from opsctl.core.words import sayable

    states = {"file": State.GIVEN, "default": State.DEFAULT, "derived": State.DERIVED}
    origins = {path: Origin(states[each.kind], str(each)) for path, each in loaded.provenance.items()}
    return find(lambda path: sayable(path, value_at(loaded.environment, path)), origins)
