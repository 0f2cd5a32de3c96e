"""What the cluster says at one moment: values read from Kubernetes objects, judged by nobody yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsctl.core.color import NOBODY, Color
from opsctl.core.environment import Services
from opsctl.core.sizes import AGENT, Sizes, lacking, total

UNPULLABLE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
EVERY_PORT = frozenset({"api", "websocket", "metrics"})
MISCONFIGURED = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")


@dataclass(frozen=True)
class Pod:
    name: str
    ready: bool
    restarts: int
    image: str
    terminating: bool = False
    waiting: str = ""  # Kubernetes' reason why its container does not run
    message: str = ""  # Kubernetes' words on it
    ended: str = ""  # Kubernetes' reason why its container ended last, such as OOMKilled
    in_service: bool = False  # a ready endpoint of its color's Service
    release: int | None = None  # that it was made for
    address: str = ""  # inside the cluster
    workload: str = AGENT
    offers: frozenset[str] = EVERY_PORT  # names of its ports, which are those of the services
    probed: bool = True  # False: Kubernetes' word is taken for it


@dataclass(frozen=True)
class ColorState:
    """One color's Deployments and pods. A color without Deployments has release None and no sizes.

    `release` is None, too, where they disagree about it.
    """

    color: Color
    release: int | None = None
    image: str = ""
    sizes: Sizes = field(default_factory=dict)  # as its Deployments want them
    settled: bool = False  # Kubernetes has seen the last change and every pod is of the newest template
    pods: tuple[Pod, ...] = ()
    services: Services | None = None  # what its pods offer, where the Deployment says

    @property
    def living(self) -> tuple[Pod, ...]:
        return tuple(pod for pod in self.pods if not pod.terminating)

    @property
    def desired(self) -> int:
        return total(self.sizes)

    @property
    def ready(self) -> int:
        return total(self.ready_sizes)

    @property
    def ready_sizes(self) -> Sizes:
        ready = [pod.workload for pod in self.living if pod.ready and pod.in_service]
        return {name: ready.count(name) for name in {*self.sizes, *ready}}

    def has_ready(self, sizes: Sizes) -> bool:
        """Whether each workload has that many ready pods."""
        return not lacking(self.ready_sizes, sizes)

    @property
    def restarts(self) -> int:
        return sum(pod.restarts for pod in self.living)


@dataclass(frozen=True)
class TrafficState:
    """Where one active Service points. `active` is None before the first release, and where it does not exist."""

    router: str
    active: Color | None
    endpoints: tuple[str, ...] = ()  # names of the ready pods behind it
    selects: str = NOBODY  # the color as it is written there, also where it is none of ours
    exists: bool = True


def active_of(traffic: Sequence[TrafficState]) -> Color | None:
    """The color with all users; None where nobody has them, or two have some each."""
    colors = {router.active for router in traffic}
    return colors.pop() if len(colors) == 1 else None


@dataclass(frozen=True)
class Moved:
    """What a switch came to: so many of so many routers had to move, within so many seconds of each other."""

    routers: int
    of: int
    seconds: float


@dataclass(frozen=True)
class GuardState:
    """The guard pod of a rollout. `trouble` is why it cannot run, in words."""

    rollout: int
    pod: str
    ready: bool
    trouble: str = ""


@dataclass(frozen=True)
class MigrationState:
    """The pod of a rollout's migration. `ended` is None while it runs, then whether it succeeded."""

    rollout: int
    pod: str
    ended: bool | None = None
    trouble: str = ""  # its last words where it failed, or why it cannot start


@dataclass(frozen=True)
class Snapshot:
    at: float
    traffic: tuple[TrafficState, ...]  # one for each workload
    colors: Mapping[Color, ColorState]
    guard: GuardState | None = None
    migration: MigrationState | None = None

    @property
    def active(self) -> Color | None:
        return active_of(self.traffic)

    @property
    def serving(self) -> frozenset[Color]:
        """The colors that some users are on: two, while a switch is half done."""
        return frozenset(router.active for router in self.traffic if router.active)

    @property
    def split(self) -> bool:
        """Whether traffic has moved in part."""
        return bool(self.serving) and self.active is None


def where(snapshot: Snapshot) -> str:
    """Where each active Service points, in words."""
    return ", ".join(f"{router.router} on {router.active or NOBODY}" for router in snapshot.traffic)
