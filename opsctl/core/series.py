"""What probes said, second by second: few enough figures to be kept beside a release's record, however long it lasts.

A lane is one thing that was asked, on one color. Where a lane would have too many points, neighbours become one: counts
add up and the worst stays the worst, so that no failure is ever lost; what is lost is only when exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from opsctl.core.color import Color

MOST = 900  # points a lane: 15 minutes in single seconds, and about 200 KiB of all lanes


class Source(StrEnum):
    """Where figures come from: three probes of every pod, the front door, and users' requests by `/metrics`."""

    DOOR = "front door"
    USERS = "users"
    API = "api"
    WEBSOCKET = "websocket"
    METRICS = "metrics"


@dataclass(frozen=True)
class Lane:
    """`color` None: at the front door, where nobody said who answered."""

    source: Source
    color: Color | None


@dataclass(frozen=True)
class Point:
    """What began in `at`, seconds since the epoch, and in what follows until the next point may begin.

    `failed` and `unknown` are among those `asked`. Latencies are in milliseconds, of all that are not unknown. A point
    made of several has the mean of their medians, weighted. `sockets` are the open WebSockets of the color, at its end.
    """

    at: int
    asked: int = 0
    failed: int = 0
    unknown: int = 0
    median: float | None = None
    worst: float | None = None
    sockets: int | None = None

    @property
    def answered(self) -> int:
        return self.asked - self.unknown

    def joined(self, later: Point) -> Point:
        """Both as one, at the time of this one."""
        return Point(
            self.at, self.asked + later.asked, self.failed + later.failed, self.unknown + later.unknown,
            _mean(self, later), _worst(self.worst, later.worst),
            self.sockets if later.sockets is None else later.sockets,
        )  # fmt: skip


@dataclass(frozen=True)
class Series:
    """Points by lane, oldest first, `step` seconds apart at least and at multiples of it; at most `MOST` a lane."""

    lanes: Mapping[Lane, Sequence[Point]] = field(default_factory=dict)
    step: int = 1

    def joined(self, other: Series) -> Series:
        step = max(self.step, other.step)
        ours, theirs = self._spaced(step), other._spaced(step)
        both = Series({lane: _together(ours.get(lane, ()), theirs.get(lane, ())) for lane in {**ours, **theirs}}, step)
        while any(len(points) > MOST for points in both.lanes.values()):
            both = Series(both._spaced(2 * both.step), 2 * both.step)
        return both

    def since(self, at: float) -> Series:
        kept = {lane: [point for point in points if point.at >= at] for lane, points in self.lanes.items()}
        return replace(self, lanes={lane: points for lane, points in kept.items() if points})

    def of(self, source: Source) -> dict[Color | None, Sequence[Point]]:
        """The points of one source by color, blue first."""
        found = {lane.color: points for lane, points in self.lanes.items() if lane.source is source}
        return {color: found[color] for color in (*Color, None) if color in found}

    def _spaced(self, step: int) -> Mapping[Lane, Sequence[Point]]:
        if step == self.step:
            return self.lanes
        return {lane: _merged(points, step) for lane, points in self.lanes.items()}

    def to_record(self) -> dict[str, Any]:
        first = min((points[0].at for points in self.lanes.values() if points), default=0)
        lanes = [
            [lane.source.value, lane.color.value if lane.color else None, [_row(point, first) for point in points]]
            for lane, points in self.lanes.items()
        ]
        return {"step": self.step, "from": first, "lanes": lanes}


def from_record(record: Mapping[str, Any]) -> Series:
    """Read what `to_record` wrote. Raises KeyError, TypeError or ValueError where it is no series."""
    first = int(record["from"])
    lanes = {
        Lane(Source(source), Color(color) if color else None): [_point(row, first) for row in rows]
        for source, color, rows in record["lanes"]
    }
    step = int(record["step"])
    if step < 1:
        raise ValueError(f"a step of {step} s")
    return Series(lanes, step)


def total(points: Iterable[Point]) -> Point:
    """All of them as one; nothing where there are none."""
    whole = Point(0)
    for point in points:
        whole = whole.joined(point)
    return whole


def _together(earlier: Sequence[Point], later: Sequence[Point]) -> Sequence[Point]:
    """Mostly one follows upon the other; two processes may have watched the same seconds, too."""
    if not earlier or not later or earlier[-1].at < later[0].at:
        return [*earlier, *later]
    both: dict[int, Point] = {point.at: point for point in earlier}
    for point in later:
        both[point.at] = both[point.at].joined(point) if point.at in both else point
    return [both[at] for at in sorted(both)]


def _merged(points: Sequence[Point], step: int) -> Sequence[Point]:
    kept: dict[int, Point] = {}
    for point in points:
        at = point.at // step * step
        kept[at] = kept[at].joined(point) if at in kept else replace(point, at=at)
    return list(kept.values())


def _mean(one: Point, other: Point) -> float | None:
    if one.median is None or other.median is None:
        return one.median if other.median is None else other.median
    weights = one.answered + other.answered
    return (one.median * one.answered + other.median * other.answered) / weights if weights else one.median


def _worst(one: float | None, other: float | None) -> float | None:
    found = [value for value in (one, other) if value is not None]
    return max(found, default=None)


def _row(point: Point, first: int) -> list[Any]:
    latencies = [None if value is None else round(value, 1) for value in (point.median, point.worst)]
    return [point.at - first, point.asked, point.failed, point.unknown, *latencies, point.sockets]


def _point(row: Sequence[Any], first: int) -> Point:
    at, asked, failed, unknown, median, worst, sockets = row
    held = None if sockets is None else int(sockets)
    return Point(first + int(at), int(asked), int(failed), int(unknown), _latency(median), _latency(worst), held)


def _latency(value: Any) -> float | None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{value} is no latency")
    return value if value is None else float(value)
