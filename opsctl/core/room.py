"""Whether a new color finds room: what its pods ask for, what nodes and quotas have left; and agents room on it.

Nodes that are full are a warning, as an autoscaler may add some; a quota that is used up is a refusal by Kubernetes
that can be told beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from opsctl.core.capacity import with_headroom
from opsctl.core.checkup import Finding, Level
from opsctl.core.sockets import places_of

_BYTES = {"": 1.0, "m": 1e-3, "k": 1e3, "Ki": 2.0**10}
_BYTES |= {name: 1e3**power for power, name in enumerate("MGTPE", start=2)}
_BYTES |= {f"{name}i": 2.0 ** (10 * power) for power, name in enumerate("MGTPE", start=2)}
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)", re.ASCII)


@dataclass(frozen=True)
class Amount:
    """Of a pod what it asks for, of a node or a quota what is left: processors, bytes, pods. `inf`: no limit."""

    cpu: float = inf
    memory: float = inf
    pods: float = inf

    def less(self, other: Amount) -> Amount:
        return Amount(self.cpu - other.cpu, self.memory - other.memory, self.pods - other.pods)


@dataclass(frozen=True)
class Need:
    """So many pods that have to be made, and what each asks for."""

    pods: int
    pod: Amount


@dataclass(frozen=True)
class Room:
    """What each node that takes new pods has left, and each quota by name; None: these credentials may not look."""

    nodes: tuple[Amount, ...] | None
    quotas: dict[str, Amount] | None


def quantity(text: str) -> float:
    """A quantity as Kubernetes writes it: 500m, 2, 1.5Gi, 128974848, 1e3. Raises ValueError for anything else."""
    found = _QUANTITY.fullmatch(text)
    if not found or found[2] not in _BYTES:
        raise ValueError(f"{text!r} is no quantity")
    return float(found[1]) * _BYTES[found[2]]


def places(pod: Amount, room: Amount) -> float:
    """How many such pods fit; `inf` where nothing limits them."""
    asked = ((pod.cpu, room.cpu), (pod.memory, room.memory), (pod.pods, room.pods))
    fits = [max(0.0, left / wanted) for wanted, left in asked if wanted]
    most = min(fits, default=inf)
    return most if most == inf else float(int(most + 1e-9))


def judge_room(needs: Sequence[Need], room: Room) -> list[Finding]:
    """One finding for the nodes, one for each quota."""
    return [_nodes(needs, room.nodes), *_quotas(needs, room.quotas)]


def judge_places(agents: int | None, pods: int, max_connections: int) -> Finding:
    """Whether whoever is connected now finds a place on a color of so many pods.

    Agents come to pods by chance, so with places for just as many some are turned away until they find one: 1.4 times
    as many make that rare.
    """
    places, remedy = pods * places_of(max_connections), "workload.replicas, or fewer agents"
    if agents is None:
        return Finding("agents", Level.WARN, "not known how many are connected: the active color does not say")
    words = f"room for {places} agents, {agents} connected"
    if places < agents:
        return Finding("agents", Level.FAIL, words, remedy)
    if pods < with_headroom(agents, max_connections):
        return Finding("agents", Level.WARN, f"{words}: some will be turned away at first", remedy)
    return Finding("agents", Level.OK, words)


def shortages(findings: Iterable[Finding]) -> list[str]:
    """What is sure to be refused, in words."""
    return [found.detail for found in findings if found.level is Level.FAIL]


def fitting(needs: Sequence[Need], rooms: Sequence[Amount]) -> float:
    """How many of the pods find a place, the largest first, each where it fits; `inf` where all do and more would.

    Pods of one kind alone are counted beyond what is needed, as people want to know how much is left.
    """
    if len(needs) == 1:
        return sum(places(needs[0].pod, room) for room in rooms)
    left, found = list(rooms), 0
    for need in sorted(needs, key=lambda need: (need.pod.memory, need.pod.cpu), reverse=True):
        for _ in range(need.pods):
            at = next((n for n, room in enumerate(left) if places(need.pod, room) >= 1), None)
            if at is None:
                break
            left[at], found = left[at].less(need.pod), found + 1
    return found


def _nodes(needs: Sequence[Need], nodes: tuple[Amount, ...] | None) -> Finding:
    if nodes is None:
        return Finding("nodes", Level.WARN, "not known: these credentials may not list nodes and their pods")
    free, needed = fitting(needs, nodes), sum(need.pods for need in needs)
    if not needed:
        return Finding("nodes", Level.OK, "no more pods are needed")
    if free < needed:
        return Finding(
            "nodes", Level.WARN, f"room for {free:.0f} more pods, {needed} needed: the rest waits for new nodes",
            "kubectl describe nodes; release.warm_deadline ends the wait",
        )  # fmt: skip
    known = f"{free:.0f} more pods, {needed} needed" if len(needs) == 1 else f"the {needed} pods needed"
    return Finding("nodes", Level.OK, f"room for {known}")


def _quotas(needs: Sequence[Need], quotas: dict[str, Amount] | None) -> list[Finding]:
    if quotas is None:
        return [Finding("quota", Level.WARN, "not known: these credentials may not list quotas")]
    needed = sum(need.pods for need in needs)
    return [_quota(needed, fitting(needs, [left]), name) for name, left in sorted(quotas.items()) if needed]


def _quota(needed: int, free: float, name: str) -> Finding:
    if free < needed:
        words = f"quota {name} leaves room for {free:.0f} more pods, {needed} needed"
        return Finding("quota", Level.FAIL, words, f"kubectl describe quota {name}")
    words = f"quota {name} leaves room for {free:.0f}" if free < inf else f"quota {name} limits no pods"
    return Finding("quota", Level.OK, words)
