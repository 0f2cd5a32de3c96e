"""Plots as data: values in, SVG path strings and labels out. Nothing here knows HTML.

A plot is a box of 1000 × 100, stretched by the page to whatever width there is; lines keep their width, and labels
stand beside the box as text, so that both are as readable on a phone as on a wall.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 1000.0, 100.0
_GAP = 3.5  # steps without a point break a line
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TIMES = 7
_EDGE = 4.0  # percent
_LOWEST_MS = 1.0

Points = Sequence[Mapping[str, Any]]
Values = Sequence[tuple[float, float]]  # (at, value)


@dataclass(frozen=True)
class Tick:
    """`percent` from the left, or from the bottom."""

    percent: float
    label: str


@dataclass(frozen=True)
class Band:
    """A phase behind the plots."""

    x: float
    width: float
    name: str


@dataclass(frozen=True)
class Axis:
    """The time that all plots of a page share, seconds since the epoch."""

    start: float
    end: float
    step: int

    def x(self, at: float) -> float:
        return round((at - self.start) / (self.end - self.start) * WIDTH, 2)

    def percent(self, at: float) -> float:
        return self.x(at) / WIDTH * 100

    def ticks(self) -> list[Tick]:
        apart = next((each for each in _TIMES if (self.end - self.start) / each <= _MOST_TIMES), None)
        if apart is None:
            apart = math.ceil((self.end - self.start) / _MOST_TIMES / _TIMES[-1]) * _TIMES[-1]
        first = math.ceil(self.start / apart) * apart
        times = [first + apart * n for n in range(math.floor((self.end - first) / apart) + 1)]
        ticks = [Tick(self.percent(at), time.strftime("%H:%M:%S", time.gmtime(at))) for at in times]
        return [tick for tick in ticks if _EDGE < tick.percent < 100 - _EDGE]  # a label at the edge would be cut off


@dataclass(frozen=True)
class Curve:
    """`kind` is what the page colors it by: blue, green, nobody, failed. `style`: line, thin, area."""

    kind: str
    style: str
    path: str


@dataclass(frozen=True)
class Scale:
    """From a value to the height of its point; `ticks` are told beside the plot."""

    y: Callable[[float], float]
    ticks: Sequence[Tick]


def axis_of(report: Mapping[str, Any]) -> Axis:
    """From the first sample or the start to the last sample or the end; never empty."""
    samples = report["samples"] or {"step_seconds": 1, "lanes": []}
    step = int(samples["step_seconds"])
    times = [point["at"] for lane in samples["lanes"] for point in lane["points"]]
    ends = [phase["to"] for phase in report["phases"]]
    start = min([report["started_at"], *times])
    return Axis(start, max([start + 1, *ends, *(at + step for at in times)]), step)


def bands(axis: Axis, phases: Sequence[Mapping[str, Any]]) -> list[Band]:
    return [
        Band(axis.x(phase["from"]), max(0.0, round(axis.x(phase["to"]) - axis.x(phase["from"]), 2)), phase["phase"])
        for phase in phases
    ]


def counting(most: float) -> Scale:
    """From 0 in even steps: 1, 2 or 5 of some power of ten."""
    apart = _even(max(most, 1.0) / 4)
    top = apart * math.ceil(max(most, 1.0) / apart - 1e-9)
    marks = [apart * n for n in range(round(top / apart) + 1)]
    return Scale(lambda value: HEIGHT * (1 - value / top), [Tick(mark / top * 100, f"{mark:g}") for mark in marks])


def latency(worst: float) -> Scale:
    """By powers of ten, as 2 ms and the 2 s of a timeout are to be seen in one picture."""
    decades = max(1, math.ceil(math.log10(max(worst, _LOWEST_MS) / _LOWEST_MS) - 1e-9))
    marks = [_LOWEST_MS * 10**n for n in range(decades + 1)]
    return Scale(
        lambda ms: HEIGHT * (1 - math.log10(max(ms, _LOWEST_MS) / _LOWEST_MS) / decades),
        [Tick(n / decades * 100, in_time(mark)) for n, mark in enumerate(marks)],
    )


def in_time(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"


def line(values: Values, axis: Axis, scale: Scale) -> str:
    """A path through the middles of the points, broken where several are missing; a lone point is a dot."""
    parts: list[str] = []
    for index, (at, value) in enumerate(values):
        joined = index > 0 and at - values[index - 1][0] <= _GAP * axis.step
        followed = index + 1 < len(values) and values[index + 1][0] - at <= _GAP * axis.step
        spot = f"{axis.x(at + axis.step / 2)} {round(scale.y(value), 2)}"
        parts.append(f"{'L' if joined else 'M'}{spot}{'' if joined or followed else 'h0'}")
    return "".join(parts)


def area(tops: Values, bottoms: Mapping[float, float], axis: Axis, scale: Scale) -> str:
    """A box a point, from what lies below it, `bottoms`, to its own top."""
    width = round(axis.step / (axis.end - axis.start) * WIDTH, 2)
    return "".join(_box(axis.x(at), width, scale.y(bottoms.get(at, 0.0)), scale.y(top)) for at, top in tops)


def stacked(layers: Sequence[tuple[str, Values]], axis: Axis) -> tuple[list[Curve], Scale]:
    """Layers on top of each other, the first at the bottom."""
    sums: dict[float, float] = {}
    for _, values in layers:
        for at, value in values:
            sums[at] = sums.get(at, 0.0) + value
    scale = counting(max(sums.values(), default=0.0))
    return list(_layers(layers, axis, scale)), scale


def _layers(layers: Sequence[tuple[str, Values]], axis: Axis, scale: Scale) -> Iterator[Curve]:
    below: dict[float, float] = {}
    for kind, values in layers:
        tops = [(at, below.get(at, 0.0) + value) for at, value in values if value]
        path = area(tops, below, axis, scale)
        if path:
            yield Curve(kind, "area", path)
        below = {**below, **dict(tops)}


def _box(x: float, width: float, bottom: float, top: float) -> str:
    return f"M{x} {round(bottom, 2)}V{round(top, 2)}h{width}V{round(bottom, 2)}Z"


def _even(least: float) -> float:
    """The smallest of 1, 2, 5 and their like in tens that is not less."""
    power = 10.0 ** math.floor(math.log10(max(least, 1.0)))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least - 1e-9)
