"""What can go wrong, as the operator sees it.

    OpsError                    1    something failed
    ├── UsageError              2    the command line asks for something that makes no sense
    ├── ConfigurationError      3    the environment file is wrong; carries every mistake
    ├── LockHeld                5    somebody else is changing the environment
    ├── Halted                  7    stopped on purpose; a person has to decide
    ├── Refused                 8    a policy says no (destructive change, freeze, budget)
    ├── ToolFailed              1    terraform, helm or kubectl ran and failed
    │   ├── TerraformFailed     1    with a card for each error, by address
    │   └── TrafficRefused      1    not all of several routers would move, so all stay
    ├── ToolMissing             1    a program that is needed is not installed
    ├── Unreachable             1    no answer from the cluster, AWS or the front door
    └── Interrupted           130    Ctrl-C or SIGTERM; the state was left safe

Each error is three sentences: what happened (`message`), what state things are in now (`state`)
and what to type next (`hint`). The number is the process's exit code; the codes are an interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line. 4 and 6 are outcomes, not errors, so no class below uses them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    CHANGES_PENDING = 4
    LOCK_HELD = 5
    ROLLED_BACK = 6
    HALTED = 7
    REFUSED = 8
    INTERRUPTED = 130


class OpsError(Exception):
    """A foreseeable failure: printed as sentences, without a traceback."""

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, state: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.state = state
        self.hint = hint


class UsageError(OpsError):
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Mistake:
    """One mistake in an environment file. `file`, `line` and `column` are empty or 0 where unknown."""

    path: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0


class ConfigurationError(OpsError):
    """Every mistake that was found, in the order of the file."""

    exit_code = ExitCode.CONFIGURATION

    def __init__(self, message: str, mistakes: tuple[Mistake, ...] = (), *, hint: str = "") -> None:
        super().__init__(message, state="Nothing was changed.", hint=hint)
        self.mistakes = mistakes


class LockHeld(OpsError):
    exit_code = ExitCode.LOCK_HELD


class Halted(OpsError):
    exit_code = ExitCode.HALTED


class Refused(OpsError):
    exit_code = ExitCode.REFUSED


class ToolFailed(OpsError):
    pass


class TerraformFailed(ToolFailed):
    """`cards`: for each error its address, cause, code and remedy. `passing`: all of them go by themselves."""

    def __init__(
        self, message: str, cards: tuple[Mapping[str, str], ...], *, passing: bool, state: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, state=state, hint=hint)
        self.cards, self.passing = cards, passing


class TrafficRefused(ToolFailed):
    """One of several routers said no, and those that had moved were brought back: not to be tried again."""


class ToolMissing(OpsError):
    pass


class Unreachable(OpsError):
    pass


class Interrupted(OpsError):
    exit_code = ExitCode.INTERRUPTED
