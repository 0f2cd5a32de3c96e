"""Rules that join several keys.

Each rule names the keys that it reads. While one of those is wrong by itself, the rule is left out, so that every
other mistake of a file is still found at once. What concerns one key alone is a bound in `core/environment`.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from opsctl.core.environment import Environment
from opsctl.core.rules import (
    cluster,
    cost,
    data,
    edge,
    infrastructure,
    network,
    observability,
    pipeline,
    pods,
    production,
    recovery,
    registry,
    release,
    security,
)
from opsctl.core.rules.rule import Finding, Rule

__all__ = ["RULES", "Finding", "Rule", "violations"]

RULES: tuple[Rule, ...] = tuple(
    value
    for module in (
        pods,
        release,
        network,
        cluster,
        infrastructure,
        observability,
        recovery,
        data,
        registry,
        edge,
        cost,
        security,
        pipeline,
        production,
    )
    for value in vars(module).values()
    if isinstance(value, Rule)
)


def violations(environment: Environment, wrong: AbstractSet[str] = frozenset()) -> list[Finding]:
    """Every rule that `environment` breaks. `wrong` are keys (or whole sections) whose value cannot be relied on."""
    usable = (rule for rule in RULES if not any(_touches(path, wrong) for path in rule.paths))
    return [finding for rule in usable for finding in rule.findings(environment)]


def _touches(path: str, wrong: AbstractSet[str]) -> bool:
    return any(path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.") for other in wrong)
