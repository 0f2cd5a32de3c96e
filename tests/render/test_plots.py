"""Plots as data: where points, ticks and boxes lie."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from opsctl.render.plots import Axis, Tick, area, axis_of, bands, counting, in_time, latency, line, stacked

AXIS = Axis(100.0, 110.0, 1)
UPRIGHT = counting(10)


def test_time_goes_from_left_to_right_over_the_whole_box() -> None:
    assert (AXIS.x(100), AXIS.x(105), AXIS.x(110)) == (0, 500, 1000)


@given(st.floats(1.0, 3e5), st.integers(0, 10**9))
def test_there_are_few_ticks_of_time_in_round_figures(seconds: float, start: int) -> None:
    ticks = Axis(start, start + seconds, 1).ticks()
    assert len(ticks) <= 8
    assert all(0 < tick.percent < 100 for tick in ticks)


def test_ticks_of_time_are_utc() -> None:
    assert Tick(40.0, "00:01:44") in AXIS.ticks()


@given(st.floats(0.0, 1e6))
def test_a_scale_of_counts_holds_the_most_and_has_few_even_ticks(most: float) -> None:
    scale = counting(most)
    assert scale.y(0) == 100
    assert scale.y(most) >= -1e-6
    assert 2 <= len(scale.ticks) <= 6
    assert (scale.ticks[0].label, scale.ticks[0].percent, scale.ticks[-1].percent) == ("0", 0, pytest.approx(100))


@given(st.floats(0.0, 1e6))
def test_a_scale_of_latency_holds_the_worst(worst: float) -> None:
    scale = latency(worst)
    assert -1e-6 <= scale.y(worst) <= 100
    assert scale.ticks[0].label == "1 ms"


def test_latency_grows_by_tens() -> None:
    scale = latency(1000)
    assert [round(scale.y(ms)) for ms in (0.2, 1, 10, 100, 1000)] == [100, 100, 67, 33, 0]
    assert [in_time(ms) for ms in (1, 250, 2500)] == ["1 ms", "250 ms", "2.5 s"]


def test_a_line_breaks_where_points_are_missing_and_a_lone_point_is_a_dot() -> None:
    values = [(100, 0.0), (101, 10.0), (108, 5.0)]
    assert line(values, AXIS, UPRIGHT) == "M50.0 100.0L150.0 0.0M850.0 50.0h0"


def test_a_box_stands_on_what_is_below_it() -> None:
    assert area([(100, 8.0)], {100: 2.0}, AXIS, UPRIGHT) == "M0.0 80.0V20.0h100.0V80.0Z"


def test_layers_stand_on_each_other_and_empty_ones_are_left_out() -> None:
    curves, scale = stacked([("blue", [(100, 4.0)]), ("green", [(100, 0.0)]), ("failed", [(100, 6.0)])], AXIS)
    assert [curve.kind for curve in curves] == ["blue", "failed"]
    assert curves[1].path == "M0.0 60.0V0.0h100.0V60.0Z"
    assert scale.ticks[-1].label == "10"


def test_the_axis_reaches_from_the_first_sample_to_the_end_and_is_never_empty() -> None:
    lane = {"points": [{"at": 90}, {"at": 130}]}
    told = {"started_at": 100.5, "phases": [{"from": 100.5, "to": 120.0, "phase": "baking"}]}
    axis = axis_of({**told, "samples": {"step_seconds": 2, "lanes": [lane]}})
    assert (axis.start, axis.end, axis.step) == (90, 132, 2)
    assert axis_of({"started_at": 5.0, "phases": [], "samples": None}).end == 6
    (band,) = bands(axis, told["phases"])  # type: ignore[arg-type]
    assert (band.name, band.x, band.width) == ("baking", 250.0, pytest.approx(464.29))
