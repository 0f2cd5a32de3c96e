"""docs/commands.md: every command with its options, made from the same declarations as `--help`.

`python -m opsctl.cli.commands_page` rewrites it; a test fails while the page says something else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from opsctl.cli import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
_SHARED = ("--env", "--project", "--output", "--verbose", "--no-color")
_HEAD = """\
# Commands

Made from the command line's own help by `make generate`. `opsctl COMMAND --help` says the same.

Many commands share these options, which stand after the command:

"""


def page() -> str:
    """The whole page, in the order of `opsctl --help`."""
    root = typer.main.get_command(app)
    found = dict(_leaves(root, "opsctl"))
    shared = _options(found["opsctl status"], shared=True)
    return _HEAD + _list(shared) + "".join(_section(name, command) for name, command in found.items())


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(`opsctl config check`, its command) of everything that can be run."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, each in command.commands.items():
        yield from _leaves(each, f"{name} {word}")


def _section(name: str, command: Any) -> str:
    text, _, example = command.help.partition("Example: ")
    usage = " ".join([name, *command.collect_usage_pieces(typer.Context(command))])
    also = ", ".join(f"`{option}`" for option in _SHARED if option in _names(command))
    parts = [f"\n## {name}\n", text.strip() + "\n", f"```console\n$ {example.strip()}\n```\n", f"Usage: `{usage}`\n"]
    own = _list(_options(command, shared=False))
    return "\n".join([*parts, *([own] if own else []), *([f"Also: {also}.\n"] if also else [])])


def _options(command: Any, *, shared: bool) -> list[tuple[str, str]]:
    context = typer.Context(command)
    wanted = [parameter for parameter in command.params if _is_shared(parameter) is shared]
    records = (parameter.get_help_record(context) for parameter in wanted)
    return [record for record in records if record is not None]


def _list(records: list[tuple[str, str]]) -> str:
    return "".join(f"- `{names}`: {_one_line(text)}\n" for names, text in records)


def _one_line(text: str) -> str:
    """`[default: .]` and its like are the help's own marks, no links."""
    return " ".join(text.split()).replace("[", "\\[")


def _names(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def _is_shared(parameter: Any) -> bool:
    return any(option in _SHARED for option in parameter.opts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
