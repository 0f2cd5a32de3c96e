"""Which plots a report has: what users met first, then each probe. Data for the page's template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsctl.core.series import Source
from opsctl.render.plots import Axis, Curve, Scale, Values, counting, in_time, latency, line, stacked

NOBODY = "nobody"  # the color of an answer that did not tell one
FAILED = "failed"
_LAST = ", as each pod said last: what it answered after that is not counted."

Lanes = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Key:
    """One line of a legend: the mark that the curve is drawn with, and what is known in sum."""

    kind: str
    text: str


@dataclass(frozen=True)
class Figure:
    """`rows` are the same figures in words. Without `curves` there is nothing to draw, and `keys` say so.

    `failed` tells in short how much of what users asked for failed; empty where that is not what it is about.
    """

    title: str
    unit: str
    about: str
    curves: Sequence[Curve]
    scale: Scale
    keys: Sequence[Key]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    failed: str = ""


def users_figures(samples: Mapping[str, Any], axis: Axis) -> list[Figure]:
    lanes = _lanes(samples)
    found = [
        _answers("Front door", Source.DOOR, lanes, axis),
        _latencies("Front door: latency", Source.DOOR, lanes, axis),
        _answers("Users' requests", Source.USERS, lanes, axis),
        _sockets(lanes, axis),
    ]
    return [figure for figure in found if figure]


def probe_figures(samples: Mapping[str, Any], axis: Axis) -> list[Figure]:
    lanes = _lanes(samples)
    found: list[Figure | None] = []
    for source in (Source.API, Source.WEBSOCKET, Source.METRICS):
        found += [
            _latencies(f"{source.value}: latency", source, lanes, axis),
            _failures(f"{source.value}: failed probes", source, lanes, axis),
        ]
    return [figure for figure in found if figure]


def _answers(title: str, source: Source, lanes: Lanes, axis: Axis) -> Figure | None:
    """Good answers by color, and on top of them the failures of both: what goes wrong is one thing to users."""
    own = _of(source, lanes)
    if not own:
        return None
    good = [(color, _each_second(lane, axis, _good)) for color, lane in own]
    bad = _summed([_each_second(lane, axis, lambda p: p["failed"]) for _, lane in own])
    curves, scale = stacked([*good, (FAILED, bad)], axis)
    failed = sum(lane["failed"] for _, lane in own)
    asked = sum(lane["asked"] for _, lane in own)
    keys = [Key(color, f"{_name(color)} {_good(lane):,} good") for color, lane in own if _good(lane)]
    return Figure(
        title, "good answers a second by color, and failures", f"{failed:,} of {asked:,} failed{_LAST}", curves, scale,
        [*keys, Key(FAILED, f"failed {failed:,} of {asked:,}")], *_counts(own), f"{failed:,} of {asked:,}",
    )  # fmt: skip


def _failures(title: str, source: Source, lanes: Lanes, axis: Axis) -> Figure | None:
    own = _of(source, lanes)
    if not own:
        return None
    curves, scale = stacked([(color, _each_second(lane, axis, lambda p: p["failed"])) for color, lane in own], axis)
    told = [f"{_name(color)} {lane['failed']:,} of {lane['asked']:,}{_unknown(lane)}" for color, lane in own]
    return Figure(
        title, "failures a second", f"Failed: {', '.join(told)}.", curves, scale,
        [Key(color, text) for (color, _), text in zip(own, told, strict=True)], *_counts(own),
    )  # fmt: skip


def _latencies(title: str, source: Source, lanes: Lanes, axis: Axis) -> Figure | None:
    own = [(color, lane) for color, lane in _of(source, lanes) if lane["median_ms"] is not None]
    if not own:
        return None
    scale = latency(max(lane["worst_ms"] for _, lane in own))
    curves = [
        Curve(color, style, line(_known(lane, name), axis, scale))
        for color, lane in own
        for style, name in (("thin", "worst_ms"), ("line", "median_ms"))
    ]
    keys = [Key(color, f"{_name(color)} median {_ms(lane['median_ms'])}, worst {_ms(lane['worst_ms'])}")
            for color, lane in own]  # fmt: skip
    rows = [
        [_name(color), row["phase"], _ms(row["median_ms"]), _ms(row["worst_ms"])]
        for color, lane in own
        for row in lane["phases"]
    ]
    about = "Thick: the median of each point in time; thin: the worst. The scale grows by tens."
    return Figure(
        title,
        "thick: median, thin: worst, by tens",
        about,
        curves,
        scale,
        keys,
        ["color", "phase", "median", "worst"],
        rows,
    )


def _sockets(lanes: Lanes, axis: Axis) -> Figure | None:
    own = [(color, lane) for color, lane in _of(Source.METRICS, lanes) if _known(lane, "sockets")]
    if not own:
        return None
    values = {color: _known(lane, "sockets") for color, lane in own}
    scale = counting(max(value for each in values.values() for _, value in each))
    curves = [Curve(color, "line", line(each, axis, scale)) for color, each in values.items()]
    keys = [Key(color, f"{_name(color)} {each[0][1]:,.0f} first, {each[-1][1]:,.0f} at the end")
            for color, each in values.items()]  # fmt: skip
    rows = [
        [_name(color), row["phase"], _number(row["sockets"])]
        for color, lane in own
        for row in lane["phases"]
        if row["sockets"] is not None
    ]
    about = "Open WebSockets of all pods of a color, by their own metrics."
    return Figure(
        "Open WebSockets",
        "of all pods, by their own count",
        about,
        curves,
        scale,
        keys,
        ["color", "phase", "at its end"],
        rows,
    )


def _counts(own: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of a table: counts of each color in each phase."""
    rows = [
        [_name(color), row["phase"], *(f"{row[name]:,}" for name in ("asked", "failed", "unknown"))]
        for color, lane in own
        for row in lane["phases"]
    ]
    return ["color", "phase", "asked", "failed", "unknown"], rows


def _good(figures: Mapping[str, Any]) -> int:
    return int(figures["asked"] - figures["failed"] - figures["unknown"])


def _lanes(samples: Mapping[str, Any]) -> Lanes:
    return {(lane["source"], lane["color"] or NOBODY): lane for lane in samples["lanes"]}


def _of(source: Source, lanes: Lanes) -> list[tuple[str, Mapping[str, Any]]]:
    """(color, lane) of what was asked at all, blue first."""
    found = [(color, lanes.get((source.value, color))) for color in ("blue", "green", NOBODY)]
    return [(color, lane) for color, lane in found if lane and lane["asked"]]


def _each_second(lane: Mapping[str, Any], axis: Axis, of: Any) -> Values:
    return [(point["at"], of(point) / axis.step) for point in lane["points"]]


def _summed(series: Sequence[Values]) -> Values:
    sums: dict[float, float] = {}
    for at, value in (each for values in series for each in values):
        sums[at] = sums.get(at, 0.0) + value
    return sorted(sums.items())


def _known(lane: Mapping[str, Any], name: str) -> Values:
    return [(point["at"], float(point[name])) for point in lane["points"] if point[name] is not None]


def _name(color: str) -> str:
    return "no color told" if color == NOBODY else color


def _unknown(lane: Mapping[str, Any]) -> str:
    return f", {lane['unknown']:,} unknown" if lane["unknown"] else ""


def _ms(value: float | None) -> str:
    return "-" if value is None else in_time(float(f"{value:.3g}"))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,}"
