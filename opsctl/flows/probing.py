"""When to probe what: rounds of every pod and port, the front door several times a second, and suspicion.

The first failing sample of the color with users starts suspicion: what failed is asked of all pods of both
colors at once, and again in quick succession, until it is believed or was nothing. So a whole color's failure
is known after two quick rounds, and the evidence about the color to go back to is as fresh. Where there are more
pods than the budget has room for, rounds and suspicion ask those that waited longest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from opsctl.core.cadence import ASKED, ASKED_CLOSELY, Turns, intervals
from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Service
from opsctl.core.snapshot import ColorState, Pod, Snapshot
from opsctl.ports.evidence import Prober

DOOR_INTERVAL_S = 0.1  # the users' path is asked often: its trouble is everybody's
QUICK_S, QUICK_ROUNDS = 0.05, 5  # a whole color's failure shows in these
SPACED_S = 0.25  # between later ones, or an eighth of a round: the trouble is partial, and waiting costs less


class Probing:
    """`start_due` often; it never waits."""

    def __init__(self, prober: Prober, policy: Policy) -> None:
        self.prober, self.policy = prober, policy
        self._door_at = self._quick_at = 0.0
        self._turns, self._suspected_turns = Turns(ASKED), Turns(ASKED_CLOSELY)
        self._suspected_since: float | None = None
        self._quick_rounds = 0
        self._ready_once: set[str] = set()

    def start_due(self, snapshot: Snapshot, now: float) -> None:
        """The regular rounds."""
        started = self._started(snapshot)
        turn = self._turns.take(started, intervals(snapshot, self.policy), now)
        if turn:
            self.prober.begin(_only(started, turn), tuple(Service))
        door_s = DOOR_INTERVAL_S if self._suspected_since is None else QUICK_S
        if snapshot.active and now - self._door_at >= door_s:
            self._door_at = now
            self.prober.begin_door(snapshot.active)

    def ask_anew(self) -> None:
        """It is everybody's turn."""
        self._turns = Turns(ASKED)

    def suspect(self, services: Collection[Service], snapshot: Snapshot, now: float) -> None:
        """Look closely at these services; empty where nothing looks wrong."""
        if not services:
            self._suspected_since, self._quick_rounds = None, 0
            return
        if self._suspected_since is None:
            self._suspected_since = now
        if now - self._quick_at >= self._pause(now):
            self._quick_at = now
            self._quick_rounds += 1
            started = self._started(snapshot)
            turn = self._suspected_turns.take(started, dict.fromkeys(started, QUICK_S), now)
            self.prober.begin(_only(started, turn), services)

    def _pause(self, now: float) -> float:
        """What is neither believed nor over after `of_last` rounds is left to the regular ones."""
        suspected_for = now - (self._suspected_since or now)
        if suspected_for > (self.policy.of_last + 1) * self.policy.probe_interval:
            return self.policy.probe_interval
        return QUICK_S if self._quick_rounds < QUICK_ROUNDS else max(SPACED_S, self.policy.probe_interval / 8)

    def forget_gone(self, names: Collection[str]) -> None:
        self._ready_once &= set(names)
        self._turns.keep(set(names))
        self._suspected_turns.keep(set(names))

    def _started(self, snapshot: Snapshot) -> dict[Color, ColorState]:
        """Pods that have been ready once: one that still starts refuses connections, which is no failure."""
        return {color: replace(state, pods=self._pods(state)) for color, state in snapshot.colors.items()}

    def _pods(self, state: ColorState) -> tuple[Pod, ...]:
        self._ready_once |= {pod.name for pod in state.living if pod.ready}
        return tuple(pod for pod in state.living if pod.probed and pod.name in self._ready_once)


def _only(colors: Mapping[Color, ColorState], pods: Collection[Pod]) -> dict[Color, ColorState]:
    names = {pod.name for pod in pods}
    return {
        color: replace(state, pods=tuple(pod for pod in state.pods if pod.name in names))
        for color, state in colors.items()
    }
