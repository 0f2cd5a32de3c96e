"""The gate's own load: at its rate, on ready pods in turn, counted as users would be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from opsctl.core.color import Color
from opsctl.core.environment import Environment, Release, Services
from opsctl.core.health import Counts
from opsctl.core.snapshot import ColorState, Pod
from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Answer
from opsctl.tools.cluster.gate_load import GateLoad
from opsctl.tools.cluster.ways import PodAtFault


class Pods:
    """Each pod's answer, by name: a status, an error, or seconds to wait for a 200."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, int, str, float]] = []

    def get(self, pod: Pod, port: int, path: str, limit: float) -> Answer:
        self.asked.append((pod.name, port, path, time.monotonic()))
        answer = self.answers.get(pod.name, 200)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            time.sleep(answer)
            return Answer(200, {}, b"")
        return Answer(answer, {}, b"")


def state(*names: str, **changed: Any) -> ColorState:
    return ColorState(Color.GREEN, pods=tuple(Pod(name, True, 0, "a:1") for name in names), **changed)


def load_on(pods: Pods, rate: float = 200.0, **policy: Any) -> GateLoad:
    return GateLoad(pods, Environment("test", release=Release(gate_load=rate, **policy)))  # type: ignore[arg-type]


@pytest.fixture
def running() -> Iterator[Callable[..., GateLoad]]:
    """Puts load on these pods until the test ends."""
    made: list[GateLoad] = []

    def run(pods: Pods, *names: str, **options: Any) -> GateLoad:
        made.append(load_on(pods, **options))
        made[-1].put_on(state(*names))
        return made[-1]

    yield run
    for load in made:
        load.take_off()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_it_keeps_its_rate_and_takes_pods_in_turn(running: Callable[..., GateLoad]) -> None:
    pods = Pods()
    load = running(pods, "a", "b", rate=100.0, gate_load_path="/work")
    until(lambda: len(pods.asked) >= 60)
    took = pods.asked[59][3] - pods.asked[0][3]
    assert took >= 0.5, "100 a second, never faster"
    assert {(name, port, path) for name, port, path, _ in pods.asked} == {("a", 8000, "/work"), ("b", 8000, "/work")}
    names = [name for name, *_ in pods.asked[:60]]
    assert abs(names.count("a") - 30) <= 2
    until(lambda: load.counts().requests >= 60)
    assert (load.counts().errors, load.counts().slow) == (0, 0)


def test_what_counts_as_bad(running: Callable[..., GateLoad]) -> None:
    pods = Pods(refuses=PodAtFault("refused"), fails=503, not_found=404, nobody_knows=Unreachable("away"))
    load = running(pods, "refuses", "fails", "not_found", "nobody_knows")
    until(lambda: load.counts().requests >= 60)
    found = load.counts()
    assert found.errors / found.requests == pytest.approx(2 / 3, abs=0.1)


def test_slow_answers_are_counted_and_asked_for_no_faster(running: Callable[..., GateLoad]) -> None:
    load = running(Pods(a=0.03), "a", latency_limit=0.02)
    until(lambda: load.counts().requests >= 20)
    assert load.counts().slow == load.counts().requests


def test_without_a_rate_nobody_is_asked() -> None:
    before, pods = threading.active_count(), Pods()
    load = load_on(pods, rate=0.0)
    load.put_on(state("a"))
    assert (threading.active_count(), load.counts(), pods.asked) == (before, Counts(), [])
    load.take_off()


def test_it_is_taken_off_and_forgotten(running: Callable[..., GateLoad]) -> None:
    pods = Pods()
    load = running(pods, "a")
    until(lambda: load.counts().requests > 5)
    load.take_off()
    assert load.counts() == Counts()
    until(lambda: not any(thread.name == "gate load" for thread in threading.enumerate()))
    load.put_on(state("b"))
    until(lambda: load.counts().requests > 5)
    assert pods.asked[-1][0] == "b"


def test_pods_that_are_not_ready_are_left_alone_and_the_color_says_what_it_offers(
    running: Callable[..., GateLoad],
) -> None:
    pods = Pods()
    load = running(pods)
    offered = Services()
    mixed = ColorState(Color.GREEN, pods=(Pod("a", True, 0, "x"), Pod("b", False, 0, "x")), services=offered)
    load.put_on(mixed)
    until(lambda: load.counts().requests > 10)
    assert {(name, path) for name, _, path, _ in pods.asked} == {("a", offered.api.health_path)}
