"""An operator's own figures: a query, and what must hold of its value for a release to stay.

    prometheus: sum(rate(checkout_failures_total[1m])) < 0.5
    cloudwatch: AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum LoadBalancer=app/x/1 <= 10

Pure: the text in, parts out; answers in, a verdict out. No value is no verdict: `unknown`, however long it lasts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from opsctl.core.formats import QUERY
from opsctl.core.health import Judgement, Verdict

IN_A_ROW = 2  # answers that break the limit: one may be a scrape that came late
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    source: str
    expression: str
    comparison: str
    bound: float

    def holds(self, value: float) -> bool:
        return _HOLDS[self.comparison](value, self.bound)

    def worst(self, values: Sequence[float]) -> float:
        """Of several series the one that is nearest to breaking the limit, or furthest beyond it."""
        return max(values) if self.comparison in ("<", "<=") else min(values)


@dataclass(frozen=True)
class Figure:
    """What one query gave. `value` is None where there is no data or no answer, and `why` says which."""

    at: float
    query: str
    value: float | None
    why: str = ""


def parse_query(text: str) -> Query:
    """Raises ValueError where it is none."""
    found = QUERY.fullmatch(text)
    if not found:
        raise ValueError(f"no query: {text}")
    return Query(found[1], found[2], found[3], float(found[4]))


def judge_figures(figures: Mapping[str, Sequence[Figure]]) -> Judgement:
    """`figures` maps each query's text to what it gave, oldest first."""
    broken = {text: run for text, run in ((t, _broken(t, found)) for t, found in figures.items()) if run}
    believed = {text: run for text, run in broken.items() if len(run) >= IN_A_ROW}
    if believed:
        words = ", ".join(f"{text}: it is {run[-1].value:g}" for text, run in believed.items())
        return Judgement(Verdict.UNHEALTHY, words, min(run[0].at for run in believed.values()))
    silent = [f"{text}: {found[-1].why}" for text, found in figures.items() if found and found[-1].value is None]
    if silent or broken or not figures or not all(figures.values()):
        return Judgement(Verdict.UNKNOWN, ", ".join(silent) or "not asked often enough yet")
    return Judgement(Verdict.HEALTHY, f"{len(figures)} queries hold")


def _broken(text: str, figures: Sequence[Figure]) -> Sequence[Figure]:
    """The run of answers at the end that break the limit; where there was no value, nothing is said."""
    query, run = parse_query(text), []
    for figure in reversed(figures):
        if figure.value is None:
            continue
        if query.holds(figure.value):
            break
        run.append(figure)
    return run[::-1]
