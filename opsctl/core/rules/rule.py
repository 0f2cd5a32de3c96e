"""What a rule is: a function over a complete environment, and the keys that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from opsctl.core.environment import Environment

Messages = Iterator[str]
Check = Callable[[Environment], Messages]


@dataclass(frozen=True)
class Finding:
    """What is wrong with `path`; `others` are the keys that it disagrees with."""

    path: str
    message: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """`check` yields a message for each violation; it is reported at the first of `paths`."""

    paths: tuple[str, ...]
    check: Check

    @property
    def name(self) -> str:
        """The function's name as words, such as "grace covers the drain"."""
        return self.check.__name__.replace("_", " ")

    def findings(self, environment: Environment) -> Iterator[Finding]:
        for message in self.check(environment):
            yield Finding(self.paths[0], message, self.paths[1:])


def rule(*paths: str) -> Callable[[Check], Rule]:
    """Make a function a rule over these keys."""
    return lambda check: Rule(paths, check)
