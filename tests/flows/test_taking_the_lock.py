"""Terraform's lock is taken from the dead, never from the living, and whoever says "free" has looked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from lock_fakes import FakeLocks, ports, ran

from opsctl.core.lease import Life
from opsctl.core.state_lock import TerraformLock
from opsctl.errors import LockHeld, ToolFailed, Unreachable
from opsctl.flows.state_lock import look, unlock, with_a_face


def test_three_answers() -> None:
    assert look(ports(FakeLocks(lock=None))) is None
    seen = look(ports(FakeLocks(found=ran())))
    assert seen is not None
    assert seen.life is Life.DEAD
    with pytest.raises(Unreachable):
        look(ports(FakeLocks(silent=True)))


def test_a_dead_ones_lock_is_released() -> None:
    locks = FakeLocks(found=ran())
    released = unlock(ports(locks))
    assert released is not None
    assert (locks.asked, locks.lock) == (["5f0aa1d8"], None)


def test_nothing_to_release() -> None:
    assert unlock(ports(FakeLocks(lock=None))) is None


@pytest.mark.parametrize("named", [None, "5f0aa1d8"])
def test_the_living_keep_theirs_whatever_is_said(named: str | None) -> None:
    locks = FakeLocks(found=ran(alive=True))
    with pytest.raises(LockHeld, match="apply of plan 0007"):
        unlock(ports(locks), named)
    assert locks.asked == []


def test_of_another_computer_the_lock_has_to_be_named() -> None:
    locks = FakeLocks(found=ran())
    for named in (None, "another"):
        with pytest.raises(LockHeld) as error:
            unlock(ports(locks, "laptop"), named)
        assert "--id 5f0aa1d8" in error.value.hint
    assert locks.asked == []
    assert unlock(ports(locks, "laptop"), "5f0aa1d8") is not None


def test_released_and_still_held_is_a_failure() -> None:
    with pytest.raises(ToolFailed, match="ana@build-7 still holds it"):
        unlock(ports(FakeLocks(found=ran(), obeys=False)))


def test_released_and_no_answer_is_no_success() -> None:
    @dataclass
    class GoneSilent(FakeLocks):
        def unlock(self, lock: TerraformLock) -> None:
            self.silent = True

    with pytest.raises(Unreachable, match="whether it is free could not be told"):
        unlock(ports(GoneSilent(found=ran())))


def test_somebody_else_who_was_quicker_is_no_failure() -> None:
    @dataclass
    class Quick(FakeLocks):
        def unlock(self, lock: TerraformLock) -> None:
            self.lock = TerraformLock("another", "bob@build-8", "OperationTypePlan", 1100.0)

    assert unlock(ports(Quick(found=ran()))) is not None


def test_who_meets_the_lock_is_told_what_is_known_of_it() -> None:
    met = LockHeld("locked by ana", state="Nothing was changed.", hint="wait")
    told = with_a_face(ports(FakeLocks(found=ran())), met)
    assert "locked by ana@build-7: apply of plan 0007" in told.message
    assert "its Terraform is dead" in told.message
    assert (told.state, told.hint) == ("Nothing was changed.", "opsctl lock release --terraform")


@pytest.mark.parametrize("locks", [FakeLocks(lock=None), FakeLocks(silent=True)])
def test_where_nothing_more_is_known_the_error_stays(locks: FakeLocks) -> None:
    met = LockHeld("locked by ana")
    assert with_a_face(ports(locks), met) is met
