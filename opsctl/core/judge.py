"""From probe results to verdicts. Pure: samples and a policy in, a verdict with its reason out.

A single failure is noise. Two rules make a service unhealthy:

- one pod alone is believed after `consecutive` failing rounds among its last `of_last`. Extra probes that
  suspicion sends in between do not count as rounds, so that a blip is not believed for being looked at closely;
- *every* pod failing twice in a row needs no longer series: it is an outage now. Unless both colors fail
  alike, which is as likely the way there: then the first rule holds for them, too.

The front door is probed too often to count rounds. It must fail without exception for a while, and for
longer where every pod has answered meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import (
    NOT_COUNTED,
    ROUND,
    ColorHealth,
    DoorSample,
    Judgement,
    Result,
    Sample,
    Service,
    Verdict,
    pod_trouble,
)
from opsctl.core.snapshot import ColorState

ALL_FAILING = 2  # samples in a row that suffice when every pod fails alike
DOOR_HOLDS_S = 0.5  # so long the front door must fail without exception before it is believed
REQUESTS = "requests"  # the name of the verdict on users' requests

Samples = Mapping[tuple[str, Service], Sequence[Sample]]
AnySample = TypeVar("AnySample", Sample, DoorSample)


def failing_run(samples: Sequence[AnySample]) -> Sequence[AnySample]:
    """The unbroken run of failures at the end; unknown samples neither break nor lengthen it."""
    run: list[AnySample] = []
    for sample in reversed(samples):
        if sample.result is Result.PASSED:
            break
        if sample.result is Result.FAILED:
            run.append(sample)
    return run[::-1]


def rounds(samples: Sequence[Sample], policy: Policy) -> Sequence[Sample]:
    """The last `of_last` samples that are about one interval apart, newest first; unknown ones do not count."""
    found: list[Sample] = []
    for sample in reversed(samples):
        if sample.result is Result.UNKNOWN:
            continue
        if not found or found[-1].at - sample.at >= ROUND * policy.probe_interval:
            found.append(sample)
    return found[: policy.of_last]


def judge_service(
    pods: Mapping[str, Sequence[Sample]], policy: Policy, now: float, at_once: float = ALL_FAILING
) -> Judgement:
    """One service over all pods of a color; `pods` maps each living pod to its samples, oldest first.

    `at_once` failures in a row are believed without rounds where every pod has them.
    """
    runs = {pod: failing_run(samples) for pod, samples in pods.items()}
    if _all_fail(runs, at_once):
        return _unhealthy(runs, len(pods))
    broken = {pod: failed for pod, samples in pods.items() if (failed := _believed(samples, policy))}
    if broken:
        return _unhealthy(broken, len(pods))
    waiting = [pod for pod, samples in pods.items() if not _fresh_pass(samples, policy, now)]
    since = min((run[0].at for run in runs.values() if run), default=None)
    if waiting or not pods:
        return Judgement(Verdict.UNKNOWN, f"{len(pods) - len(waiting)}/{len(pods)} pods proved", since)
    return Judgement(Verdict.HEALTHY, f"{len(pods)}/{len(pods)}")


def judge_door(
    samples: Sequence[DoorSample], policy: Policy, now: float, pods: Mapping[str, Sequence[Sample]] | None = None
) -> Judgement:
    """The users' path, each time on a fresh connection. `pods`: samples of the API on each pod behind it."""
    run = failing_run(samples)
    if len(run) >= policy.consecutive and run[-1].at - run[0].at >= _door_holds(run, policy, pods or {}):
        return Judgement(Verdict.UNHEALTHY, f"{run[-1].detail}, {len(run)} times in a row", run[0].at)
    since = run[0].at if run else None
    if not samples or samples[-1].result is not Result.PASSED or now - samples[-1].at > stale_after(policy):
        return Judgement(Verdict.UNKNOWN, samples[-1].detail if samples else "not probed yet", since)
    return Judgement(Verdict.HEALTHY, samples[-1].detail)


def judge_colors(
    states: Mapping[Color, ColorState],
    samples: Samples,
    policies: Mapping[Color, Policy],
    now: float,
    measured: Mapping[Color, Mapping[str, Judgement]] | None = None,
) -> dict[Color, ColorHealth]:
    """Both colors at one moment, each by the pace at which it is asked.

    `measured`: verdicts on more than probes, by name, of a color that has some.
    """
    shared = _shared_trouble(states, samples)
    known = measured or {}
    return {
        color: judge_color(state, samples, policies[color], now, shared, known.get(color))
        for color, state in states.items()
    }


