"""What is kept of samples: no count is ever lost, and there are never too many points."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from opsctl.core.color import Color
from opsctl.core.health import Counts, DoorSample, Result, Sample, Service
from opsctl.core.samples import of_door, of_probes, of_sockets, of_users
from opsctl.core.series import MOST, Lane, Point, Series, Source, from_record, total

BLUE_API = Lane(Source.API, Color.BLUE)

lanes = st.builds(Lane, st.sampled_from(Source), st.one_of(st.none(), st.sampled_from(Color)))
figures = st.floats(0.0, 1e5, allow_nan=False)


@st.composite
def points(draw: st.DrawFn) -> Point:
    asked = draw(st.integers(0, 10_000))
    failed = draw(st.integers(0, asked))
    unknown = draw(st.integers(0, asked - failed))
    sockets = draw(st.one_of(st.none(), st.integers(0, 1000)))
    return Point(draw(st.integers(0, 5_000)), asked, failed, unknown, draw(figures), draw(figures), sockets)


series = st.dictionaries(lanes, st.lists(points(), max_size=5, unique_by=lambda point: point.at), max_size=4).map(
    lambda found: Series({lane: sorted(each, key=lambda point: point.at) for lane, each in found.items()})
)


def counts(*parts: Series) -> dict[Lane, tuple[int, int, int, float | None]]:
    found: dict[Lane, Point] = {}
    for part in parts:
        for lane, each in part.lanes.items():
            found[lane] = found.get(lane, Point(0)).joined(total(each))
    return {lane: (p.asked, p.failed, p.unknown, p.worst) for lane, p in found.items()}


def long(first: int, seconds: int) -> Series:
    return Series({BLUE_API: [Point(first + at, 3, at % 2, 0, 1.0, float(at)) for at in range(seconds)]})


@pytest.mark.exhaustive
@given(st.lists(series, max_size=8))
def test_no_count_is_lost_whatever_is_joined(parts: list[Series]) -> None:
    whole = Series()
    for part in parts:
        whole = whole.joined(part)
    assert counts(whole) == counts(*parts)
    for each in whole.lanes.values():
        assert [point.at for point in each] == sorted({point.at for point in each})


@pytest.mark.exhaustive
@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=4), st.integers(0, 1000))
def test_there_are_never_too_many_points_and_none_is_lost_for_it(lengths: list[int], first: int) -> None:
    whole, parts = Series(), []
    for seconds in lengths:
        parts.append(long(first, seconds))
        whole = whole.joined(parts[-1])
        first += seconds + 7
    assert counts(whole) == counts(*parts)
    assert len(whole.lanes[BLUE_API]) <= MOST
    assert all(point.at % whole.step == 0 for point in whole.lanes[BLUE_API])


@given(series)
def test_a_record_is_json_and_reads_back(one: Series) -> None:
    read = from_record(json.loads(json.dumps(one.to_record())))
    assert (read.step, read.lanes.keys()) == (one.step, one.lanes.keys())
    for lane, each in one.lanes.items():
        for before, after in zip(each, read.lanes[lane], strict=True):
            assert (before.at, before.asked, before.failed, before.sockets) == (
                after.at, after.asked, after.failed, after.sockets,
            )  # fmt: skip
            assert after.worst == pytest.approx(before.worst, abs=0.06)


def test_the_longest_release_fits_into_a_config_map_twice() -> None:
    every = [Lane(source, color) for source in Source for color in (*Color, None)]
    row = [Point(1_800_000_000 + 64 * at, 64_000, 64_000, 64_000, 12345.6, 12345.6, 10_000) for at in range(MOST)]
    assert len(json.dumps(Series(dict.fromkeys(every, row), 64).to_record(), separators=(",", ":"))) < 2**20
    assert MOST == 900


def test_the_worst_stays_the_worst_and_medians_are_weighted() -> None:
    one, other = Point(1, 3, 1, 0, 10.0, 500.0, 7), Point(2, 2, 0, 1, 50.0, 60.0)
    both = one.joined(other)
    assert (both.asked, both.failed, both.unknown) == (5, 1, 1)
    assert (both.median, both.worst, both.sockets) == (20.0, 500.0, 7)


def test_since_leaves_out_what_was_before() -> None:
    assert [point.at for point in long(10, 5).since(12.5).lanes[BLUE_API]] == [13, 14]


# --- from samples -----------------------------------------------------------------------------------------


def sample(at: float, result: Result = Result.PASSED, seconds: float = 0.01, **other: object) -> Sample:
    return Sample(at, Color.BLUE, "blue-1", Service.API, result, seconds=seconds, **other)  # type: ignore[arg-type]


def test_samples_of_a_second_are_one_point() -> None:
    found = of_probes(
        [sample(5.1), sample(5.5, Result.FAILED, 2.0), sample(5.9, Result.UNKNOWN, 9.0), sample(6.0, seconds=0.02)]
    )
    assert found.lanes[BLUE_API] == [Point(5, 3, 1, 1, 2000.0, 2000.0), Point(6, 1, 0, 0, 20.0, 20.0)]


def test_the_front_door_is_told_apart_by_who_answered() -> None:
    found = of_door([
        DoorSample(1.0, Result.PASSED, Color.BLUE), DoorSample(1.2, Result.FAILED, Color.GREEN),
        DoorSample(1.4, Result.FAILED),
    ])  # fmt: skip
    asked = {color: (each[0].asked, each[0].failed) for color, each in found.of(Source.DOOR).items()}
    assert asked == {Color.BLUE: (1, 0), Color.GREEN: (1, 1), None: (1, 1)}


def test_users_requests_are_what_a_pods_counters_grew_by() -> None:
    def read(at: float, requests: float, errors: float, pod: str = "a") -> Sample:
        return Sample(at, Color.GREEN, pod, Service.METRICS, Result.PASSED, counts=Counts(requests, errors))

    found, last = of_users([read(1, 100, 0), read(2, 150, 4), read(2, 70, 0, "b"), read(3, 20, 1)], {})
    assert found.lanes[Lane(Source.USERS, Color.GREEN)] == [Point(2, 50, 4), Point(3, 20, 1)]
    found, _ = of_users([read(4, 30, 1)], last)
    assert total(found.lanes[Lane(Source.USERS, Color.GREEN)]).asked == 10


def test_sockets_go_with_the_metrics_probe() -> None:
    both = of_probes([]).joined(of_sockets(3.7, {Color.BLUE: 12}))
    assert both.of(Source.METRICS) == {Color.BLUE: [Point(3, sockets=12)]}
