"""Records and the lock: the same promises, kept by the fakes and by the real cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from opsctl.core.freeze import Freeze
from opsctl.core.lease import DURATION_S, seems_dead
from opsctl.core.release import Outcome, Phase
from opsctl.errors import LockHeld, ToolFailed
from opsctl.ports.release import ReleasePorts

Process = Callable[[], ReleasePorts]


def _hand_over(one: ReleasePorts, other: ReleasePorts) -> None:
    one.lock.release()
    other.lock.acquire("goes on")


class TestJournal:
    def test_a_record_comes_back_whole_in_another_process(self, side: Any, process: Process) -> None:
        one, other = process(), process()
        one.lock.acquire("writes")
        rollout = replace(side.rollout(1, side.image), leaving=("pod-1",), evidence=("pod-1: said so",), hold=True)
        rollout = rollout.entered(Phase.GATING, 2.25, "why").timed("gate_s", 1.125)
        one.journal.save(rollout)
        assert other.journal.rollouts() == [rollout]
        ended = rollout.ended(Outcome.ABANDONED, 3.5, "no good")
        one.journal.save(ended)
        assert other.journal.rollouts() == [ended]

    def test_there_is_nothing_at_first(self, process: Process) -> None:
        assert process().journal.rollouts() == []

    def test_the_newest_ten_are_kept_and_the_newest_is_last(self, side: Any, process: Process) -> None:
        ports = process()
        ports.lock.acquire("writes")
        for number in range(1, 13):
            failed = side.rollout(number, side.image).ended(Outcome.ABANDONED, 2.0, "it did not come up")
            ports.journal.save(failed)
        assert [rollout.id for rollout in ports.journal.rollouts()] == list(range(3, 13))

    def test_failures_do_not_push_out_what_serves(self, side: Any, process: Process) -> None:
        ports = process()
        ports.lock.acquire("writes")
        ports.journal.save(side.rollout(1, side.image).ended(Outcome.SUCCEEDED, 2.0, "it serves"))
        for number in range(2, 14):
            ports.journal.save(side.rollout(number, side.image).ended(Outcome.ABANDONED, 2.0, "it did not come up"))
        assert [rollout.id for rollout in ports.journal.rollouts()] == [1, *range(4, 14)]

    def test_a_record_that_somebody_else_wrote_since_is_not_overwritten(self, side: Any, process: Process) -> None:
        one, other = process(), process()
        one.lock.acquire("writes")
        one.journal.save(side.rollout(1, side.image))
        _hand_over(one, other)
        theirs = other.journal.rollouts()[0].noted(4.0, "theirs")
        other.journal.save(theirs)
        _hand_over(other, one)
        with pytest.raises(ToolFailed):
            one.journal.save(side.rollout(1, side.image).noted(5.0, "mine"))
        assert one.journal.rollouts() == [theirs]

    def test_a_number_that_is_taken_is_not_taken_again(self, side: Any, process: Process) -> None:
        one, other = process(), process()
        one.lock.acquire("writes")
        one.journal.save(side.rollout(1, side.image))
        _hand_over(one, other)
        with pytest.raises(ToolFailed):
            other.journal.save(side.rollout(1, side.image))


class TestLock:
    def test_it_is_free_at_first_and_after_release(self, process: Process) -> None:
        ports = process()
        assert ports.lock.show() is None
        ports.lock.acquire("deploys a:1")
        ports.lock.check()
        ports.lock.release()
        assert ports.lock.show() is None
        process().lock.acquire("deploys a:2")

    def test_it_shows_who_holds_it_why_and_until_when(self, process: Process) -> None:
        ports = process()
        before = ports.clock.now()
        ports.lock.acquire("deploys a:1")
        shown = process().lock.show()
        assert shown
        assert (shown.reason, shown.duration) == ("deploys a:1", DURATION_S)
        assert "@" in shown.holder
        assert before - 0.01 <= shown.since <= shown.renewed <= ports.clock.now()

    def test_a_second_process_is_told_who_has_it(self, process: Process) -> None:
        one, other = process(), process()
        one.lock.acquire("deploys a:1")
        shown = one.lock.show()
        with pytest.raises(LockHeld) as refused:
            other.lock.acquire("deploys a:2")
        assert shown
        assert f"{shown.holder} deploys a:1" in refused.value.message
        assert one.lock.show() is not None
        one.lock.check()

    def test_releasing_what_is_not_held_changes_nothing(self, process: Process) -> None:
        one, other = process(), process()
        one.lock.acquire("deploys a:1")
        other.lock.release()
        assert one.lock.show()
        one.lock.check()

    def test_a_dead_ones_lock_is_taken_over(self, side: Any, process: Process) -> None:
        side.leave_dead_lock("died")
        ports = process()
        dead = ports.lock.show()
        assert dead
        assert seems_dead(dead, ports.clock.now())
        ports.lock.acquire("goes on")
        taken = ports.lock.show()
        assert taken
        assert taken.reason == "goes on"
        assert not seems_dead(taken, ports.clock.now())

    def test_who_lost_it_is_stopped_before_the_next_write(
        self, side: Any, process: Process, eventually: Callable[..., Any]
    ) -> None:
        robbed = process()
        robbed.lock.acquire("deploys a:1")
        side.rob()
        eventually(lambda: _stopped(robbed), "the loser to notice", 10)
        robbed.lock.release()
        held = process().lock.show()
        assert held
        assert held.holder == "eve@host:1"

    def test_whoever_holds_it_hears_who_wants_it(
        self, side: Any, process: Process, eventually: Callable[..., Any]
    ) -> None:
        one, other = process(), process()
        one.lock.acquire("deploys a:1")
        assert one.lock.rival() == ""
        other.lock.ask("eve@pc deploys a:2")
        assert eventually(one.lock.rival, "the holder to hear of it", 10) == "eve@pc deploys a:2"
        one.lock.check()
        other.lock.retract()
        eventually(lambda: one.lock.rival() == "", "the holder to hear of that, too", 10)
        one.lock.release()
        assert one.lock.show() is None

    def test_asking_nobody_makes_no_lock(self, process: Process) -> None:
        ports = process()
        ports.lock.ask("eve@pc deploys a:2")
        assert ports.lock.show() is None


class TestReservation:
    """The lock as a person holds it."""

    def test_it_blocks_processes_until_it_is_given_back(self, side: Any, process: Process) -> None:
        ports, access = process(), side.access()
        until = float(int(ports.clock.now()) + 3600)
        taken = access.reservations.take("moving the database", until)
        assert (taken.reason, taken.until) == ("moving the database", until)
        with pytest.raises(LockHeld, match=r"holds it since .*: moving the database"):
            ports.lock.acquire("deploys a:1")
        with pytest.raises(LockHeld, match="moving the database"):
            access.reservations.take("another thing", until)
        shown = access.reservations.show()
        assert shown
        assert (shown.holder, shown.until) == (taken.holder, until)
        given = access.reservations.give_back()
        assert given
        assert given.reason == "moving the database"
        assert access.reservations.give_back() is None
        ports.lock.acquire("deploys a:1")

    def test_its_time_over_it_blocks_nobody(self, side: Any, process: Process, eventually: Callable[..., Any]) -> None:
        ports, access = process(), side.access()
        until = ports.clock.now() + 1
        access.reservations.take("a moment", until)
        eventually(lambda: ports.clock.now() >= until, "its time to be over", 5)
        ports.lock.acquire("deploys a:1")

    def test_a_living_process_keeps_its_lock(self, side: Any, process: Process) -> None:
        ports, access = process(), side.access()
        ports.lock.acquire("deploys a:1")
        with pytest.raises(LockHeld, match="deploys a:1"):
            access.reservations.give_back()
        with pytest.raises(LockHeld, match="deploys a:1"):
            access.reservations.take("moving the database", ports.clock.now() + 60)
        ports.lock.check()

    def test_a_dead_ones_is_taken_away(self, side: Any, process: Process) -> None:
        side.leave_dead_lock("died")
        access = side.access()
        given = access.reservations.give_back()
        assert given
        assert given.reason == "died"
        assert access.reservations.show() is None


class TestFreezes:
    def test_one_at_a_time_comes_back_whole_and_is_lifted(self, side: Any, process: Process) -> None:
        freezes = side.access().freezes
        assert freezes.read() is None
        first, second = Freeze("the sale", "ana@pc", 1.5, 2.25), Freeze("the audit", "eve@pc", 3.0, 4.0)
        freezes.write(first)
        assert process().freezes.read() == first
        freezes.write(second)
        assert process().freezes.read() == second
        freezes.lift()
        freezes.lift()
        assert process().freezes.read() is None

    def test_it_is_no_record_of_a_release(self, side: Any, process: Process) -> None:
        side.access().freezes.write(Freeze("the sale", "ana@pc", 1.5, 2.25))
        assert process().journal.rollouts() == []


def _stopped(ports: ReleasePorts) -> bool:
    try:
        ports.lock.check()
    except LockHeld:
        return True
    return False
