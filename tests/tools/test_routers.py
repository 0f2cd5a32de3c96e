"""Two active Services that move together, over an API that says no, or nothing, at any of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.environment import Environment, Workloads
from opsctl.core.snapshot import active_of
from opsctl.errors import ToolFailed, TrafficRefused, Unreachable
from opsctl.tools.cluster.api import Forbidden
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.traffic import Routers

NAMES = Names("apps", "agent", ("api", "agents"), "api")
API, AGENTS = NAMES.core("services", "agent-api"), NAMES.core("services", "agent-agents")
SPLIT = Environment("test", workloads=Workloads(split=True))


@pytest.fixture
def store() -> KubeStore:
    return KubeStore("apps")


@pytest.fixture
def routers(store: KubeStore) -> Routers:
    made = Routers(store, NAMES, lambda: None)  # type: ignore[arg-type]
    made.ensure(SPLIT)
    made.switch(Color.BLUE, None)
    store.calls.clear()
    return made


def colors(store: KubeStore) -> list[str]:
    return [store.objects[path]["spec"]["selector"]["opsctl/color"] for path in (API, AGENTS)]


def no(which: str, error: Exception, calls: int = 1) -> Callable[[str], None]:
    """Fail the last of so many calls."""
    seen: list[str] = []

    def broken(call: str) -> None:
        seen.append(call) if call == which else None
        if call == which and len(seen) == calls:
            raise error

    return broken


def test_each_has_the_ports_that_its_workload_offers(store: KubeStore, routers: Routers) -> None:
    ports = [[port["name"] for port in store.objects[path]["spec"]["ports"]] for path in (API, AGENTS)]
    assert ports == [["api", "metrics"], ["websocket", "metrics"]]
    components = [store.objects[path]["spec"]["selector"]["app.kubernetes.io/component"] for path in (API, AGENTS)]
    assert components == ["api", "agents"]


def test_both_move_and_how_far_apart_is_told(store: KubeStore, routers: Routers) -> None:
    moved = routers.switch(Color.GREEN, Color.BLUE)
    assert (moved.routers, moved.of, colors(store)) == (2, 2, ["green", "green"])
    assert 0 <= moved.seconds < 1
    assert active_of(routers.read()) is Color.GREEN


def test_a_no_is_heard_before_anything_moves(store: KubeStore, routers: Routers) -> None:
    store.broken = no(f"before PATCH {AGENTS}", Forbidden("the cluster answered 403"))
    with pytest.raises(ToolFailed) as error:
        routers.switch(Color.GREEN, Color.BLUE)
    assert not isinstance(error.value, TrafficRefused)
    assert colors(store) == ["blue", "blue"]
    assert [call for call in store.calls if call == f"PATCH {API}"] == [f"PATCH {API}"], "it was only rehearsed"


def test_a_no_to_the_second_move_brings_the_first_back(store: KubeStore, routers: Routers) -> None:
    store.broken = no(f"before PATCH {AGENTS}", Forbidden("the cluster answered 403"), calls=2)
    with pytest.raises(TrafficRefused, match=r"agent-agents would not move to green, so agent-api went back: .*403"):
        routers.switch(Color.GREEN, Color.BLUE)
    assert colors(store) == ["blue", "blue"]


def test_no_answer_to_the_second_move_leaves_it_to_the_next_look(store: KubeStore, routers: Routers) -> None:
    store.broken = no(f"before PATCH {AGENTS}", Unreachable("no answer"), calls=2)
    with pytest.raises(Unreachable):
        routers.switch(Color.GREEN, Color.BLUE)
    assert colors(store) == ["green", "blue"]
    moved = routers.switch(Color.GREEN, Color.BLUE)
    assert (moved.routers, colors(store)) == (1, ["green", "green"])


def test_one_router_is_not_rehearsed(store: KubeStore) -> None:
    one = Routers(store, Names("apps", "agent"), lambda: None)  # type: ignore[arg-type]
    one.ensure(Environment("test"))
    store.calls.clear()
    one.switch(Color.BLUE, None)
    assert [call.split()[0] for call in store.calls] == ["GET", "PATCH"]
