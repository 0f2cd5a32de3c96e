"""From probe results to verdicts. Pure: samples and a policy in, a verdict with its reason out.

A single failure is noise and a missing answer is not a failure: `unknown` is a verdict of its own. Two
rules make something unhealthy: one pod failing `consecutive` times in a row, or *every* pod failing
twice in a row, which needs no longer series to be believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.snapshot import MISCONFIGURED, UNPULLABLE, ColorState, Pod

ALL_FAILING = 2  # samples in a row that suffice when every pod fails alike


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
    since: float | None = None  # first failing sample of an unhealthy verdict


@dataclass(frozen=True)
class ColorHealth:
    """The verdict on a color and on each of its services."""

    verdict: Verdict
    detail: str
    services: Mapping[Service, Judgement] = field(default_factory=dict)
    since: float | None = None


def failing_run(samples: Sequence[Sample | DoorSample]) -> Sequence[Sample | DoorSample]:
    """The unbroken run of failures at the end; unknown samples neither break nor lengthen it."""
    run: list[Sample | DoorSample] = []
    for sample in reversed(samples):
        if sample.result is Result.PASSED:
            break
        if sample.result is Result.FAILED:
            run.insert(0, sample)
    return run


def judge_service(pods: Mapping[str, Sequence[Sample]], policy: Policy, now: float) -> Judgement:
    """One service over all pods of a color; `pods` maps each living pod to its samples, oldest first."""
    runs = {pod: failing_run(samples) for pod, samples in pods.items()}
    if pods and all(len(run) >= ALL_FAILING for run in runs.values()):
        return _unhealthy(runs, len(pods))
    broken = {pod: run for pod, run in runs.items() if len(run) >= policy.consecutive}
    if broken:
        return _unhealthy(broken, len(pods))
    waiting = [pod for pod, samples in pods.items() if not _fresh_pass(samples, policy, now)]
    if waiting or not pods:
        return Judgement(Verdict.UNKNOWN, f"{len(pods) - len(waiting)}/{len(pods)} pods proved")
    return Judgement(Verdict.HEALTHY, f"{len(pods)}/{len(pods)}")


def judge_door(samples: Sequence[DoorSample], policy: Policy, now: float) -> Judgement:
    """The users' path, judged like one pod: so many failures in a row, each on a fresh connection."""
    run = failing_run(samples)
    if len(run) >= policy.consecutive:
        return Judgement(Verdict.UNHEALTHY, f"{run[-1].detail}, {len(run)} times in a row", run[0].at)
    if not samples or samples[-1].result is not Result.PASSED or now - samples[-1].at > _stale_after(policy):
        return Judgement(Verdict.UNKNOWN, samples[-1].detail if samples else "not probed yet")
    return Judgement(Verdict.HEALTHY, samples[-1].detail)


def judge_color(
    state: ColorState, samples: Mapping[tuple[str, Service], Sequence[Sample]], policy: Policy, now: float
) -> ColorHealth:
    """Pods first (a crash needs no probe to be believed), then each service on every living pod."""
    services = {
        service: judge_service({p.name: samples.get((p.name, service), ()) for p in state.living}, policy, now)
        for service in Service
    }
    fatal = pod_trouble(state, policy)
    if fatal:
        return ColorHealth(Verdict.UNHEALTHY, fatal, services, now)
    broken = [(name, found) for name, found in services.items() if found.verdict is Verdict.UNHEALTHY]
    if broken:
        since = min(found.since or now for _, found in broken)
        return ColorHealth(Verdict.UNHEALTHY, "; ".join(f"{n}: {f.detail}" for n, f in broken), services, since)
    return _quiet_verdict(state, services)


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
    if pod.waiting in MISCONFIGURED:
        return f"pod {pod.name} cannot start: {pod.message or pod.waiting}"
    if pod.restarts > policy.max_restarts:
        times = "once" if pod.restarts == 1 else f"{pod.restarts} times"
        return f"pod {pod.name} crashed {times}"
    return ""


def _quiet_verdict(state: ColorState, services: Mapping[Service, Judgement]) -> ColorHealth:
    unproved = [f"{name} {found.detail}" for name, found in services.items() if found.verdict is Verdict.UNKNOWN]
    if state.desired == 0 or not state.living:
        return ColorHealth(Verdict.UNKNOWN, "no pods", services)
    if state.ready < state.desired:
        return ColorHealth(Verdict.UNKNOWN, f"{state.ready}/{state.desired} pods ready", services)
    if unproved:
        return ColorHealth(Verdict.UNKNOWN, ", ".join(unproved), services)
    return ColorHealth(Verdict.HEALTHY, f"{state.ready}/{state.desired} pods", services)


def _unhealthy(runs: Mapping[str, Sequence[Sample | DoorSample]], of: int) -> Judgement:
    first = min(run[0].at for run in runs.values())
    last = max((run[-1] for run in runs.values()), key=lambda sample: sample.at)
    return Judgement(Verdict.UNHEALTHY, f"{last.detail} on {len(runs)} of {of} pods", first)


def _fresh_pass(samples: Sequence[Sample], policy: Policy, now: float) -> bool:
    last = samples[-1] if samples else None
    return last is not None and last.result is Result.PASSED and now - last.at <= _stale_after(policy)


def _stale_after(policy: Policy) -> float:
    """A result older than this proves nothing: two rounds and one timeout."""
    return 2 * policy.probe_interval + policy.probe_timeout + 1.0
