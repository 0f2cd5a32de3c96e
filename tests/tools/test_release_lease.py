"""The lock as a Lease: who gets it, how it is kept, lost, outlived and given back. Time is set by the tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from kube_store import KubeStore, lose_answer

from opsctl.core.lease import DURATION_S, MARGIN_S
from opsctl.errors import ExitCode, LockHeld, Unreachable, UsageError
from opsctl.tools.cluster import lease as module
from opsctl.tools.cluster.lease import KubernetesLease
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
LEASES = "/apis/coordination.k8s.io/v1/namespaces/apps/leases"
LEASE = f"{LEASES}/opsctl-agent"


class Time:
    def __init__(self) -> None:
        self.now = 1_700_000_000.25

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """No renewing beside the test: it says when the heart beats."""
    found = Time()
    monkeypatch.setattr(module.time, "time", found.time)
    monkeypatch.setattr(module, "RENEW_EVERY_S", 3600.0)
    return found


@pytest.fixture
def store() -> KubeStore:
    return KubeStore("apps")


@pytest.fixture
def lock(store: KubeStore, clock: Time) -> Iterator[KubernetesLease]:
    made = KubernetesLease(store, NAMES)  # type: ignore[arg-type]
    yield made
    made.release()


def another(store: KubeStore) -> KubernetesLease:
    made = KubernetesLease(store, NAMES)  # type: ignore[arg-type]
    made.holder = "eve@other:7"
    return made


def test_it_says_who_why_and_until_when(lock: KubernetesLease, clock: Time) -> None:
    assert lock.show() is None
    lock.acquire("deploys release 14")
    held = lock.show()
    assert held
    assert (held.holder, held.reason) == (lock.holder, "deploys release 14")
    assert held.since == held.renewed == pytest.approx(clock.now)
    assert held.expires == pytest.approx(clock.now + DURATION_S)


def test_a_second_operator_is_told_who_has_it(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys release 14")
    clock.now += 4
    with pytest.raises(LockHeld) as error:
        another(store).acquire("rolls back")
    assert error.value.exit_code == ExitCode.LOCK_HELD
    words = rf"agent is locked: {lock.holder} deploys release 14 since \d\d:\d\d:\d\d \(4 s ago\), heartbeat 4 s ago"
    assert re.fullmatch(words, error.value.message)
    assert error.value.state == "Nothing was changed."


def test_given_back_it_is_free(lock: KubernetesLease, store: KubeStore) -> None:
    lock.acquire("deploys")
    lock.release()
    assert lock.show() is None
    second = another(store)
    second.acquire("rolls back")
    second.check()
    second.release()


def test_a_dead_holder_is_taken_over(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    another(store).acquire("deploys")
    clock.now += DURATION_S
    lock.acquire("resumes")
    held = lock.show()
    assert held
    assert (held.holder, held.reason) == (lock.holder, "resumes")


def test_of_two_that_find_it_dead_one_gets_it(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    another(store).acquire("deploys")
    clock.now += DURATION_S

    def overtaken(call: str) -> None:
        if call == f"before PUT {LEASE}":
            store.broken = lambda call: None
            third = another(store)
            third.holder = "max@third:1"
            third.acquire("resumes")

    store.broken = overtaken
    with pytest.raises(LockHeld, match="max@third:1 resumes"):
        lock.acquire("resumes")


def test_of_two_that_make_it_one_gets_it(lock: KubernetesLease, store: KubeStore) -> None:
    def overtaken(call: str) -> None:
        if call == f"before POST {LEASES}":
            store.broken = lambda call: None
            another(store).acquire("deploys")

    store.broken = overtaken
    with pytest.raises(LockHeld, match="eve@other:7 deploys"):
        lock.acquire("resumes")


def test_a_fresh_lease_is_checked_without_a_call(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    calls = len(store.calls)
    clock.now += DURATION_S - MARGIN_S - 0.1
    lock.check()
    assert len(store.calls) == calls


def test_after_a_silence_it_is_renewed_where_nobody_took_it(lock: KubernetesLease, clock: Time) -> None:
    """A release must outlive an API server that was away for longer than the lease."""
    lock.acquire("deploys")
    clock.now += 60
    lock.check()
    held = lock.show()
    assert held
    assert held.renewed == pytest.approx(clock.now)


def test_while_nobody_can_tell_it_neither_holds_nor_is_lost(
    lock: KubernetesLease, store: KubeStore, clock: Time
) -> None:
    lock.acquire("deploys")
    clock.now += 60

    def silent(call: str) -> None:
        raise Unreachable("no answer")

    store.broken = silent
    with pytest.raises(Unreachable):
        lock.check()
    store.broken = lambda call: None
    lock.check()


def test_taken_over_it_is_lost_for_good(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.now += DURATION_S
    thief = another(store)
    thief.acquire("resumes")
    with pytest.raises(LockHeld, match="somebody else took it") as error:
        lock.check()
    assert error.value.state == "opsctl stopped before its next write."
    thief.release()
    with pytest.raises(LockHeld):
        lock.check()
    lock.release()
    assert lock.show() is None


def test_who_lost_it_does_not_give_it_back(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.now += DURATION_S
    thief = another(store)
    thief.acquire("resumes")
    lock.release()
    held = thief.show()
    assert held
    assert held.holder == "eve@other:7"
    thief.release()


def test_somebody_released_it(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    del store.objects[LEASE]
    clock.now += DURATION_S
    with pytest.raises(LockHeld, match="somebody released it"):
        lock.check()


def test_a_renewal_whose_answer_is_lost_loses_nothing(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.now += DURATION_S
    lose_answer(store, f"PUT {LEASE}")
    with pytest.raises(Unreachable):
        lock.check()
    lock.check()
    clock.now += DURATION_S
    lock.check()


def test_the_heart_beats_by_itself(store: KubeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    beat = threading.Event()
    monkeypatch.setattr(module, "RENEW_EVERY_S", 0.001)
    store.broken = lambda call: beat.set() if call == f"after PUT {LEASE}" else None
    lock = KubernetesLease(store, NAMES)  # type: ignore[arg-type]
    lock.acquire("deploys")
    assert beat.wait(5)
    lock.release()


def test_without_a_namespace_nothing_was_released(clock: Time) -> None:
    lock = KubernetesLease(KubeStore(), NAMES)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="namespace apps does not exist: nothing was released yet") as error:
        lock.acquire("rolls back")
    assert "opsctl deploy" in error.value.hint
