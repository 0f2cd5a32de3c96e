"""Reading the Prometheus text format."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.health import Counts
from opsctl.tools.metrics_text import Line, missing_series, read_counts, read_lines, summed

TEXT = """\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="GET",code="200"} 7
http_requests_total{method="GET",code="500"} 3 1700000000000

latency_bucket{le="+Inf",path="a } b"} 4.5e1
up 1
strange{label="say \\"hi\\""} NaN
most +Inf
"""


def test_series_are_summed_over_their_labels() -> None:
    found = summed(read_lines(TEXT))
    assert found["http_requests_total"] == 10
    assert (found["latency_bucket"], found["up"], found["most"]) == (45.0, 1.0, math.inf)
    assert math.isnan(found["strange"])


@pytest.mark.parametrize("line", ["<html>", "name", "1name 2", "name{a='1' 2", "name two", "name 1 2 3", '{"json": 1}'])
def test_anything_else_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"unexpected line|could not convert"):
        read_lines(f"up 1\n{line}\n")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_lines(text)
    except ValueError:
        return


def test_what_is_missing() -> None:
    assert missing_series({"a": 1.0}, ["a", "b", "c"]) == ["b", "c"]


def test_labels() -> None:
    assert read_lines('a{x="1",le="+Inf",say="\\"}"} 2\nb 3') == [
        Line("a", {"x": "1", "le": "+Inf", "say": '\\"}'}, 2.0),
        Line("b", {}, 3.0),
    ]


USERS = """\
http_requests_total{path="/health",code="500"} 1000
http_requests_total{path="/work",code="200"} 90
http_requests_total{path="/work",code="503"} 7
http_requests_total{path="other",code="404"} 3
http_request_duration_seconds_bucket{path="/health",le="+Inf"} 1000
http_request_duration_seconds_bucket{path="/work",le="1.0"} 80
http_request_duration_seconds_bucket{path="/work",le="2.0"} 95
http_request_duration_seconds_bucket{path="/work",le="+Inf"} 97
http_request_duration_seconds_bucket{path="other",le="1.0"} 3
http_request_duration_seconds_bucket{path="other",le="2.0"} 3
http_request_duration_seconds_bucket{path="other",le="+Inf"} 3
"""


@pytest.mark.parametrize(("slow", "count"), [(2.0, 2), (1.5, 2), (1.0, 17), (0.1, 17), (5.0, 0)])
def test_users_are_counted_and_health_checks_are_not(slow: float, count: int) -> None:
    assert read_counts(read_lines(USERS), {"/health"}, slow) == Counts(100, 7, count)


def test_nothing_counted_is_not_zero_requests() -> None:
    assert read_counts(read_lines("up 1"), {"/health"}, 2.0) is None
    assert read_counts(read_lines('http_requests_total{path="/health",code="200"} 5'), {"/health"}, 2.0) == Counts()


def test_buckets_without_a_number_count_nothing_slow() -> None:
    text = 'http_requests_total{code="200"} 5\nhttp_request_duration_seconds_bucket{le="lots"} 5'
    assert read_counts(read_lines(text), (), 2.0) == Counts(5, 0, 0)
