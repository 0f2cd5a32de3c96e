"""Who may change an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.freeze import Freeze
    from opsctl.core.lease import LeaseState, Pulse
    from opsctl.ports.cluster import Clock, Cluster


class Lock(Protocol):
    """The right to change this environment's releases, held by one process at a time."""

    def show(self) -> LeaseState | None: ...

    def pulse(self) -> Pulse:
        """Look at it and remember; looks in a row tell whether its holder lives."""

    def acquire(self, reason: str) -> None:
        """Take it and keep renewing it. Raises `LockHeld` while somebody alive holds it; to see that takes seconds."""

    def check(self) -> None:
        """Raises `LockHeld` if it was lost, or could have run out. Called before each write."""

    def rival(self) -> str:
        """Who asked us, the holder, to give way; empty for nobody."""

    def ask(self, rival: str) -> None:
        """Ask whoever holds it to give way; `rival` says who asks and what for."""

    def retract(self) -> None:
        """Take back what was asked."""

    def release(self) -> None: ...


class Freezes(Protocol):
    """Whether new releases may be brought to users."""

    def read(self) -> Freeze | None:
        """The freeze as stored, also one that is over."""

    def write(self, freeze: Freeze) -> None:
        """Over one that is there, too."""

    def lift(self) -> None:
        """One that is not there is fine."""


class Reservations(Protocol):
    """The lock as a person holds it: without a heartbeat, until a moment named beforehand."""

    def show(self) -> LeaseState | None: ...

    def take(self, reason: str, until: float) -> LeaseState:
        """Raises `LockHeld` while anybody else has the lock, alive."""

    def give_back(self) -> LeaseState | None:
        """Take away a person's lock, or a dead process's; what it was. Raises `LockHeld` where a process lives."""


@dataclass(frozen=True)
class AccessPorts:
    """What the flows are handed that say who may change an environment."""

    clock: Clock
    cluster: Cluster
    reservations: Reservations
    freezes: Freezes
