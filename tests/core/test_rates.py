"""Users' requests as evidence: what is too much, what is too little to say, and what is not the release's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.health import Counts, Judgement, Verdict
from opsctl.core.rates import Reading, counted, judge_rates

LIMITS = replace(POLICY, error_ratio_limit=0.02, slow_ratio_limit=0.05, latency_limit=2.0)


def readings(*steps: tuple[float, float, float], start: float = 1000.0) -> list[Reading]:
    """A pod's counters each second: (requests, errors, slow) more than the second before."""
    found = [Reading(0.0, Counts(start, start / 2, start / 2))]
    for at, step in enumerate(steps, start=1):
        last = found[-1].counts
        found.append(Reading(float(at), Counts(last.requests + step[0], last.errors + step[1], last.slow + step[2])))
    return found


def judge(*new: list[Reading], old: list[Reading] | None = None) -> Judgement:
    others = {"old": old} if old else {}
    return judge_rates({f"p{n}": pod for n, pod in enumerate(new)}, others, LIMITS, 0.0, "/metrics")


def test_what_was_counted_before_the_window_does_not_count() -> None:
    pod = readings((100, 100, 100), (50, 1, 2), (50, 0, 0))
    assert counted({"p": pod}, since=1.0) == Counts(100, 1, 2)
    assert counted({"p": pod, "q": pod}, since=0.0) == Counts(400, 202, 204)
    assert counted({"p": pod}, since=9.0) == counted({}, since=0.0) == Counts()


def test_a_counter_that_began_again_counts_from_zero() -> None:
    pod = [Reading(0, Counts(500, 20, 0)), Reading(1, Counts(30, 1, 0)), Reading(2, Counts(40, 2, 0))]
    assert counted({"p": pod}, since=0.0) == Counts(40, 2, 0)


@pytest.mark.parametrize(
    ("steps", "verdict", "words"),
    [
        ([], Verdict.UNKNOWN, "0 requests are too few to judge"),
        ([(9, 9, 0), (10, 10, 0)], Verdict.UNKNOWN, "19 requests are too few to judge"),
        ([(100, 0, 0), (100, 0, 0)], Verdict.HEALTHY, "0 of 200 failed, 0 slow"),
        ([(100, 2, 5), (100, 2, 5)], Verdict.HEALTHY, "4 of 200 failed, 10 slow"),
        ([(20, 2, 0), (20, 2, 0)], Verdict.HEALTHY, "4 of 40 failed"),  # a tenth, but four of few are no trend
        ([(100, 0, 0), (100, 15, 0)], Verdict.UNKNOWN, "7.5% of 200 requests (limit 2.0%) failed, not for long yet"),
        ([(100, 5, 0), (100, 5, 0)], Verdict.UNHEALTHY, "5.0% of 200 requests (limit 2.0%) failed, by /metrics"),
        ([(100, 0, 6), (100, 0, 6)], Verdict.UNHEALTHY, "6.0% of 200 requests (limit 5.0%) took over 2 s"),
        ([(10, 1, 0)] * 10, Verdict.UNHEALTHY, "10.0% of 100 requests"),  # few users are enough, given time
    ],
)
def test_one_color_alone(steps: list[tuple[float, float, float]], verdict: Verdict, words: str) -> None:
    found = judge(readings(*steps))
    assert found.verdict is verdict
    assert words in found.detail
    assert (found.since is None) == (verdict is Verdict.HEALTHY or "too few" in words)


@pytest.mark.parametrize(("share", "verdict"), [(0.6, Verdict.UNHEALTHY), (0.4, Verdict.UNKNOWN)])
def test_an_outage_is_believed_sooner_than_partial_trouble(share: float, verdict: Verdict) -> None:
    """Three readings within a tenth of a second, as suspicion takes them."""
    pod = [Reading(0.05 * n, Counts(100.0 * n, 100.0 * share * n)) for n in range(4)]
    assert judge(pod).verdict is verdict


def test_one_pod_of_four_makes_a_color_bad() -> None:
    good, bad = readings((75, 0, 0), (75, 0, 0)), readings((75, 0, 0), (75, 20, 0), (75, 20, 0))
    found = judge(good, good, good, bad)
    assert (found.verdict, found.since) == (Verdict.UNHEALTHY, 2.0)


def test_trouble_that_both_colors_share_is_not_the_releases() -> None:
    ours = readings((100, 5, 0), (100, 5, 0))
    assert judge(ours, old=readings((100, 3, 0), (100, 3, 0))).verdict is Verdict.HEALTHY
    worse = judge(ours, old=readings((100, 2, 0), (100, 2, 0)))
    assert worse.verdict is Verdict.UNHEALTHY
    assert "other color 2.0%" in worse.detail
    assert judge(ours, old=readings((5, 5, 0))).verdict is Verdict.UNHEALTHY, "five requests say nothing about it"


numbers = st.integers(0, 1000)


@given(st.lists(st.tuples(numbers, numbers, numbers), max_size=6), st.lists(st.tuples(numbers, numbers, numbers)))
def test_any_counters(new: list[tuple[float, float, float]], old: list[tuple[float, float, float]]) -> None:
    """Counters may do what they like: there is a verdict, and only with enough failures is it a bad one."""
    pods = [[Reading(n, Counts(*map(float, counts))) for n, counts in enumerate(steps)] for steps in (new, old)]
    found = judge_rates({"p": pods[0]}, {"q": pods[1]}, LIMITS, 0.0, "/metrics")
    total = counted({"p": pods[0]}, 0.0)
    if found.verdict is Verdict.UNHEALTHY:
        assert max(total.errors, total.slow) >= 5
        assert total.requests >= 20
