"""On guard after a release has succeeded: looks ever more rarely while all is well, goes back when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import POLICY, FakeProber, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.guarding import LookClosely, Over, Rest
from opsctl.core.health import Counts, Result, Sample, Service
from opsctl.core.lease import LeaseState
from opsctl.core.release import Kind, Outcome
from opsctl.errors import Halted, UsageError
from opsctl.flows.guarding import guard

BY = "ana@build-7"


def at_second(world: World, second: float, act: Callable[[], object]) -> Callable[[str], None]:
    due = [world.clock.now() + second]

    def passed(point: str) -> None:
        if due and world.clock.now() >= due[0]:
            due.clear()
            act()

    return passed


def test_nothing_is_done_while_nothing_is_wrong(warm: World) -> None:
    writes = len(warm.writes)
    assert not guard(warm.ports(), POLICY, 600, BY).by_guard
    assert (len(warm.writes), warm.lease, warm.active) == (writes, None, Color.GREEN)
    assert isinstance(warm.watching.guarding[-1], Over)


def test_it_looks_more_rarely_the_longer_nothing_was_wrong(warm: World) -> None:
    guard(warm.ports(), POLICY, 900, BY)
    rests = [found.seconds for found in warm.watching.guarding if isinstance(found, Rest)]
    assert rests == sorted(rests)
    assert (rests[0] < 1.0, rests[-1]) == (True, 10.0)


@pytest.mark.parametrize("after", [5.0, 500.0])
def test_a_release_that_turns_bad_later_is_rolled_back(warm: World, after: float) -> None:
    started = warm.clock.now()
    warm.at_point = at_second(warm, after, lambda: warm.sick.update({Color.GREEN: frozenset({Service.API})}))
    back = guard(warm.ports(), POLICY, 1800, BY)
    assert back.by_guard
    assert (back.kind, back.outcome, warm.active) == (Kind.ROLLBACK, Outcome.SUCCEEDED, Color.BLUE)
    assert back.started_by == f"{BY} on guard"
    assert [entry.detail for entry in back.entries if entry.what == "guard"] != [""]
    assert warm.clock.now() - started < after + 20.0
    assert last_record(warm) == back


@pytest.mark.parametrize("after", [100.0, 570.0, 1200.0])
def test_users_that_get_errors_bring_it_back_however_rarely_it_looks_by_then(
    warm: World, monkeypatch: pytest.MonkeyPatch, after: float
) -> None:
    """Probes stay fine, and by half an hour two looks lie further apart than `rate_window`."""
    started, usual = warm.clock.now(), FakeProber._sample
    bad_from = started + after

    def sample(self: FakeProber, color: Color, name: str, service: Service, lie: Result | None) -> Sample:
        now = warm.clock.now()
        counts = Counts(20 * (now - started), 20 * max(0.0, now - bad_from))
        found = usual(self, color, name, service, lie)
        return replace(found, counts=counts) if service is Service.METRICS and color is Color.GREEN else found

    monkeypatch.setattr(FakeProber, "_sample", sample)
    guard(warm.ports(), replace(POLICY, rate_window=10.0), 1800, BY)
    assert warm.active is Color.BLUE
    assert warm.clock.now() - bad_from < 60


def test_one_bad_probe_makes_it_look_closely_and_no_more(warm: World) -> None:
    warm.at_point = at_second(warm, 30.0, lambda: warm.lies.update({Color.GREEN: Result.FAILED}))
    assert not guard(warm.ports(), POLICY, 120, BY).by_guard
    assert any(isinstance(found, LookClosely) for found in warm.watching.guarding)


def test_others_may_release_meanwhile_and_end_the_guard(warm: World) -> None:
    def somebody_else() -> None:
        watching = warm.watching
        release(warm, "good:3")
        warm.watching = watching

    warm.at_point = at_second(warm, 10.0, somebody_else)
    assert not guard(warm.ports(), POLICY, 1800, BY).by_guard
    assert warm.active is Color.BLUE
    assert "somebody moved users to blue" in str(warm.watching.guarding[-1])


def test_a_color_that_is_broken_too_gets_no_users(warm: World) -> None:
    warm.at_point = at_second(warm, 10.0, lambda: warm.sick.update(dict.fromkeys(Color, frozenset({Service.API}))))
    back = guard(warm.ports(), POLICY, 1800, BY)
    assert back.by_guard
    assert (back.outcome, warm.active) == (Outcome.HALTED, Color.GREEN)


def test_a_silent_cluster_is_waited_for(warm: World) -> None:
    warm.at_point = at_second(warm, 10.0, lambda: setattr(warm, "silent_until", warm.clock.now() + 60))
    assert not guard(warm.ports(), POLICY, 300, BY).by_guard
    assert warm.active is Color.GREEN


def test_nobody_to_guard(empty: World) -> None:
    with pytest.raises(UsageError, match="none to guard"):
        guard(empty.ports(), POLICY, 60, BY)


def test_a_lock_that_stays_is_said_and_ends_the_guard_with_its_time(warm: World) -> None:
    now = warm.clock.now()
    warm.lease = LeaseState("eve@pc", "moves the database", now, now, 900, until=now + 900)
    warm.sick[Color.GREEN] = frozenset({Service.API})
    with pytest.raises(Halted, match=r"release 2 failed: .*could not be rolled back: .*moves the database"):
        guard(warm.ports(), POLICY, 15, BY)
    assert any("moves the database" in told for told in warm.watching.waited)
    assert warm.active is Color.GREEN


def test_a_silent_cluster_does_not_end_it(warm: World) -> None:
    """Just when it takes the lock, for longer than a person would be asked to wait."""
    warm.sick[Color.GREEN] = frozenset({Service.API})
    warm.at_point = once("before acquire", lambda: setattr(warm, "silent_until", warm.clock.now() + 30.0))
    assert guard(warm.ports(), POLICY, 120, BY).outcome is Outcome.SUCCEEDED
    assert warm.active is Color.BLUE
