"""The environment that a command works on: valid as a whole, or as far as what runs already needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.console import Console

if TYPE_CHECKING:
    from opsctl.core.environment import Environment


def valid_environment(project: Path, env: str | None) -> Environment:
    """For what brings something new. Raises ConfigurationError with every mistake of the file."""
    from opsctl.config import load

    return load(project, env).environment


def running_environment(project: Path, env: str | None, console: Console) -> Environment:
    """For what looks at releases, ends them or goes back: a mistake about infrastructure must not stand in the way
    of that at night. Raises ConfigurationError for any other mistake, as it could lead to another cluster."""
    from opsctl.config import INFRASTRUCTURE, load

    loaded = load(project, env, unread=INFRASTRUCTURE)
    if loaded.mistakes:
        keys = ", ".join(dict.fromkeys(mistake.path for mistake in loaded.mistakes))
        console.step("note", f"{loaded.file} has mistakes that do not matter here ({keys})", state="note")
        console.say("  next   opsctl config check")
    return loaded.environment
