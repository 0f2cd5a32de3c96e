"""Room for agents: whatever the numbers, nobody is sent away from an old pod without a place on the new color."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from opsctl.core.color import Color
from opsctl.core.environment import Services, Websocket
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod
from opsctl.core.sockets import free_places, held, may_go, open_sockets

LIMIT = 100
OFFERS = Services(websocket=Websocket(max_connections=LIMIT))
counts = st.lists(st.integers(0, 120), min_size=1, max_size=8)


def color(which: Color, holds: list[int], ending: int = 0) -> tuple[ColorState, dict[str, int]]:
    pods = tuple(
        Pod(f"{which}-{n}", True, 0, "a:1", terminating=n < ending, in_service=n >= ending) for n in range(len(holds))
    )
    found = ColorState(which, 1, "a:1", {AGENT: len(holds)}, True, pods, OFFERS)
    return found, {pod.name: held for pod, held in zip(pods, holds, strict=True)}


@given(counts, counts, st.integers(0, 3))
def test_whoever_may_go_finds_a_place(old_holds: list[int], new_holds: list[int], ending: int) -> None:
    old, sockets = color(Color.BLUE, old_holds, ending)
    new, more = color(Color.GREEN, new_holds)
    sockets |= more
    going = may_go(old.living, old, new, sockets)
    moving = held(old, sockets, [pod.name for pod in old.pods if pod.terminating])
    free = free_places(new, sockets)
    assert free is not None
    assert not going or moving + held(old, sockets, [pod.name for pod in going]) <= free
    left = old.living[len(going) :]
    if left and moving <= free:  # it would be too few to let even one more go
        assert moving + held(old, sockets, [pod.name for pod in [*going, left[0]]]) > free


def test_only_pods_that_serve_have_places() -> None:
    new, sockets = color(Color.GREEN, [0, 40, 100], ending=1)
    assert free_places(new, sockets) == 60


def test_a_pod_that_does_not_say_makes_it_unknown() -> None:
    old, _ = color(Color.BLUE, [90, 90])
    new, _ = color(Color.GREEN, [0, 0])
    assert free_places(new, {"green-0": 5}) is None
    assert may_go(old.living, old, new, {"green-0": 5, "blue-0": 90}) == old.living


def test_sockets_of_a_color() -> None:
    new, _ = color(Color.GREEN, [0, 0])
    assert open_sockets(new, {"green-0": 5, "blue-0": 9}) == 5
    assert open_sockets(new, {"blue-0": 9}) is None
