"""The application's namespace and its traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opsctl.core.bindings import Bound
    from opsctl.core.color import Color
    from opsctl.core.release import Rollout
    from opsctl.core.room import Room
    from opsctl.core.secrets import Keys
    from opsctl.core.sizes import Sizes
    from opsctl.core.snapshot import ColorState, Moved, Snapshot, TrafficState
    from opsctl.core.steps import LetGo


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None: ...


class Cluster(Protocol):
    """The application's namespace."""

    def read(self) -> Snapshot: ...

    def ensure_namespace(self) -> None:
        """Make the namespace unless it exists; the lock lives in it, so this comes first and may be done twice."""

    def scale(self, color: Color, sizes: Sizes) -> None: ...

    def stop_pods(self, names: Sequence[str]) -> None:
        """Delete pods; each ends inside its grace period. One that is gone already is fine."""

    def room(self) -> Room:
        """What nodes and quotas have left; a part that these credentials may not see is None."""

    def secrets(self, wanted: Mapping[str, Keys]) -> Mapping[str, Keys | None]:
        """The keys of each of these Secrets that exists, for somebody who wants some of them; None where these
        credentials may not read it."""

    def last_words(self, color: Color) -> tuple[str, ...]:
        """For people: the last log line and warning event of the color's failing pods, at most a few."""


class Agents(Protocol):
    """Whoever holds a WebSocket on a pod, where the application has an endpoint for it."""

    def let_go(self, state: ColorState, step: LetGo) -> None:
        """Returns when the pods have taken it on, before anybody has gone. Raises `ToolFailed` where one has not."""


class Traffic(Protocol):
    """All routers: the active Service of each workload, later also an ALB."""

    def read(self) -> tuple[TrafficState, ...]: ...

    def switch(self, to: Color, expected: Color | None) -> Moved:
        """Move all traffic, each router in one write; one that has moved already is left.

        Raises `ToolFailed` if a router goes neither to `expected` nor to `to` just now, and nothing was moved;
        `TrafficRefused` where one said no and the others were brought back.
        """


class Charts(Protocol):
    def bound(self) -> Bound | None:
        """What the cluster has for pods that enter target groups; None where there are none to enter."""

    def balanced(self) -> frozenset[Color]:
        """Colors to which the load balancer sends users. Raises `Unreachable` or `ToolFailed` where nobody can tell."""

    def prepare(self) -> None:
        """Make sure that both colors' addresses and the active Service exist, and who binds them to target groups."""

    def install(self, rollout: Rollout) -> None:
        """Bring the rollout's release into its color; does not wait for pods."""


class Changes(Protocol):
    """When to look, and never what is so: what a watch tells may be late, come twice, or be about something else."""

    def wait(self, seconds: float) -> None:
        """Return when something stirs in the cluster or a probe fails, at the latest after so many seconds."""

    def stirred(self) -> bool:
        """Whether it was told of a change since this was asked last."""

    @property
    def serves_s(self) -> float:
        """Seconds that a snapshot serves while nothing stirs: longer where a change would be told."""
