"""Drains as a whole, over a simulated cluster: agents move on the budget there and back, by either method."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import DRAIN, POLICY, Killed, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Wait
from opsctl.core.health import Service
from opsctl.core.release import Outcome, Phase
from opsctl.core.status import status_json
from opsctl.core.steps import LetGo
from opsctl.errors import Unreachable
from opsctl.flows.status import StatusLook
from opsctl.flows.steer import abort

ASKING = replace(POLICY, drain=replace(DRAIN, method="endpoint"))
SLOW = replace(POLICY, drain=replace(DRAIN, reconnects_per_second=2.0))
AGENTS = 60


@pytest.fixture
def crowded(served: World) -> World:
    """Release 1 serves on blue, and holds AGENTS agents."""
    served.agents = AGENTS
    served.reconcile()
    return served


def held(world: World, color: Color) -> int:
    return sum(pod.agents for pod in world.pods(color))


def asked(world: World) -> list[int]:
    """Portions that the application was asked for, in order."""
    steps = [decision.step for _, decision in world.watching.decisions if isinstance(decision, Act)]
    return [sum(count for _, count in step.portions) for step in steps if isinstance(step, LetGo)]


def test_the_budget_is_waited_for(crowded: World) -> None:
    done = release(crowded, "good:2", replace(SLOW, drain=replace(SLOW.drain, deadline=60.0)))
    crowded.reconcile()
    assert (done.outcome, held(crowded, Color.GREEN)) == (Outcome.SUCCEEDED, AGENTS)
    assert done.timings["drain_s"] > AGENTS / 2 / 2.0, "half of them are on the first pod, which nobody has to wait for"
    told = [decision.why for _, decision in crowded.watching.decisions if isinstance(decision, Wait)]
    assert any(why.startswith("30 agents left, 0:2") for why in told), told[-40:]


def test_the_application_is_asked_for_a_batch_at_a_time(crowded: World) -> None:
    done = release(crowded, "good:2", ASKING)
    assert (done.outcome, held(crowded, Color.GREEN)) == (Outcome.SUCCEEDED, AGENTS)
    assert sum(asked(crowded)) == AGENTS
    assert max(asked(crowded)) == DRAIN.batch


def test_an_application_without_the_endpoint_has_its_pods_stopped_instead(crowded: World) -> None:
    crowded.endpoint = False
    done = release(crowded, "good:2", ASKING)
    assert (done.outcome, held(crowded, Color.GREEN)) == (Outcome.SUCCEEDED, AGENTS)
    assert len(asked(crowded)) == 1
    assert [entry.detail for entry in done.entries if entry.what.startswith("refused let")] == [
        "the application answered 404 to POST /drain"
    ]


def test_what_nobody_heard_of_is_paid_for_all_the_same(crowded: World) -> None:
    """The answer to a portion is lost: it may have gone, so the next one waits as if it had."""

    def lose() -> None:
        raise Unreachable("no answer")

    crowded.at_point = once("after let agents go", lose)
    slow = replace(ASKING, drain=replace(ASKING.drain, reconnects_per_second=5.0, deadline=60.0))
    done = release(crowded, "good:2", slow)
    assert done.outcome is Outcome.SUCCEEDED
    assert done.timings["drain_s"] > (AGENTS - DRAIN.batch) / 5.0


def test_whoever_has_moved_comes_back_within_the_budget(crowded: World) -> None:
    """Green breaks when half of its agents are there; they are not cut off by scaling it to nothing."""
    broken: list[float] = []

    def passed(point: str) -> None:
        if not broken and held(crowded, Color.GREEN) >= AGENTS / 2:
            crowded.sick[Color.GREEN] = frozenset({Service.API})
            broken.append(crowded.clock.now())

    crowded.at_point = passed
    done = release(crowded, "good:2", replace(ASKING, drain=replace(ASKING.drain, reconnects_per_second=20.0)))
    assert (done.outcome, held(crowded, Color.BLUE)) == (Outcome.ROLLED_BACK, AGENTS)
    assert held(crowded, Color.GREEN) == 0
    back = [step for rollout, decision in crowded.watching.decisions if rollout.phase is Phase.ROLLING_BACK
            and isinstance(decision, Act) and isinstance(step := decision.step, LetGo)]  # fmt: skip
    assert len(back) >= 3
    assert all(step.color is Color.GREEN for step in back)


def test_status_says_how_many_are_left_and_how_long_it_takes(crowded: World) -> None:
    found: list[dict[str, object]] = []

    def look() -> None:
        if last_record(crowded).phase is Phase.DRAINING:
            found.append(status_json(StatusLook("live", crowded.ports(), SLOW).once())["drain"])

    crowded.at_point = once("after stop pods", look)
    release(crowded, "good:2", replace(SLOW, drain=replace(SLOW.drain, deadline=60.0)))
    assert found[0]["color"] == "blue"
    assert 30 <= int(str(found[0]["agents"])) <= AGENTS
    assert float(str(found[0]["seconds"])) >= 15.0
    assert status_json(StatusLook("live", crowded.ports(), SLOW).once())["drain"] is None


def test_an_abort_in_mid_drain_brings_agents_back(crowded: World) -> None:
    crowded.at_point = once("after let agents go", lambda: crowded.kill())
    with pytest.raises(Killed):
        release(crowded, "good:2", ASKING)
    crowded.at_point = lambda point: None
    crowded.bury()
    assert held(crowded, Color.BLUE) == AGENTS - DRAIN.batch
    done = abort(crowded.ports(), ASKING)
    crowded.reconcile()
    assert (done.outcome, held(crowded, Color.BLUE)) == (Outcome.ROLLED_BACK, AGENTS)
