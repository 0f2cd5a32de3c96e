"""An operator's own figures: what is asked, what must hold, and that no value is no verdict."""

from __future__ import annotations

import pytest

from opsctl.core.health import Verdict
from opsctl.core.queries import Figure, Query, judge_figures, parse_query

TEXT = "prometheus: sum(rate(errors_total[1m])) < 5"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (TEXT, Query("prometheus", "sum(rate(errors_total[1m]))", "<", 5.0)),
        ("prometheus:a >= 1 > -2.5e3", Query("prometheus", "a >= 1", ">", -2500.0)),
        ("cloudwatch: N M Sum D=1 <= 0", Query("cloudwatch", "N M Sum D=1", "<=", 0.0)),
    ],
)
def test_parts(text: str, query: Query) -> None:
    assert parse_query(text) == query


def test_what_is_none() -> None:
    with pytest.raises(ValueError, match="no query"):
        parse_query("up < 1")


@pytest.mark.parametrize(
    ("comparison", "value", "holds"),
    [("<", 4.9, True), ("<", 5, False), ("<=", 5, True), (">", 5, False), (">", 5.1, True), (">=", 5, True)],
)
def test_what_holds(comparison: str, value: float, holds: bool) -> None:
    assert Query("prometheus", "x", comparison, 5.0).holds(value) is holds


def test_of_several_series_the_worst_counts() -> None:
    assert Query("prometheus", "x", "<", 5.0).worst([1, 9, 3]) == 9
    assert Query("prometheus", "x", ">=", 5.0).worst([1, 9, 3]) == 1


def figures(*values: float | None) -> list[Figure]:
    return [Figure(float(n), TEXT, value, "no data" if value is None else "") for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        ((), Verdict.UNKNOWN, "not asked often enough"),
        ((1.0,), Verdict.HEALTHY, "1 queries hold"),
        ((9.0,), Verdict.UNKNOWN, "not asked often enough"),
        ((1.0, 9.0, 7.0), Verdict.UNHEALTHY, f"{TEXT}: it is 7"),
        ((9.0, None, 7.0), Verdict.UNHEALTHY, "it is 7"),  # a gap takes nothing back
        ((9.0, 9.0, 1.0), Verdict.HEALTHY, "hold"),
        ((9.0, 1.0, 9.0), Verdict.UNKNOWN, ""),
        ((None, None, None), Verdict.UNKNOWN, f"{TEXT}: no data"),
        ((1.0, None), Verdict.UNKNOWN, "no data"),
    ],
)
def test_verdicts(values: tuple[float | None, ...], verdict: Verdict, words: str) -> None:
    found = judge_figures({TEXT: figures(*values)})
    assert found.verdict is verdict
    assert words in found.detail


def test_trouble_is_dated_by_its_first_figure() -> None:
    assert judge_figures({TEXT: figures(1.0, 9.0, 9.0), "prometheus: up > 0": []}).since == 1.0
