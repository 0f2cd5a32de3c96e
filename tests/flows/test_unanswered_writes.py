"""A cluster that can be read and does not take writes: tried again, told, given up after the silence limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import DRAIN, POLICY, Killed, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.release import Outcome, Rollout
from opsctl.core.rollout import Wait
from opsctl.errors import Halted, Unreachable
from opsctl.flows.patience import FIRST_S, LONGEST_S, START_S, Patience
from opsctl.flows.steer import abort, resume, rollback

SHORT = replace(
    POLICY, gate_seconds=0.3, bake_seconds=0.5, probe_interval=0.25, drain=replace(DRAIN, quiet_seconds=0.2)
)
WORDS = "the cluster answered 503"


def unanswered(world: World, call: str, times: int) -> Callable[[str], None]:
    """That many such calls get no answer: those named "before" are not done, those named "after" are."""
    left = [times]

    def at(point: str) -> None:
        if point == call and left[0]:
            left[0] -= 1
            raise Unreachable(WORDS)

    return at


def told(world: World) -> list[str]:
    return [d.why for _, d in world.watching.decisions if isinstance(d, Wait) and WORDS in d.why]


@pytest.mark.parametrize(
    "call",
    [
        "before install green", "after install green", "before scale green", "after scale green",
        "before switch to green", "after switch to green", "before stop pods", "after stop pods",
        "before save phase gating", "after save phase baking", "before save outcome succeeded",
        "after save outcome succeeded",
    ],
)  # fmt: skip
def test_a_write_without_an_answer_is_looked_at_tried_again_and_told(served: World, call: str) -> None:
    served.at_point = unanswered(served, call, 3)
    ended = release(served, "good:2", SHORT)
    assert (ended.outcome, served.active) == (Outcome.SUCCEEDED, Color.GREEN)
    assert last_record(served) == ended, "what is reported is what is on record"
    assert told(served)[0] == f"for 0 s: {WORDS}"


STARTS = ["ensure namespace", "acquire", "read records", "read", "prepare", "save new rollout"]


@pytest.mark.parametrize("call", [f"{moment} {what}" for what in STARTS for moment in ("before", "after")])
def test_a_start_without_an_answer_is_tried_again_and_told(served: World, call: str) -> None:
    served.at_point = unanswered(served, call, 1)
    assert release(served, "good:2", SHORT).outcome is Outcome.SUCCEEDED
    assert set(served.watching.waited) == {WORDS}


def test_a_start_that_gets_no_answer_for_long_is_given_up(served: World) -> None:
    served.at_point = unanswered(served, "before acquire", 10_000)
    started = served.clock.now()
    with pytest.raises(Unreachable, match=WORDS):
        release(served, "good:2", SHORT)
    assert START_S <= served.clock.now() - started < START_S + LONGEST_S + 0.1
    assert last_record(served).id == 1, "nothing was begun"


@pytest.mark.parametrize("what", ["acquire", "read records", "read", "save phase warming", "save new rollout"])
@pytest.mark.parametrize("steer", [resume, abort, rollback])
def test_steering_without_an_answer_is_tried_again(served: World, steer: Callable[..., Rollout], what: str) -> None:
    if steer is rollback:
        release(served, "good:2", SHORT)
    else:
        served.at_point = once("after save phase gating", served.kill)
        with pytest.raises(Killed):
            release(served, "good:2", SHORT)
    served.at_point = unanswered(served, f"before {what}", 2)
    ports = served.ports()
    ended = rollback(ports, SHORT, "ana") if steer is rollback else steer(ports, SHORT)
    assert ended.outcome is (Outcome.ABANDONED if steer is abort else Outcome.SUCCEEDED)


def test_an_outcome_that_could_not_be_recorded_at_once_keeps_its_figures(served: World) -> None:
    served.at_point = unanswered(served, "before save done switch blue to green", 1)
    ended = release(served, "good:2", SHORT)
    assert "cutover_s" in ended.timings
    assert "done switch blue to green" in [entry.what for entry in last_record(served).entries]


def test_writes_that_get_no_answer_for_long_halt_and_another_goes_on(served: World) -> None:
    served.at_point = unanswered(served, "before switch to green", 10_000)
    with pytest.raises(Halted, match=f"in vain for .* s: {WORDS}") as error:
        release(served, "good:2", SHORT)
    assert "unfinished on record" in error.value.state
    assert served.active is Color.BLUE
    served.at_point = lambda point: None
    assert resume(served.ports(), SHORT).outcome is Outcome.SUCCEEDED


def test_pauses_grow_to_a_bound_and_begin_anew() -> None:
    patience = Patience(limit=60.0)
    pauses = [patience.pause() for _ in range(8)]
    assert pauses[0] == FIRST_S
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_S
    assert [patience.failed(at) for at in (100.0, 107.5)] == [0.0, 7.5]
    patience.done()
    assert (patience.pause(), patience.failed(200.0)) == (FIRST_S, 0.0)
