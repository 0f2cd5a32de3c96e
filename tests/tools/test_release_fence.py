"""What a process that slept over the loss of its lock still writes: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.lease import DURATION_S
from opsctl.core.sizes import AGENT
from opsctl.errors import LockHeld, ToolFailed
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster import lease as module
from opsctl.tools.cluster.api import Conflict
from opsctl.tools.cluster.cluster import KubernetesCluster
from opsctl.tools.cluster.lease import KubernetesLease
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.reservation import Reservations
from opsctl.tools.cluster.traffic import Routers

NAMES = Names("apps", "agent")
SERVICE, GREEN = NAMES.core("services", "agent"), NAMES.apps("deployments", "agent-green")
POD = NAMES.core("pods", "green-1")


class Time(SystemClock):
    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def now(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class Process:
    """opsctl on some computer, with all that it writes through."""

    def __init__(self, store: Any, clock: Time, holder: str) -> None:
        self.lock = KubernetesLease(store, NAMES, clock)
        self.lock.holder = holder
        self.traffic = Routers(store, NAMES, self.lock.check)
        self.cluster = KubernetesCluster(store, NAMES, self.traffic, self.lock.check)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    monkeypatch.setattr(module, "RENEW_EVERY_S", 3600.0)  # nobody's heart beats: both sleep
    return Time()


@pytest.fixture
def store() -> KubeStore:
    made = KubeStore("apps")
    made.put_there(SERVICE, {"metadata": {"name": "agent"}, "spec": {"selector": {"opsctl/color": "blue"}}})
    for color in Color:
        made.put_there(NAMES.apps("deployments", f"agent-{color}"), {"metadata": {}, "spec": {"replicas": 2}})
    made.put_there(POD, {"metadata": {"name": "green-1", "uid": "u-1"}})
    return made


@pytest.fixture
def sleeper(store: KubeStore, clock: Time) -> Process:
    found = Process(store, clock, "ana@laptop:1")
    found.lock.acquire("deploys")
    return found


WRITES: list[Callable[[Process], Any]] = [
    lambda process: process.traffic.switch(Color.GREEN, Color.BLUE),
    lambda process: process.cluster.scale(Color.GREEN, {AGENT: 7}),
]


def asleep_at(store: KubeStore, clock: Time, call: str) -> Process:
    """Whoever makes that call sleeps in it, until somebody else has taken over."""
    other = Process(store, clock, "eve@pc:2")

    def sleeping(at: str) -> None:
        if at == call:
            store.broken = lambda at: None
            clock.at += 1
            other.lock.acquire("resumes")

    store.broken = sleeping
    return other


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_was_under_way_is_refused(
    sleeper: Process, store: KubeStore, clock: Time, write: Callable[[Process], Any]
) -> None:
    """It had read, and made sure of its lock. The other one has not written anything of its own yet."""
    path = SERVICE if write is WRITES[0] else GREEN
    before = store.objects[path]["spec"]
    other = asleep_at(store, clock, f"before PATCH {path}")
    with pytest.raises((ToolFailed, LockHeld)):  # one that tries again is told that the lock is gone
        write(sleeper)
    assert store.objects[path]["spec"] == before
    other.lock.release()


@pytest.mark.parametrize("write", WRITES)
def test_who_slept_before_making_sure_is_told(
    sleeper: Process, store: KubeStore, clock: Time, write: Callable[[Process], Any]
) -> None:
    path = SERVICE if write is WRITES[0] else GREEN
    other = asleep_at(store, clock, f"after GET {path}")
    store.calls.clear()
    with pytest.raises(LockHeld, match="the lock was lost"):
        write(sleeper)
    patched = [call for call in store.calls if call == f"PATCH {path}"]
    assert len(patched) == 1, "the other one's, as it took over"
    other.lock.release()


def test_a_pod_is_stopped_by_its_uid(sleeper: Process, store: KubeStore) -> None:
    def replaced(at: str) -> None:
        if at == f"before DELETE {POD}":
            store.put_there(POD, {"metadata": {"name": "green-1", "uid": "u-2"}})

    store.broken = replaced
    with pytest.raises(Conflict):
        sleeper.cluster.stop_pods(["green-1"])
    assert POD in store.objects


def test_pods_are_not_stopped_by_who_lost_the_lock(sleeper: Process, store: KubeStore, clock: Time) -> None:
    other = asleep_at(store, clock, f"after GET {NAMES.core('pods')}")
    with pytest.raises(LockHeld):
        sleeper.cluster.stop_pods(["green-1"])
    assert POD in store.objects
    other.lock.release()


def test_a_free_lock_is_taken_without_touching_anything(store: KubeStore, clock: Time) -> None:
    store.calls.clear()
    found = Process(store, clock, "ana@laptop:1")
    found.lock.acquire("deploys")
    assert not [call for call in store.calls if call.startswith("PATCH")]
    found.lock.release()


def test_taking_a_dead_ones_lock_away_shuts_it_out_too(sleeper: Process, store: KubeStore, clock: Time) -> None:
    person = Reservations(store, NAMES)  # type: ignore[arg-type]
    person.clock = person.object.clock = clock
    clock.at += DURATION_S

    def released(at: str) -> None:
        if at == f"before PATCH {GREEN}":
            store.broken = lambda at: None
            person.give_back()

    sleeper.lock._renewed = clock.at  # it has just renewed, as far as it knows
    store.broken = released
    before = store.objects[GREEN]["spec"]
    with pytest.raises(LockHeld, match="the lock was lost"):
        sleeper.cluster.scale(Color.GREEN, {AGENT: 7})
    assert store.objects[GREEN]["spec"] == before


def test_a_note_of_kubernetes_in_between_is_written_over(sleeper: Process, store: KubeStore) -> None:
    def noted(at: str) -> None:
        if at == f"before PATCH {GREEN}":
            store.broken = lambda at: None
            store.request("PATCH", GREEN, {"status": {"replicas": 1}})

    store.broken = noted
    sleeper.cluster.scale(Color.GREEN, {AGENT: 7})
    assert store.objects[GREEN]["spec"]["replicas"] == 7


def test_nobody_writes_without_a_lock(store: KubeStore) -> None:
    traffic = Routers(store, NAMES)  # type: ignore[arg-type]
    cluster = KubernetesCluster(store, NAMES, traffic)  # type: ignore[arg-type]
    for write in (
        lambda: traffic.switch(Color.GREEN, Color.BLUE),
        lambda: cluster.scale(Color.GREEN, {AGENT: 7}),
        lambda: cluster.stop_pods(["green-1"]),
    ):
        with pytest.raises(LockHeld, match="nothing is written without the lock"):
            write()
