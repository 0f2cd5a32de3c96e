"""What the cluster says at one moment: values read from Kubernetes objects, judged by nobody yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opsctl.core.color import NOBODY, Color
from opsctl.core.environment import Services

UNPULLABLE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
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


@dataclass(frozen=True)
class ColorState:
    """One color's Deployment and pods. A color without Deployment has release None and desired 0."""

    color: Color
    release: int | None = None
    image: str = ""
    desired: int = 0
    settled: bool = False  # Kubernetes has seen the last change and every pod is of the newest template
    version: str = ""  # resourceVersion of the Deployment
    pods: tuple[Pod, ...] = ()
    services: Services | None = None  # what its pods offer, where the Deployment says

    @property
    def living(self) -> tuple[Pod, ...]:
        return tuple(pod for pod in self.pods if not pod.terminating)

    @property
    def ready(self) -> int:
        return sum(pod.ready and pod.in_service for pod in self.living)

    @property
    def restarts(self) -> int:
        return sum(pod.restarts for pod in self.living)


@dataclass(frozen=True)
class TrafficState:
    """Where the active Service points. `active` is None before the first release; `version` is for compare-and-swap."""

    router: str
    active: Color | None
    version: str
    endpoints: tuple[str, ...] = ()  # names of the ready pods behind it
    selects: str = NOBODY  # the color as it is written there, also where it is none of ours


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
    traffic: TrafficState | None  # None: the active Service does not exist
    colors: Mapping[Color, ColorState]
    guard: GuardState | None = None
    migration: MigrationState | None = None

    @property
    def active(self) -> Color | None:
        return self.traffic.active if self.traffic else None
