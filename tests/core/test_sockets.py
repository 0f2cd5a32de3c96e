"""Places for agents: counted where they are known, and nowhere else."""

from __future__ import annotations

from opsctl.core.color import Color
from opsctl.core.environment import Services, Websocket
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod
from opsctl.core.sockets import free_places, open_sockets, places_of

OFFERS = Services(websocket=Websocket(max_connections=100))


def color(which: Color, holds: list[int], ending: int = 0) -> tuple[ColorState, dict[str, int]]:
    pods = tuple(
        Pod(f"{which}-{n}", True, 0, "a:1", terminating=n < ending, in_service=n >= ending) for n in range(len(holds))
    )
    found = ColorState(which, 1, "a:1", {AGENT: len(holds)}, True, pods, OFFERS)
    return found, {pod.name: held for pod, held in zip(pods, holds, strict=True)}


def test_two_connections_of_a_pod_are_kept_for_probes() -> None:
    assert (places_of(100), places_of(1)) == (98, 1)


def test_only_pods_that_serve_have_places() -> None:
    new, sockets = color(Color.GREEN, [0, 40, 98], ending=1)
    assert free_places(new, sockets) == 58


def test_more_than_its_limit_is_no_negative_room() -> None:
    new, sockets = color(Color.GREEN, [130, 90])
    assert free_places(new, sockets) == 8


def test_a_pod_that_does_not_say_makes_it_unknown() -> None:
    new, _ = color(Color.GREEN, [0, 0])
    assert free_places(new, {"green-0": 5}) is None


def test_sockets_of_a_color() -> None:
    new, _ = color(Color.GREEN, [0, 0])
    assert open_sockets(new, {"green-0": 5, "blue-0": 9}) == 5
    assert open_sockets(new, {"blue-0": 9}) is None
