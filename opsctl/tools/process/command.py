"""A program, and where and in what surroundings it is started."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from opsctl.errors import ToolMissing

_MASK = "***"


@dataclass(frozen=True, repr=False)
class Command:
    """A program and how to start it. Printing it hides `secrets` and the values of `environment`.

    `environment` is laid over ours; None removes a variable. `holds_lock` says that killing the program
    would leave a lock behind, so it is only ever asked to stop. `grace` is how long, seconds, a program
    that was asked to stop is left alone before it is asked a second time. `dies_with_us` is for a program that must not
    go on once nobody holds our lease any more: it is killed with us (on Linux, where `setpriv` is installed).
    `as_group` is for a program of somebody else's, which may start others: both its outputs are one, it is asked to
    stop by SIGTERM, and nothing of its process group outlives it. `most_output` is how many bytes it may print before
    it is stopped.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    cwd: Path | None = None
    secrets: frozenset[str] = frozenset()
    holds_lock: bool = False
    dies_with_us: bool = False
    as_group: bool = False
    most_output: float = inf
    grace: float = 30.0
    remedy: str = "opsctl doctor lists what is needed and how to get it"

    @property
    def program(self) -> str:
        return Path(self.argv[0]).name

    def __str__(self) -> str:
        text = shlex.join(self.argv)
        for secret in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(shlex.quote(secret), _MASK).replace(secret, _MASK)
        return text

    def __repr__(self) -> str:
        return f"Command({self}, environment={sorted(self.environment)}, cwd={self.cwd})"


def found(command: Command) -> str:
    """The program's path. Raises ToolMissing."""
    name, state = command.argv[0], "Nothing was started."
    path = shutil.which(name, path=child_environment(command.environment).get("PATH"))
    if path:
        return path
    if "/" in name and Path(name).is_file():
        raise ToolMissing(f"{name} is not executable", state=state, hint=f"chmod +x {name}")
    where = "does not exist" if "/" in name else "is not installed, or not on PATH"
    raise ToolMissing(f"{name} {where}", state=state, hint=command.remedy)


def child_environment(overlay: Mapping[str, str | None]) -> dict[str, str]:
    """Our environment with `overlay` on top; None removes a variable."""
    merged = {**os.environ, **overlay}
    return {name: value for name, value in merged.items() if value is not None}
