"""Room for a new color: quantities as Kubernetes writes them, how many pods fit, and what is said about it."""

from __future__ import annotations

from math import inf

import hypothesis.strategies as st
import pytest
from hypothesis import given

from opsctl.core.checkup import Level
from opsctl.core.room import Amount, Need, Room, judge_places, judge_room, places, quantity, shortages

POD = Amount(0.5, 2**30, 1)
NODE = Amount(2, 4 * 2**30, 10)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", 0.5),
        ("2", 2),
        ("0.25", 0.25),
        ("1Gi", 2**30),
        ("512Mi", 2**29),
        ("16146608Ki", 16146608 * 1024),
        ("1G", 1e9),
        ("128k", 128e3),
        ("2Ti", 2**41),
        ("128974848", 128974848),
        ("1e3", 1000),
        ("128974848000m", 128974848),
    ],
)
def test_quantities(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "1Xi", "-1", "one"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|float"):
        quantity(text)


@pytest.mark.parametrize(
    ("left", "fit"),
    [
        (NODE, 4),
        (Amount(cpu=0.9, memory=inf, pods=inf), 1),
        (Amount(cpu=inf, memory=3 * 2**30, pods=inf), 3),
        (Amount(cpu=inf, memory=inf, pods=2), 2),
        (Amount(cpu=-1, memory=inf, pods=inf), 0),
        (Amount(), inf),
    ],
)
def test_what_is_scarcest_counts(left: Amount, fit: float) -> None:
    assert places(POD, left) == fit


@given(st.integers(1, 64), st.integers(1, 4000))
def test_whole_shares_are_not_lost_to_rounding(pods: int, millis: int) -> None:
    each = quantity(f"{millis}m")
    assert places(Amount(each, 0, 0), Amount(cpu=quantity(f"{pods * millis}m"))) == pods


def levels(needed: int, room: Room) -> list[tuple[str, Level]]:
    return [(found.name, found.level) for found in judge_room([Need(needed, POD)], room)]


def test_nodes_with_room() -> None:
    found = judge_room([Need(5, POD)], Room((NODE, Amount(1, 2**33, 1)), {}))
    assert [(f.level, f.detail) for f in found] == [(Level.OK, "room for 5 more pods, 5 needed")]


def test_full_nodes_only_warn_as_there_may_be_more_tomorrow() -> None:
    room = Room((NODE,), {})
    assert levels(5, room) == [("nodes", Level.WARN)]
    assert shortages(judge_room([Need(5, POD)], room)) == []


def test_a_pod_does_not_fit_in_the_rests_of_two_nodes() -> None:
    rest = Amount(0.4, 2**33, 5)
    assert levels(1, Room((rest, rest), {})) == [("nodes", Level.WARN)]


def test_a_quota_that_is_used_up_is_sure_to_refuse() -> None:
    room = Room((NODE,), {"compute": Amount(cpu=1.2), "objects": Amount()})
    found = judge_room([Need(3, POD)], room)
    assert [f.level for f in found] == [Level.OK, Level.FAIL, Level.OK]
    assert shortages(found) == ["quota compute leaves room for 2 more pods, 3 needed"]


def test_what_may_not_be_seen_is_not_known_and_refuses_nothing() -> None:
    found = judge_room([Need(3, POD)], Room(None, None))
    assert [f.detail.partition(":")[0] for f in found] == ["not known", "not known"]
    assert shortages(found) == []


def test_a_color_that_has_its_pods_needs_no_room() -> None:
    assert levels(0, Room((Amount(0, 0, 0),), {"compute": Amount(cpu=-1)})) == [("nodes", Level.OK)]


@pytest.mark.parametrize(
    ("agents", "pods", "level"),
    [(1000, 14, Level.OK), (1000, 13, Level.WARN), (1000, 11, Level.WARN), (1000, 10, Level.FAIL), (0, 2, Level.OK)],
)
def test_places_for_agents(agents: int, pods: int, level: Level) -> None:
    """Of 1,000 agents that come by chance 14 pods of 100 turn hardly any away, and 10 have no place for all."""
    found = judge_places(agents, pods, 100)
    assert (found.name, found.level) == ("agents", level)
    assert f"room for {pods * 98} agents, {agents} connected" in found.detail


def test_agents_that_nobody_counted_are_not_known() -> None:
    assert judge_places(None, 2, 100).level is Level.WARN
