"""Samples of probes as points of a series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from opsctl.core.color import Color
from opsctl.core.health import Counts, DoorSample, Result, Sample
from opsctl.core.rates import growth
from opsctl.core.series import Lane, Point, Series, Source


def of_probes(samples: Iterable[Sample]) -> Series:
    return _series((Lane(Source(sample.service.value), sample.color), sample) for sample in samples)


def of_door(samples: Iterable[DoorSample]) -> Series:
    return _series((Lane(Source.DOOR, sample.color), sample) for sample in samples)


def of_users(samples: Iterable[Sample], before: Mapping[str, Counts]) -> tuple[Series, dict[str, Counts]]:
    """Users' requests by the pods' own counters, at the time that they were read: those answered with 5xx failed.

    `before`: each pod's last reading; a pod's first reading says nothing yet. Returns the last readings, too.
    """
    last = dict(before)
    points: dict[Lane, dict[int, Point]] = defaultdict(dict)
    for sample in samples:
        if sample.counts is None or sample.result is not Result.PASSED:
            continue
        if sample.pod in last:
            grown, at, lane = growth(last[sample.pod], sample.counts), int(sample.at), points[_users(sample)]
            lane[at] = lane.get(at, Point(at)).joined(Point(at, round(grown.requests), round(grown.errors)))
        last[sample.pod] = sample.counts
    return Series({lane: [seconds[at] for at in sorted(seconds)] for lane, seconds in points.items()}), last


def _users(sample: Sample) -> Lane:
    return Lane(Source.USERS, sample.color)


def of_sockets(at: float, sockets: Mapping[Color, int]) -> Series:
    """Open WebSockets of a color, which the metrics probe counts."""
    return Series({Lane(Source.METRICS, color): [Point(int(at), sockets=number)] for color, number in sockets.items()})


def _series(samples: Iterable[tuple[Lane, Sample | DoorSample]]) -> Series:
    found: dict[Lane, dict[int, list[Sample | DoorSample]]] = defaultdict(lambda: defaultdict(list))
    for lane, sample in samples:
        found[lane][int(sample.at)].append(sample)
    return Series({lane: [_point(at, seconds[at]) for at in sorted(seconds)] for lane, seconds in found.items()})


def _point(at: int, samples: Sequence[Sample | DoorSample]) -> Point:
    took = sorted(sample.seconds * 1000 for sample in samples if sample.result is not Result.UNKNOWN)
    return Point(
        at, len(samples),
        sum(sample.result is Result.FAILED for sample in samples),
        sum(sample.result is Result.UNKNOWN for sample in samples),
        took[len(took) // 2] if took else None,
        took[-1] if took else None,
    )  # fmt: skip
