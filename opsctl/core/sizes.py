"""How many pods each workload of a color has, or should have.

Mostly there is one workload, `agent`, with all three services; an environment may split them over several. A color is
whole only if each of them is: ten pods of one do not make up for a missing pod of another.
"""

from __future__ import annotations

from collections.abc import Mapping

AGENT = "agent"
"""The workload of an application that is not split."""

Sizes = Mapping[str, int]
"""Pods by workload."""


def total(sizes: Sizes) -> int:
    return sum(sizes.values())


def lacking(has: Sizes, needed: Sizes) -> Sizes:
    """What each workload has of those that have fewer than needed."""
    return {name: has.get(name, 0) for name, pods in needed.items() if has.get(name, 0) < pods}


def grown(wanted: Sizes, other: Sizes) -> Sizes:
    """As wanted, and at least as large as the other."""
    return {name: max(pods, other.get(name, 0)) for name, pods in wanted.items()}


def at_most(sizes: Sizes, pods: int) -> Sizes:
    return {name: min(has, pods) for name, has in sizes.items()}


def none_of(sizes: Sizes) -> Sizes:
    return dict.fromkeys(sizes, 0)


def words(sizes: Sizes) -> str:
    """4, or "agents 14, api 4" where there are several."""
    if len(set(sizes.values())) <= 1 and (len(sizes) == 1 or not any(sizes.values())):
        return str(total(sizes))
    return ", ".join(f"{name} {pods}" for name, pods in sorted(sizes.items()))
