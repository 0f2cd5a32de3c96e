"""Others change the cluster in mid-release: it is noticed, named on record, and undone, or users go back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY, World
from release_runs import last_record, once, release, sizes

from opsctl.core.color import Color
from opsctl.core.health import Service
from opsctl.core.release import Outcome, Phase
from opsctl.flows.steer import rollback

STAGES = [Phase.GATING, Phase.BAKING]


def entering(phase: Phase) -> str:
    return f"after save phase {phase.value}"


def named(world: World) -> list[str]:
    return [entry.detail for entry in last_record(world).entries if entry.detail.startswith("somebody")]


@pytest.mark.parametrize("phase", STAGES)
def test_an_old_color_that_somebody_deletes_is_put_back(served: World, phase: Phase) -> None:
    served.at_point = once(entering(phase), lambda: served.delete(Color.BLUE))
    done = release(served, "good:2")
    served.reconcile()
    assert (done.outcome, sizes(served)) == (Outcome.SUCCEEDED, {Color.BLUE: 2, Color.GREEN: 2})
    assert served.deployments[Color.BLUE].release == 1
    assert "somebody deleted what stood in blue" in named(served)


@pytest.mark.parametrize("phase", STAGES)
def test_an_old_color_that_somebody_scales_down_is_scaled_back(served: World, phase: Phase) -> None:
    served.at_point = once(entering(phase), lambda: served.resize(Color.BLUE, 0))
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert sizes(served)[Color.BLUE] == 2
    assert named(served) == ["somebody made blue smaller: 0 pods instead of 2"]


def test_users_go_back_to_a_color_that_was_deleted_in_the_meantime(served: World) -> None:
    def strike() -> None:
        served.delete(Color.BLUE)
        served.sick[Color.GREEN] = frozenset({Service.API})

    served.at_point = once(entering(Phase.BAKING), strike)
    done = release(served, "good:2")
    assert (done.outcome, served.active, served.fine(Color.BLUE)) == (Outcome.ROLLED_BACK, Color.BLUE, True), done.why


def test_users_go_back_if_somebody_deletes_what_serves_them(served: World) -> None:
    served.at_point = once(entering(Phase.BAKING), lambda: served.delete(Color.GREEN))
    done = release(served, "good:2")
    assert (done.outcome, served.active) == (Outcome.ROLLED_BACK, Color.BLUE)
    assert "does not stand in green any more" in done.why


def test_somebody_who_scales_down_again_and_again_is_not_fought_for_ever(served: World) -> None:
    started = once(entering(Phase.BAKING), lambda: served.resize(Color.BLUE, 1))

    def passed(point: str) -> None:
        started(point)
        if point == "after scale blue":
            served.resize(Color.BLUE, 1)

    served.at_point = passed
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert len(named(served)) == 3


def test_an_autoscaler_that_wants_more_is_left_alone(served: World) -> None:
    served.at_point = once(entering(Phase.GATING), lambda: served.resize(Color.GREEN, 3))
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert (sizes(served)[Color.GREEN], named(served)) == (3, [])


def test_a_smaller_standby_grows_before_users_come_back(served: World) -> None:
    assert release(served, "good:2", replace(POLICY, standby=1)).outcome is Outcome.SUCCEEDED
    assert sizes(served) == {Color.BLUE: 1, Color.GREEN: 2}
    done = rollback(served.ports(), POLICY, "ana")
    assert (done.outcome, served.active, sizes(served)[Color.BLUE]) == (Outcome.SUCCEEDED, Color.BLUE, 2)


def test_an_identical_release_has_pods_of_its_own(served: World) -> None:
    """The evidence of an earlier try proves nothing, and its pods may be the trouble."""
    release(served, "good:2")
    before = {pod.name for pod in served.pods(Color.BLUE)}
    done = release(served, "good:1", settings={})
    assert done.outcome is Outcome.SUCCEEDED
    assert not before & {pod.name for pod in served.pods(Color.BLUE)}
