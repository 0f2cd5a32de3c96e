"""The meter's arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsctl.sandbox.load.tally import Agents, Requests, Span, Tally, milliseconds, percentile, total

TIMES = st.lists(st.floats(0, 1e9), min_size=1)


@given(TIMES, st.floats(0, 1))
def test_percentile_is_the_smallest_value_that_covers_the_share(values, share):
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered)
    assert sum(value < found for value in ordered) < max(share * len(ordered), 1)


def test_percentiles_of_a_hundred():
    assert milliseconds([n / 1000 for n in range(1, 101)]) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert milliseconds([]) is None


@given(TIMES)
def test_span_knows_first_and_last_in_any_order(times):
    span = Span()
    for at in times:
        span.add(at)
    assert (span.count, span.first, span.last) == (len(times), min(times), max(times))


@pytest.mark.parametrize(
    ("code", "unplanned"), [(1001, 0), (1012, 0), (1000, 1), (1005, 1), (1006, 1), (1009, 1), (1011, 1), (1013, 1)]
)
def test_only_1001_and_1012_are_planned_closes(code, unplanned):
    agents = Agents()
    agents.closed(5.0, code, "why")
    assert agents.report()["closes"] == {str(code): 1}
    assert agents.report()["unplanned"]["count"] == unplanned


def test_bad_answers_are_answers_and_not_losses():
    requests = Requests(scheduled=3, sent=3)
    requests.answer(10.0, 0.1, "1", "blue", "")
    requests.answer(11.0, 0.1, "2", "green", "status 500")
    requests.answer(12.0, 0.1, "2", "green", "status 500")
    report = requests.report()
    assert (report["answered"], report["lost"]["count"]) == (3, 0)
    assert report["bad"] == {"count": 2, "first": 11.0, "last": 12.0, "by": {"status 500": 2}}
    assert report["versions"]["2"] == {"count": 2, "first": 11.0, "last": 12.0}


def test_total_is_the_sum_of_its_parts():
    fresh, kept = Requests(scheduled=3, sent=2), Requests(scheduled=2, sent=2)
    fresh.answer(10.0, 0.001, "1", "blue", "")
    fresh.lost.add(30.0, "refused")
    fresh.lost.add(20.0, "not sent")
    kept.answer(5.0, 0.003, "1", "blue", "wrong body")
    kept.lost.add(40.0, "refused")
    whole = total((fresh, kept)).report()
    assert (whole["scheduled"], whole["sent"], whole["answered"]) == (5, 4, 2)
    assert whole["lost"] == {"count": 3, "first": 20.0, "last": 40.0, "by": {"refused": 2, "not sent": 1}}
    assert whole["versions"] == {"1": {"count": 2, "first": 5.0, "last": 10.0}}
    assert whole["latency_ms"]["max"] == 3
    assert (fresh.lost.span.count, kept.lost.span.count) == (2, 1)


def test_changes_hold_each_move_to_another_release_once():
    tally = Tally()
    for at, color in enumerate(["blue", "blue", "green", "green", "blue"]):
        tally.saw_release(float(at), "1", color)
    assert [(change["time"], change["color"]) for change in tally.report()["changes"]] == [
        (0, "blue"),
        (2, "green"),
        (4, "blue"),
    ]
