"""How often pods are probed: each at the policy's pace where there are few, all within a budget however many.

Who has no users is asked half as often as who has them: at the first sign of trouble both colors are asked at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.snapshot import ColorState, Pod, Snapshot

ASKED = 4  # requests to the API server that a round costs a pod at most: one a service, two a WebSocket
ASKED_CLOSELY = 2  # at most, of the one service that is suspected
MOST_A_SECOND = 120.0  # of these, in all
UNUSED = 2  # times the seconds of the color with users
GLANCED = 20  # pods of a workload that a glance probes


def intervals(snapshot: Snapshot, policy: Policy) -> dict[Color, float]:
    """Seconds between two rounds of a pod of each color."""
    times = {color: 1 if color is snapshot.active else UNUSED for color in snapshot.colors}
    shares = sum(len(state.living) / times[color] for color, state in snapshot.colors.items())
    base = max(policy.probe_interval, shares * ASKED / MOST_A_SECOND)
    return {color: base * times[color] for color in times}


@dataclass
class Turns:
    """Whose turn it is, when a turn costs so many requests. Few pods are asked all at once; of many no more than the
    budget has room for."""

    cost: int
    _asked: dict[str, float] = field(default_factory=dict)  # by pod: when last
    _room: float = inf  # for pods; what is not used is kept for a second
    _at: float = 0.0

    def take(self, colors: Mapping[Color, ColorState], every: Mapping[Color, float], now: float) -> list[Pod]:
        """Pods that were not asked for `every` seconds, the one that waited longest first; they count as asked."""
        most = MOST_A_SECOND / self.cost
        self._room, self._at = min(most, self._room + (now - self._at) * most), now
        due = [(self._waited(pod, every[color], now), pod) for color, state in colors.items() for pod in state.pods]
        longest = sorted((found for found in due if found[0] >= 1), key=lambda found: -found[0])
        taken = [pod for _, pod in longest[: int(self._room)]]
        self._asked |= dict.fromkeys((pod.name for pod in taken), now)
        self._room -= len(taken)
        return taken

    def keep(self, names: set[str]) -> None:
        """Forget all other pods."""
        self._asked = {name: at for name, at in self._asked.items() if name in names}

    def _waited(self, pod: Pod, every: float, now: float) -> float:
        """In rounds."""
        return (now - self._asked[pod.name]) / every if pod.name in self._asked else float("inf")


def some_probed(state: ColorState) -> ColorState:
    """Of each workload only `GLANCED` pods to be probed, ready ones first, for who wants to know now."""
    order = sorted(state.pods, key=lambda pod: (pod.terminating, not pod.ready, pod.name))
    first = {pod.name for name in state.sizes for pod in [p for p in order if p.workload == name][:GLANCED]}
    return replace(state, pods=tuple(replace(pod, probed=pod.name in first) for pod in state.pods))
