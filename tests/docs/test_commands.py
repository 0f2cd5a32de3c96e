"""Every command is documented as it is, and every command line in the documentation can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from opsctl.cli import app
from opsctl.cli.commands_page import PAGE, page

_TYPED = re.compile(r"(?:^|[;&|] *|`)(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?opsctl (?P<words>[^`;&|>]*)")
_NOT_LITERAL = re.compile(r"[\[…<]|\bCOMMAND\b")  # a pattern for people rather than something to type


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """(words, command) of everything that can be run."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        if not hasattr(command, "commands"):
            yield words, command
            return
        for word, each in command.commands.items():
            yield from below(each, (*words, word))

    return below(typer.main.get_command(app), ())


def problem(words: Sequence[str]) -> str:
    """Why `opsctl WORDS` cannot be typed, by the parser of the command line itself; empty if it can."""
    command, rest = typer.main.get_command(app), list(words)
    while hasattr(command, "commands"):
        if not rest:  # `opsctl sandbox` alone lists its commands
            return ""
        if rest[0].startswith("-"):
            break
        if rest[0] not in command.commands:
            return f"no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    try:
        command.make_context("opsctl", rest)
    except typer.Exit:  # --help, --version
        return ""
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def typed(text: str) -> list[list[str]]:
    """The words after `opsctl` of each command line in one line of code."""
    found = [match["words"] for match in _TYPED.finditer(text)]
    return [shlex.split(words, comments=True) for words in found if not _NOT_LITERAL.search(words)]


def test_the_page_says_what_help_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make generate"


@pytest.mark.parametrize("group", [[], ["config"], ["lock"], ["sandbox"]])
def test_help_shows_the_first_sentence_of_each_command_whole(group: list[str]) -> None:
    said = CliRunner().invoke(app, [*group, "--help"], env={"COLUMNS": "80"}).stdout
    assert said.count("\n  ") > len(group)
    assert "..." not in said.partition("Commands:")[2]


def test_the_page_has_every_command() -> None:
    headings = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == [f"## opsctl {' '.join(words)}" for words, _ in commands()]


@pytest.mark.parametrize(("words", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()])
def test_help_has_an_example_that_can_be_typed(words: tuple[str, ...], command: Any) -> None:
    _, found, example = command.help.partition("Example: ")
    assert found, f"opsctl {' '.join(words)} has no example"
    lines = typed(example)
    assert any(tuple(line[: len(words)]) == words for line in lines), example
    assert not [why for line in lines if (why := problem(line))], example


def test_every_command_line_in_the_documentation_can_be_typed(pages: list[Any]) -> None:
    wrong, seen = [], 0
    for each in pages:
        for number, text in each.code():
            for words in typed(text):
                seen += 1
                if why := problem(words):
                    wrong.append(f"{each.name}:{number}: opsctl {' '.join(words)}: {why}")
    assert seen > 20, "the search itself must find something"
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["deploi"], "no command"),
        (["config", "chek"], "no command"),
        (["deploy", "--colour", "green"], "--colour"),
        (["deploy", "--color", "red"], "red"),
        (["config", "explain"], "key"),
    ],
)
def test_the_check_itself_sees_mistakes(words: list[str], why: str) -> None:
    assert why in problem(words)
