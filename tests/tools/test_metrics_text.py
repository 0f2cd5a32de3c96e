"""Reading the Prometheus text format."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsctl.tools.metrics_text import missing_series, read_series

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
    found = read_series(TEXT)
    assert found["http_requests_total"] == 10
    assert (found["latency_bucket"], found["up"], found["most"]) == (45.0, 1.0, math.inf)
    assert math.isnan(found["strange"])


@pytest.mark.parametrize("line", ["<html>", "name", "1name 2", "name{a='1' 2", "name two", "name 1 2 3", '{"json": 1}'])
def test_anything_else_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"unexpected line|could not convert"):
        read_series(f"up 1\n{line}\n")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_series(text)
    except ValueError:
        return


def test_what_is_missing() -> None:
    assert missing_series({"a": 1.0}, ["a", "b", "c"]) == ["b", "c"]
