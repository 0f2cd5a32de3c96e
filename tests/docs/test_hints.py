"""What opsctl tells people to type exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer.main

import opsctl
from opsctl.cli import app

_PACKAGE = Path(opsctl.__file__).parent
_SAID = re.compile(r"\bopsctl ([a-z]+)(?: ([a-z]+))?")
# what follows "opsctl" where a sentence speaks of it, rather than telling what to type
_PROSE = re.compile(
    "began|can|clears|demo|did|dies|does|environment|from|has|is|made|met|must|needs|promises|reads|shows|started|stopped|while|will|writes"
)


def _spoken() -> list[tuple[str, str, str]]:
    """(file:line, first word, second word) of each `opsctl WORD` in a string that is not a docstring."""
    return [
        (f"{path.relative_to(_PACKAGE)}:{node.lineno}", found[1], found[2] or "")
        for path in sorted(_PACKAGE.rglob("*.py"))
        for node in _strings(path)
        for found in _SAID.finditer(node.value)
    ]


def _strings(path: Path) -> list[ast.Constant]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


@pytest.fixture(scope="module")
def commands() -> dict[str, set[str]]:
    """Each top-level command with its subcommands."""
    group = typer.main.get_command(app)
    return {name: set(getattr(command, "commands", {})) for name, command in group.commands.items()}


def test_every_command_that_a_message_names_exists(commands: dict[str, set[str]]) -> None:
    spoken = _spoken()
    assert len(spoken) > 20, "the search itself must find something"
    unknown = [
        f"{where}: opsctl {first} {second}"
        for where, first, second in spoken
        if not _PROSE.fullmatch(first)
        and (first not in commands or (commands[first] and second not in commands[first]))
    ]
    assert not unknown, "\n".join(unknown)
