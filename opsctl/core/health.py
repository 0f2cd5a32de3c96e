"""What is known about health: results of probes, counts of users' requests, and verdicts with their reasons.

Three verdicts everywhere: a missing answer is not a failure, so `unknown` is a verdict of its own. How
samples become verdicts is in `judge.py`, how counts do in `rates.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.snapshot import MISCONFIGURED, UNPULLABLE, ColorState, Pod

NOT_YET = "failed to sync"  # the kubelet's words for a ConfigMap or Secret it has not heard of yet: it tries again
ROUND = 0.8  # of `probe_interval` may lie between two rounds, which are never quite punctual


class Verdict(StrEnum):
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Service(StrEnum):
    API = "api"
    WEBSOCKET = "websocket"
    METRICS = "metrics"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"  # the pod answered wrongly, refused, or stayed silent until the timeout
    UNKNOWN = "unknown"  # somebody on the way did not answer: says nothing about the pod


@dataclass(frozen=True)
class Counts:
    """Users' HTTP requests of one process since it started, by its own metrics. Health checks are no users."""

    requests: float = 0.0
    errors: float = 0.0  # answered with 5xx
    slow: float = 0.0  # took longer than `release.latency_limit`


@dataclass(frozen=True)
class Sample:
    """One probe of one pod's port. `at` is when it ended, `seconds` how long it took."""

    at: float
    color: Color
    pod: str
    service: Service
    result: Result
    detail: str = ""
    seconds: float = 0.0
    sockets: int | None = None  # open WebSockets, where a metrics probe found the number
    counts: Counts | None = None  # where a metrics probe found them


@dataclass(frozen=True)
class DoorSample:
    """One request on the users' path, on a fresh connection. `color` is who answered, where the answer tells."""

    at: float
    result: Result
    color: Color | None = None
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    detail: str = ""
    since: float | None = None  # first sign of trouble


NOT_COUNTED = Judgement(Verdict.UNKNOWN, "no counts yet")


@dataclass(frozen=True)
class ColorHealth:
    """The verdict on a color and on each of its services. `rates` is about users' requests, while it has any."""

    verdict: Verdict
    detail: str
    services: Mapping[Service, Judgement] = field(default_factory=dict)
    since: float | None = None
    rates: Judgement = NOT_COUNTED


def pod_trouble(state: ColorState, policy: Policy) -> str:
    """What is plainly wrong with a color's pods, in words; empty where nothing is."""
    for pod in state.living:
        trouble = _one_pod_trouble(pod, policy)
        if trouble:
            return trouble
    return ""


def _one_pod_trouble(pod: Pod, policy: Policy) -> str:
    if pod.waiting in UNPULLABLE:
        return f"image {pod.image} cannot be pulled ({pod.waiting})"
    if pod.waiting in MISCONFIGURED and not pod.message.startswith(NOT_YET):
        return f"pod {pod.name} cannot start: {pod.message or pod.waiting}"
    if pod.restarts > policy.max_restarts:
        times = "once" if pod.restarts == 1 else f"{pod.restarts} times"
        return f"pod {pod.name} crashed {times}" + (f" ({pod.ended})" if pod.ended else "")
    return ""
