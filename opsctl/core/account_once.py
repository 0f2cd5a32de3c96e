"""What an AWS account has once, so that only one of its environments may make it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from opsctl.core.environment import Environment


@dataclass(frozen=True)
class MadeTwice:
    """Both environments, by name, make what `path` stands for; whoever is provisioned second is refused."""

    path: str
    first: str
    second: str
    remedy: str


def made_twice(environments: Sequence[Environment]) -> Iterator[MadeTwice]:
    """Every pair that does so in one account. An emulator pretends to be any account, so it shares none."""
    real = [each for each in environments if each.aws.account_id is not None and not each.aws.emulated]
    for first, second in combinations(real, 2):
        if first.aws.account_id == second.aws.account_id:
            for path in sorted(_made(first).keys() & _made(second).keys()):
                yield MadeTwice(path, first.name, second.name, _made(second)[path])


def _made(e: Environment) -> dict[str, str]:
    """Keys by which an environment makes such a thing, with what to write in all others."""
    found = {}
    if e.security.account_baseline and e.security.services:
        found["security.account_baseline"] = "false"
    if e.ci.repository is not None and e.ci.oidc_provider == "create":
        found["ci.oidc_provider"] = "existing"
    return found
