"""Deployments, pods and the active Service: the same promises, kept by the fakes and by the real cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opsctl.core.color import Color
from opsctl.core.decisions import Wait
from opsctl.core.health import ColorHealth, Judgement, Verdict
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import UNPULLABLE, ColorState, active_of
from opsctl.errors import ToolFailed
from opsctl.ports.release import ReleasePorts

Process = Callable[[], ReleasePorts]


@pytest.fixture
def ports(process: Process) -> ReleasePorts:
    """A process that has the lock, in a namespace where the addresses are made."""
    found = process()
    found.cluster.ensure_namespace()
    found.lock.acquire("works")
    found.charts.prepare()
    return found


def _look_healthy(side: Any, ports: ReleasePorts) -> None:
    """The fake moves traffic only to a color that was seen healthy just now, as a flow must."""
    health = {color: ColorHealth(Verdict.HEALTHY, "") for color in Color}
    seen = Observation(ports.clock.now(), ports.cluster.read(), health, {}, Judgement(Verdict.HEALTHY))
    ports.watching.saw(side.rollout(1, side.image), seen, Wait("a look"))


class TestTraffic:
    def test_it_goes_nowhere_at_first(self, ports: ReleasePorts) -> None:
        assert active_of(ports.traffic.read()) is None
        snapshot = ports.cluster.read()
        assert [router.exists for router in snapshot.traffic] == [True]
        assert snapshot.active is None

    def test_preparing_twice_moves_nothing(self, side: Any, ports: ReleasePorts) -> None:
        _look_healthy(side, ports)
        ports.traffic.switch(Color.BLUE, None)
        ports.charts.prepare()
        assert active_of(ports.traffic.read()) is Color.BLUE

    def test_one_write_moves_all_of_it(self, side: Any, ports: ReleasePorts, process: Process) -> None:
        _look_healthy(side, ports)
        moved = ports.traffic.switch(Color.BLUE, None)
        assert (moved.routers, moved.of) == (1, 1)
        assert active_of(process().traffic.read()) is ports.cluster.read().active is Color.BLUE
        ports.traffic.switch(Color.GREEN, Color.BLUE)
        assert active_of(ports.traffic.read()) is Color.GREEN

    def test_what_has_moved_already_is_left(self, side: Any, ports: ReleasePorts) -> None:
        _look_healthy(side, ports)
        ports.traffic.switch(Color.BLUE, None)
        assert ports.traffic.switch(Color.BLUE, None).routers == 0

    def test_it_does_not_move_from_where_it_is_not(self, side: Any, ports: ReleasePorts) -> None:
        _look_healthy(side, ports)
        ports.traffic.switch(Color.BLUE, None)
        with pytest.raises(ToolFailed):
            ports.traffic.switch(Color.GREEN, None)
        assert active_of(ports.traffic.read()) is Color.BLUE


class TestCluster:
    def test_before_the_first_release_there_is_nothing(self, process: Process) -> None:
        snapshot = process().cluster.read()
        assert ([router.exists for router in snapshot.traffic], snapshot.active) == ([False], None)
        found = {color: (state.release, state.desired, state.pods) for color, state in snapshot.colors.items()}
        assert found == dict.fromkeys(Color, (None, 0, ()))

    def test_a_release_is_installed_sized_replaced_and_stopped(
        self, side: Any, ports: ReleasePorts, eventually: Callable[..., Any]
    ) -> None:
        _install(ports, side.rollout(1, side.image))
        ports.cluster.scale(Color.BLUE, {AGENT: 2})
        state: ColorState = eventually(lambda: _whole(ports, 2), "two ready pods")
        assert (state.release, state.image, state.desired, state.restarts) == (1, side.image, 2, 0)
        assert all(pod.in_service and not pod.waiting and pod.image == side.image for pod in state.pods)

        gone = state.pods[0].name
        ports.cluster.stop_pods([gone, "a-pod-that-never-was"])
        stopped = next((pod for pod in _blue(ports).pods if pod.name == gone), None)
        assert stopped is None or stopped.terminating
        replaced: ColorState = eventually(lambda: _whole(ports, 2), "a pod in its place")
        assert gone not in {pod.name for pod in replaced.living}

        ports.cluster.scale(Color.BLUE, {AGENT: 0})
        assert _blue(ports).desired == 0
        eventually(lambda: not _blue(ports).pods, "no pods")
        assert _blue(ports).release == 1

    def test_an_image_that_cannot_be_pulled_is_seen_as_such(
        self, side: Any, ports: ReleasePorts, eventually: Callable[..., Any]
    ) -> None:
        _install(ports, side.rollout(1, side.missing))
        ports.cluster.scale(Color.BLUE, {AGENT: 1})
        eventually(lambda: any(pod.waiting in UNPULLABLE for pod in _blue(ports).pods), "a pod that says so")
        assert _blue(ports).ready == 0
        words = ports.cluster.last_words(Color.BLUE)
        assert 1 <= len(words) <= 3
        assert all(word.startswith(_blue(ports).pods[0].name) for word in words)

    def test_a_scaled_color_keeps_its_size_when_it_is_installed_again(self, side: Any, ports: ReleasePorts) -> None:
        """Helm renders no size: otherwise each release would begin with one pod, or stop what was scaled up."""
        _install(ports, side.rollout(1, side.missing))
        ports.cluster.scale(Color.BLUE, {AGENT: 2})
        _install(ports, side.rollout(2, side.missing))
        assert (_blue(ports).release, _blue(ports).desired) == (2, 2)

    def test_of_a_color_without_pods_there_are_no_last_words(self, process: Process) -> None:
        assert process().cluster.last_words(Color.GREEN) == ()


def _install(ports: ReleasePorts, rollout: Rollout) -> None:
    ports.settings.ensure(rollout)
    ports.charts.install(rollout)


def _blue(ports: ReleasePorts) -> ColorState:
    return ports.cluster.read().colors[Color.BLUE]


def _whole(ports: ReleasePorts, size: int) -> ColorState | None:
    state = _blue(ports)
    return state if state.settled and state.ready == size == len(state.pods) else None
