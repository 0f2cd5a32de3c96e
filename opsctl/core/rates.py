"""Users' own requests as evidence: what a color's counters say over the last seconds, judged against the other's.

Probes ask for health; users ask for work, and only their answers show a release that says it is fine and fails
one request of twenty. Pure: readings of counters in, a verdict with its numbers out.

A ratio is judged against a limit, and against what the other color did in the same seconds where it has users,
too: trouble that both colors share is not the release's. Too few requests are `unknown`, neither health nor
failure. The limit on slow answers is a limit on the 95th percentile where `slow_ratio_limit` is 0.05.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from opsctl.core.environment import Release as Policy
from opsctl.core.health import ROUND, Counts, Judgement, Verdict

LEAST_REQUESTS = 20  # in the window; fewer say nothing
LEAST_BAD = 5  # one unlucky request is no trend
WORSE = 2.0  # times the other color's ratio
MOST = 0.5  # of all requests: no blip of a pod


@dataclass(frozen=True)
class Reading:
    """One pod's counters at a time."""

    at: float
    counts: Counts


Readings = Mapping[str, Sequence[Reading]]  # by pod, oldest first
Of = Callable[[Counts], float]


def judge_rates(new: Readings, old: Readings, policy: Policy, since: float, source: str) -> Judgement:
    """The requests that the pods of `new` answered after `since`, beside those of `old` in the same seconds.

    `source`: who counted, for people.
    """
    ours, theirs = counted(new, since), counted(old, since)
    if ours.requests < LEAST_REQUESTS:
        return Judgement(Verdict.UNKNOWN, f"{ours.requests:.0f} requests are too few to judge")
    errors = _excess(ours.errors, ours, theirs.errors, theirs, policy.error_ratio_limit)
    slow = _excess(ours.slow, ours, theirs.slow, theirs, policy.slow_ratio_limit)
    words = [f"{errors} failed"] * bool(errors) + [f"{slow} took over {policy.latency_limit:g} s"] * bool(slow)
    if not words:
        return Judgement(Verdict.HEALTHY, f"{ours.errors:.0f} of {ours.requests:.0f} failed, {ours.slow:.0f} slow")
    bad: Of = _errors if errors else _slow
    times = sorted(at for pod in new.values() for at in _bad_times(pod, since, bad))
    first = times[0] if times else None
    if _goes_on(new, since, bad) and (_most_fail(new, times[0], bad) or times[-1] - times[0] >= _lasting(policy)):
        return Judgement(Verdict.UNHEALTHY, f"{', '.join(words)}, by {source}", first)
    return Judgement(Verdict.UNKNOWN, f"{', '.join(words)}, not for long yet", first)


def counted(readings: Readings, since: float) -> Counts:
    """What was counted after `since`, over all pods."""
    steps = [step for pod in readings.values() for _, step in _steps(pod, since)]
    return Counts(sum(s.requests for s in steps), sum(s.errors for s in steps), sum(s.slow for s in steps))


def _steps(pod: Sequence[Reading], since: float) -> list[tuple[float, Counts]]:
    """From each reading to the next, at the time of the later one."""
    inside = [reading for reading in pod if reading.at >= since]
    return [(after.at, growth(before.counts, after.counts)) for before, after in pairwise(inside)]


def growth(before: Counts, after: Counts) -> Counts:
    """What was counted between two readings of one pod. A counter that fell began again at 0."""
    if after.requests < before.requests:
        return after
    return Counts(
        after.requests - before.requests, max(0.0, after.errors - before.errors), max(0.0, after.slow - before.slow)
    )


def _excess(bad: float, ours: Counts, other_bad: float, theirs: Counts, limit: float) -> str:
    """The share in words if it is too large, else empty."""
    compared = theirs.requests >= LEAST_REQUESTS
    other = other_bad / theirs.requests if compared else 0.0
    ratio = bad / ours.requests
    if bad < LEAST_BAD or ratio <= max(limit, WORSE * other):
        return ""
    beside = f", other color {other:.1%}" if compared else ""
    return f"{ratio:.1%} of {ours.requests:.0f} requests (limit {limit:.1%}{beside})"


def _bad_times(pod: Sequence[Reading], since: float, bad: Of) -> list[float]:
    return [at for at, step in _steps(pod, since) if bad(step) > 0]


def _goes_on(readings: Readings, since: float, bad: Of) -> bool:
    """Some pod did it again after it was seen to: a burst that is over rolls nothing back."""
    return any(len(_bad_times(pod, since, bad)) > 1 for pod in readings.values())


def _most_fail(readings: Readings, first: float, bad: Of) -> bool:
    """Since it began, over all pods: then it is an outage, and needs no longer to be believed."""
    later = counted(readings, first)
    return bad(later) > MOST * later.requests


def _lasting(policy: Policy) -> float:
    """Seconds that partial trouble goes on before it is believed: as long as a pod's failing rounds take."""
    return ROUND * (policy.consecutive - 1) * policy.probe_interval


def _errors(counts: Counts) -> float:
    return counts.errors


def _slow(counts: Counts) -> float:
    return counts.slow
