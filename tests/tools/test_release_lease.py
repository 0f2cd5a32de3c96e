"""The lock as a Lease: who gets it, how it is kept, lost, outlived and given back. Time is set by the tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from kube_store import KubeStore, lose_answer

from opsctl.core.lease import DURATION_S, LONG_S, MARGIN_S, MISSED_S
from opsctl.errors import ExitCode, LockHeld, Unreachable, UsageError
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster import lease as module
from opsctl.tools.cluster.lease import KubernetesLease
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
LEASES = "/apis/coordination.k8s.io/v1/namespaces/apps/leases"
LEASE = f"{LEASES}/opsctl-agent"


class Time(SystemClock):
    """Whoever sleeps is asleep for `meanwhile`, which is what others do in that time."""

    def __init__(self) -> None:
        self.at, self.ahead = 1_700_000_000.25, 0.0
        self.meanwhile: Callable[[], None] = lambda: None

    def now(self) -> float:
        """`ahead` is how far this computer's time of day is."""
        return self.at + self.ahead

    def steady(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.meanwhile()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """No renewing beside the test: it says when the heart beats."""
    monkeypatch.setattr(module, "RENEW_EVERY_S", 3600.0)
    return Time()


@pytest.fixture
def store() -> KubeStore:
    return KubeStore("apps")


@pytest.fixture
def lock(store: KubeStore, clock: Time) -> Iterator[KubernetesLease]:
    made = KubernetesLease(store, NAMES, clock)  # type: ignore[arg-type]
    yield made
    made.release()


@pytest.fixture
def other(store: KubeStore, clock: Time) -> Iterator[KubernetesLease]:
    """Another process, on another computer."""
    made = another(store, clock)
    yield made
    made.release()


def another(store: KubeStore, clock: Time, holder: str = "eve@other:7") -> KubernetesLease:
    made = KubernetesLease(store, NAMES, clock)  # type: ignore[arg-type]
    made.holder = holder
    return made


def beating(clock: Time, holder: KubernetesLease) -> None:
    """While others sleep, its heart beats."""
    clock.meanwhile = holder._renew


def test_it_says_who_why_and_until_when(lock: KubernetesLease, clock: Time) -> None:
    assert lock.show() is None
    lock.acquire("deploys release 14")
    held = lock.show()
    assert held
    assert (held.holder, held.reason) == (lock.holder, "deploys release 14")
    assert held.since == held.renewed == pytest.approx(clock.now())
    assert held.expires == pytest.approx(clock.now() + DURATION_S)


def test_a_lock_whose_answer_got_lost_is_ours_at_once(store: KubeStore, lock: KubernetesLease, clock: Time) -> None:
    for call in (f"POST {LEASES}", f"PUT {LEASE}"):
        lose_answer(store, call)
        with pytest.raises(Unreachable):
            lock.acquire("deploys")
        clock.at += 0.1
    before = clock.at
    lock.acquire("deploys")
    assert clock.at == before, "nobody waited for ourselves to be dead"
    lock.check()


def test_a_lock_that_another_took_meanwhile_is_not_ours(
    store: KubeStore, lock: KubernetesLease, other: KubernetesLease, clock: Time
) -> None:
    lose_answer(store, f"POST {LEASES}")
    with pytest.raises(Unreachable):
        lock.acquire("deploys")
    other.acquire("rolls back")
    beating(clock, other)
    with pytest.raises(LockHeld, match="eve@other:7"):
        lock.acquire("deploys")


def test_a_second_operator_is_told_who_has_it(lock: KubernetesLease, other: KubernetesLease, clock: Time) -> None:
    lock.acquire("deploys release 14")
    clock.at += 4
    beating(clock, lock)
    with pytest.raises(LockHeld) as error:
        other.acquire("rolls back")
    assert error.value.exit_code == ExitCode.LOCK_HELD
    words = rf"agent is locked: {lock.holder} deploys release 14 since \d\d:\d\d:\d\d \(4 s ago\), heartbeat 0 s ago"
    assert re.fullmatch(words, error.value.message)
    assert error.value.state == "Nothing was changed."
    assert "opsctl deploy --wait 10m" in error.value.hint


def test_the_ci_job_is_named(
    lock: KubernetesLease, other: KubernetesLease, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_JOB_URL", "https://ci.example.com/jobs/7")
    lock.acquire("deploys release 14")
    held = lock.show()
    assert held
    assert held.ci == "https://ci.example.com/jobs/7"
    beating(clock, lock)
    with pytest.raises(LockHeld) as error:
        other.acquire("rolls back")
    assert "https://ci.example.com/jobs/7" in error.value.hint


def test_given_back_it_is_free(lock: KubernetesLease, other: KubernetesLease) -> None:
    lock.acquire("deploys")
    lock.release()
    assert lock.show() is None
    other.acquire("rolls back")
    other.check()


class TestDead:
    def test_whose_heart_stopped_is_seen_dead_after_the_leases_duration(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        other.acquire("deploys")
        clock.at += 1
        died = clock.at
        lock.acquire("resumes")
        held = lock.show()
        assert held
        assert (held.holder, held.reason) == (lock.holder, "resumes")
        assert DURATION_S <= clock.at - died <= DURATION_S + 0.5

    @pytest.mark.parametrize("ahead", [-3600.0, -10.0, -2.0, 2.0, 10.0])
    def test_clocks_that_differ_rob_nobody_alive(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time, ahead: float
    ) -> None:
        """The looker's time of day is wrong by seconds, or far behind: the holder seems to beat in the future."""
        other.acquire("deploys")
        holders = Time()
        holders.at = clock.at
        other.clock = other.object.clock = holders
        beating(clock, other)
        clock.ahead = ahead
        with pytest.raises(LockHeld, match="eve@other:7 deploys"):
            lock.acquire("resumes")

    def test_a_heartbeat_from_the_future_locks_nobody_out(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        clock.ahead = 86400.0
        other.acquire("deploys")
        clock.ahead = 0.0
        died = clock.at
        lock.acquire("resumes")
        assert clock.at - died <= DURATION_S + 0.5

    def test_one_that_is_long_gone_is_taken_over_soon(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        other.acquire("deploys")
        clock.at += LONG_S
        before = clock.at
        lock.acquire("resumes")
        assert MISSED_S <= clock.at - before < DURATION_S

    def test_one_that_is_given_back_while_we_look_is_free(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        other.acquire("deploys")
        clock.meanwhile = other.release
        before = clock.at
        lock.acquire("rolls back")
        assert clock.at - before < 1

    def test_of_two_that_find_it_dead_one_gets_it(
        self, lock: KubernetesLease, other: KubernetesLease, store: KubeStore, clock: Time
    ) -> None:
        other.acquire("deploys")
        clock.at += LONG_S

        def overtaken(call: str) -> None:
            if call == f"before PUT {LEASE}":
                store.broken = lambda call: None
                another(store, clock, "max@third:1").acquire("resumes")

        store.broken = overtaken
        with pytest.raises(LockHeld, match="max@third:1 resumes"):
            lock.acquire("resumes")


def test_of_two_that_make_it_one_gets_it(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    def overtaken(call: str) -> None:
        if call == f"before POST {LEASES}":
            store.broken = lambda call: None
            another(store, clock).acquire("deploys")

    store.broken = overtaken
    with pytest.raises(LockHeld, match="eve@other:7 deploys"):
        lock.acquire("resumes")


def test_a_fresh_lease_is_checked_without_a_call(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    calls = len(store.calls)
    clock.at += DURATION_S - MARGIN_S - 0.1
    lock.check()
    assert len(store.calls) == calls


def test_after_a_silence_it_is_renewed_where_nobody_took_it(lock: KubernetesLease, clock: Time) -> None:
    """A release must outlive an API server that was away for longer than the lease."""
    lock.acquire("deploys")
    clock.at += 60
    lock.check()
    held = lock.show()
    assert held
    assert held.renewed == pytest.approx(clock.now())


def test_while_nobody_can_tell_it_neither_holds_nor_is_lost(
    lock: KubernetesLease, store: KubeStore, clock: Time
) -> None:
    lock.acquire("deploys")
    clock.at += 60

    def silent(call: str) -> None:
        raise Unreachable("no answer")

    store.broken = silent
    with pytest.raises(Unreachable):
        lock.check()
    store.broken = lambda call: None
    lock.check()


def test_taken_over_it_is_lost_for_good(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.at += LONG_S
    thief = another(store, clock)
    thief.acquire("resumes")
    with pytest.raises(LockHeld, match="somebody else took it, or released it") as error:
        lock.check()
    assert error.value.state == "opsctl stopped before its next write."
    thief.release()
    with pytest.raises(LockHeld):
        lock.check()
    lock.release()
    assert lock.show() is None


def test_who_lost_it_does_not_give_it_back(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.at += LONG_S
    thief = another(store, clock)
    thief.acquire("resumes")
    lock.release()
    held = thief.show()
    assert held
    assert held.holder == "eve@other:7"
    thief.release()


class TestDeleted:
    def test_while_it_is_surely_ours_it_is_made_again(
        self, lock: KubernetesLease, other: KubernetesLease, store: KubeStore, clock: Time
    ) -> None:
        lock.acquire("deploys")
        first = lock.show()
        del store.objects[LEASE]
        clock.at += DURATION_S - MARGIN_S
        lock.check()
        again = lock.show()
        assert first
        assert again
        assert (again.holder, again.reason, again.since) == (first.holder, first.reason, first.since)
        beating(clock, lock)
        with pytest.raises(LockHeld):
            other.acquire("resumes")

    def test_somebody_else_has_made_one(
        self, lock: KubernetesLease, other: KubernetesLease, store: KubeStore, clock: Time
    ) -> None:
        lock.acquire("deploys")
        del store.objects[LEASE]
        other.acquire("deploys")
        clock.at += DURATION_S - MARGIN_S
        with pytest.raises(LockHeld, match="somebody else took it"):
            lock.check()
        lock.release()
        held = other.show()
        assert held
        assert held.holder == "eve@other:7"

    def test_somebody_else_makes_one_while_we_do(self, lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
        lock.acquire("deploys")
        del store.objects[LEASE]
        clock.at += DURATION_S - MARGIN_S

        def overtaken(call: str) -> None:
            if call == f"before POST {LEASES}":
                store.broken = lambda call: None
                another(store, clock).acquire("deploys")

        store.broken = overtaken
        with pytest.raises(LockHeld, match="somebody else took it"):
            lock.check()

    def test_after_a_silence_somebody_may_have_had_it_and_given_it_back(
        self, lock: KubernetesLease, store: KubeStore, clock: Time
    ) -> None:
        lock.acquire("deploys")
        del store.objects[LEASE]
        clock.at += DURATION_S
        with pytest.raises(LockHeld, match="somebody else took it, or released it"):
            lock.check()
        assert lock.show() is None


class TestGivingWay:
    def test_nobody_asks_at_first(self, lock: KubernetesLease) -> None:
        assert lock.rival() == ""
        lock.acquire("deploys")
        assert lock.rival() == ""

    def test_the_holder_hears_it_at_its_next_heartbeat_and_keeps_the_lock(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        lock.acquire("deploys")
        other.ask("eve@other deploys b:2")
        clock.at += DURATION_S - MARGIN_S
        lock.check()
        assert lock.rival() == "eve@other deploys b:2"
        other.retract()
        clock.at += DURATION_S - MARGIN_S
        lock.check()
        assert lock.rival() == ""

    def test_whoever_is_asked_can_give_it_back_at_once(self, lock: KubernetesLease, other: KubernetesLease) -> None:
        lock.acquire("deploys")
        other.ask("eve@other deploys b:2")
        lock.release()
        assert lock.show() is None

    def test_the_wish_does_not_outlive_the_holder(
        self, lock: KubernetesLease, other: KubernetesLease, clock: Time
    ) -> None:
        lock.acquire("deploys")
        other.ask("eve@other deploys b:2")
        clock.at += LONG_S
        other.acquire("deploys")
        assert other.rival() == ""

    def test_where_nobody_holds_it_nobody_is_asked(self, lock: KubernetesLease) -> None:
        lock.ask("eve@other deploys b:2")
        lock.retract()
        assert lock.show() is None


def test_a_renewal_whose_answer_is_lost_loses_nothing(lock: KubernetesLease, store: KubeStore, clock: Time) -> None:
    lock.acquire("deploys")
    clock.at += DURATION_S
    lose_answer(store, f"PUT {LEASE}")
    with pytest.raises(Unreachable):
        lock.check()
    lock.check()
    clock.at += DURATION_S
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
    lock = KubernetesLease(KubeStore(), NAMES, clock)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="namespace apps does not exist: nothing was released yet") as error:
        lock.acquire("rolls back")
    assert "opsctl deploy" in error.value.hint
