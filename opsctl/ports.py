"""What the flows need from the world, each as a handful of methods. `tools` has the real ones, tests have fakes.

Every method that talks to the cluster may raise `Unreachable` (no answer in time: nothing is known) and
`ToolFailed` (an answer that says no).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from opsctl.core.color import Color
from opsctl.core.health import DoorSample, Sample
from opsctl.core.lease import LeaseState
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.rollout import Decision
from opsctl.core.snapshot import Pod, Snapshot, TrafficState

# --- releases ---------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None: ...


class Cluster(Protocol):
    """The application's namespace."""

    def read(self) -> Snapshot: ...

    def scale(self, color: Color, replicas: int) -> None: ...

    def stop_pods(self, names: Sequence[str]) -> None:
        """Delete pods; each ends inside its grace period. One that is gone already is fine."""

    def last_words(self, color: Color) -> tuple[str, ...]:
        """For people: the last log line and warning event of the color's failing pods, at most a few."""


class Traffic(Protocol):
    """One router: the active Service, later also an ALB."""

    def read(self) -> TrafficState: ...

    def switch(self, to: Color, expected: Color | None) -> TrafficState:
        """Move all traffic in one write. Raises `ToolFailed` if it does not go to `expected` just now."""


class Charts(Protocol):
    def prepare(self) -> None:
        """Make sure that the namespace, both colors' addresses and the active Service exist."""

    def install(self, rollout: Rollout) -> None:
        """Bring the rollout's release into its color; does not wait for pods."""


class Prober(Protocol):
    """Probes run beside the loop: begin a round, collect what has ended so far."""

    def begin(self, pods: Mapping[Color, Sequence[Pod]]) -> None:
        """Probe each port of these pods, unless the same probe still runs."""

    def collect(self) -> list[Sample]: ...

    def begin_door(self) -> None:
        """One request on the users' path, on a fresh connection."""

    def collect_door(self) -> list[DoorSample]: ...


class Journal(Protocol):
    """Rollout records, newest last; the last ten are kept."""

    def rollouts(self) -> list[Rollout]: ...

    def save(self, rollout: Rollout) -> None:
        """Write a record over the version read or written last. Raises `ToolFailed` if somebody else wrote it."""


class Lock(Protocol):
    """The right to change this environment's releases, held by one process at a time."""

    def show(self) -> LeaseState | None: ...

    def acquire(self, reason: str) -> None:
        """Take it and keep renewing it. Raises `LockHeld` while somebody alive holds it."""

    def check(self) -> None:
        """Raises `LockHeld` if it was lost, or could have run out. Called before each write."""

    def release(self) -> None: ...


class Watching(Protocol):
    """Narrates a rollout as it goes; `console` implements it."""

    def began(self, rollout: Rollout, before: Snapshot) -> None: ...

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None: ...

    def ended(self, rollout: Rollout) -> None: ...


@dataclass(frozen=True)
class ReleasePorts:
    """What a release flow is handed."""

    clock: Clock
    cluster: Cluster
    traffic: Traffic
    charts: Charts
    prober: Prober
    journal: Journal
    lock: Lock
    watching: Watching