def judge_color(
    state: ColorState,
    samples: Samples,
    policy: Policy,
    now: float,
    shared: Collection[Service] = (),
    measured: Mapping[str, Judgement] | None = None,
) -> ColorHealth:
    """Pods first (a crash needs no probe to be believed), then each service on every living pod, then `measured`.

    `shared`: services that fail on both colors alike, so that nothing is believed at once.
    """
    services = {
        service: judge_service(
            of_pods(state, samples, service), policy, now, math.inf if service in shared else ALL_FAILING
        )
        for service in Service
    }
    rates = (measured or {}).get(REQUESTS, NOT_COUNTED)
    fatal = pod_trouble(state, policy)
    if fatal:
        return ColorHealth(Verdict.UNHEALTHY, fatal, services, now, rates)
    parts = {**{service.value: found for service, found in services.items()}, **(measured or {})}
    broken = {name: found for name, found in parts.items() if found.verdict is Verdict.UNHEALTHY}
    if broken:
        since = min(found.since or now for found in broken.values())
        detail = "; ".join(f"{name}: {found.detail}" for name, found in broken.items())
        return ColorHealth(Verdict.UNHEALTHY, detail, services, since, rates)
    verdict, detail = _quiet_verdict(state, parts)
    return ColorHealth(verdict, detail, services, None, rates)


def of_pods(state: ColorState, samples: Samples, service: Service) -> dict[str, Sequence[Sample]]:
    """The samples of one service by living pod that offers it."""
    own = [pod for pod in state.living if pod.probed and service.value in pod.offers]
    return {pod.name: samples.get((pod.name, service), ()) for pod in own}


def stale_after(policy: Policy) -> float:
    """A result older than this proves nothing: two rounds and one timeout."""
    return 2 * policy.probe_interval + policy.probe_timeout + 1.0


def _all_fail(runs: Mapping[str, Sequence[Sample]], at_once: float = ALL_FAILING) -> bool:
    return bool(runs) and all(len(run) >= at_once for run in runs.values())


def _believed(samples: Sequence[Sample], policy: Policy) -> Sequence[Sample]:
    """The failing rounds of one pod, oldest first, if they are enough and the newest is one of them."""
    found = rounds(samples, policy)
    failed = [sample for sample in found if sample.result is Result.FAILED]
    if found and found[0].result is Result.FAILED and len(failed) >= policy.consecutive:
        return failed[::-1]
    return ()


def _shared_trouble(states: Mapping[Color, ColorState], samples: Samples) -> list[Service]:
    """Services that fail on every pod of both colors."""
    peopled = [state for state in states.values() if state.living]
    if len(peopled) < len(Color):
        return []
    return [service for service in Service if all(_all_fail(_runs(state, samples, service)) for state in peopled)]


def _runs(state: ColorState, samples: Samples, service: Service) -> dict[str, Sequence[Sample]]:
    return {pod: failing_run(found) for pod, found in of_pods(state, samples, service).items()}


def _door_holds(run: Sequence[DoorSample], policy: Policy, pods: Mapping[str, Sequence[Sample]]) -> float:
    """Seconds. Where every pod has answered since the run began, the trouble may be ours alone: that takes longer."""
    answered = [any(s.result is Result.PASSED and s.at - s.seconds > run[0].at for s in pods[pod]) for pod in pods]
    if answered and all(answered):
        return max(DOOR_HOLDS_S, (policy.consecutive - 1) * policy.probe_interval)
    return DOOR_HOLDS_S


def _quiet_verdict(state: ColorState, parts: Mapping[str, Judgement]) -> tuple[Verdict, str]:
    """Every service has to be proved. Of what is measured only a sign of trouble counts: not all have users."""
    unknown = {name: found for name, found in parts.items() if found.verdict is Verdict.UNKNOWN}
    unproved = [f"{n} {found.detail}" for n, found in unknown.items() if n in set(Service) or found.since is not None]
    if state.desired == 0 or not state.living:
        return Verdict.UNKNOWN, "no pods"
    if not state.has_ready(state.sizes):
        return Verdict.UNKNOWN, f"{state.ready}/{state.desired} pods ready"
    if unproved:
        return Verdict.UNKNOWN, ", ".join(unproved)
    return Verdict.HEALTHY, f"{state.ready}/{state.desired} pods"


def _unhealthy(runs: Mapping[str, Sequence[Sample]], of: int) -> Judgement:
    first = min(run[0].at for run in runs.values())
    last = max((run[-1] for run in runs.values()), key=lambda sample: sample.at)
    return Judgement(Verdict.UNHEALTHY, f"{last.detail} on {len(runs)} of {of} pods", first)


def _fresh_pass(samples: Sequence[Sample], policy: Policy, now: float) -> bool:
    last = samples[-1] if samples else None
    return last is not None and last.result is Result.PASSED and now - last.at <= stale_after(policy)
