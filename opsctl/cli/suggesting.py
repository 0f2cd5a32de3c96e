"""A command that does not exist: what is there instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup

# What other programs call it.
_CALLED = {"apply": "provision", "release": "deploy", "validate": "check"}


class Group(TyperGroup):
    """Finds what was looked for one group too high, or by another program's word, before Typer compares letters."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0]
        if word not in self.commands:
            found = " or ".join(f"'{ctx.command_path} {path}'" for path in self._paths(_CALLED.get(word, word)))
            if found:
                ctx.fail(f"No such command '{word}'. Did you mean {found}?")
        return super().resolve_command(ctx, args)

    def _paths(self, name: str) -> Iterator[str]:
        if name in self.commands:
            yield name
        for group, inner in self.commands.items():
            if isinstance(inner, TyperGroup) and name in inner.commands:
                yield f"{group} {name}"
