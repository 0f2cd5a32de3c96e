"""The pre-flight of a deploy, and a dry run of one: what is found, what is refused, and that nothing is written."""

from __future__ import annotations

import pytest
from fakes import POLICY, World
from release_runs import once, release, wanted

from opsctl.core.bindings import Bound
from opsctl.core.checkup import Level
from opsctl.core.color import Color
from opsctl.core.freeze import Freeze
from opsctl.core.health import Service
from opsctl.core.release import Outcome
from opsctl.core.room import Amount, Room
from opsctl.core.sizes import AGENT
from opsctl.errors import Refused, Unreachable, UsageError
from opsctl.flows.planning import dry_run
from opsctl.flows.steer import rollback

FULL = Room((Amount(64, 2**40, 100),), {"compute": Amount(pods=1)})


def unreachable() -> None:
    raise Unreachable("AWS does not tell")


@pytest.fixture
def served(empty: World) -> World:
    """Release 1 serves on blue."""
    release(empty, "good:1", settings={"LOG_LEVEL": "info", "OLD": "1"})
    empty.writes.clear()
    return empty


def test_a_dry_run_says_what_a_deploy_would_do_and_writes_nothing(served: World) -> None:
    before = (list(served.writes), served.lease, dict(served.records))
    plan, findings = dry_run(wanted("good:2", settings={"LOG_LEVEL": "debug", "NEW": "1"}), served.ports(), POLICY)
    assert (plan.rollout.release, plan.rollout.color, plan.rollout.image) == (2, Color.GREEN, "good:2")
    assert plan.changed_settings == ("LOG_LEVEL", "NEW", "OLD")
    assert plan.back_to
    assert (plan.back_to.color, plan.back_to.ready) == (Color.BLUE, 2)
    assert [found.name for found in findings] == ["nodes", "agents"]
    assert (served.writes, served.lease, served.records) == before


def test_of_what_serves_already_there_is_nothing_to_check(served: World) -> None:
    plan, findings = dry_run(wanted("good:1", settings={"LOG_LEVEL": "info", "OLD": "1"}), served.ports(), POLICY)
    assert (plan.rollout.outcome, findings) == (Outcome.UNCHANGED, [])


def test_before_the_first_release_there_is_nothing_to_go_back_to(empty: World) -> None:
    plan, _ = dry_run(wanted("good:1"), empty.ports(), POLICY)
    assert (plan.rollout.color, plan.back_to, plan.serving) == (Color.BLUE, None, None)
    assert empty.writes == []


def test_it_refuses_what_a_deploy_refuses(served: World) -> None:
    served.freeze = Freeze("sale", "ana@host", served.clock.now(), served.clock.now() + 60)
    with pytest.raises(Refused, match="frozen"):
        dry_run(wanted("good:2"), served.ports(), POLICY)
    served.freeze = None
    with pytest.raises(UsageError, match="blue has the users"):
        dry_run(wanted("good:2", color=Color.BLUE), served.ports(), POLICY)
    release(served, "good:2", hold=True)
    with pytest.raises(Refused, match="unfinished"):
        dry_run(wanted("good:3"), served.ports(), POLICY)


def test_a_color_that_no_quota_lets_in_is_refused_before_anything_is_done(served: World) -> None:
    served.room = FULL
    before, records = list(served.writes), dict(served.records)
    with pytest.raises(Refused, match="quota compute leaves room for 1 more pods, 2 needed") as refused:
        release(served, "good:2")
    assert refused.value.state == "No release was begun; users stay on blue."
    assert (served.writes, served.records, served.lease) == (before, records, None)


def test_a_load_balancer_that_no_pod_could_enter_is_refused_before_anything_is_done(served: World) -> None:
    served.bound = Bound("apps", known=False, gated=True, install="helm upgrade --install …")
    before, records = list(served.writes), dict(served.records)
    assert "TargetGroupBinding" in dry_run(wanted("good:2"), served.ports(), POLICY)[1][-1].detail
    with pytest.raises(Refused, match="the cluster knows no TargetGroupBinding") as refused:
        release(served, "good:2")
    assert refused.value.state == "No release was begun; users stay on blue."
    assert refused.value.hint == "helm upgrade --install …"
    assert (served.writes, served.records, served.lease) == (before, records, None)


def test_that_its_users_stay_is_told_and_stops_nothing(served: World) -> None:
    served.bound = Bound("apps", known=True, gated=True)
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert "users stay on the color of its weights" in served.watching.findings[-1].detail


def test_pods_that_the_load_balancer_sends_users_to_are_not_replaced(served: World) -> None:
    """opsctl moves no weights yet: after a release to green they come to blue as before, until a person moves them."""
    served.bound = Bound("apps", known=True, gated=True)
    release(served, "good:2")
    writes = list(served.writes)
    with pytest.raises(Refused, match="sends users to blue, whose pods this release would replace") as refused:
        release(served, "good:3")
    assert str(refused.value.hint).startswith("move its weights to green first")
    assert served.writes == writes
    served.balanced = frozenset({Color.GREEN})
    assert release(served, "good:3").outcome is Outcome.SUCCEEDED


def test_where_nobody_tells_its_weights_nothing_is_replaced(served: World) -> None:
    served.bound = Bound("apps", known=True, gated=True)
    served.at_point = once("before read weights", unreachable)
    with pytest.raises(Refused, match="whether the load balancer sends users to green is not known"):
        release(served, "good:2")


def test_going_back_does_not_hang_on_it(served: World) -> None:
    release(served, "good:2")
    served.bound = Bound("apps", known=False, gated=False)
    assert rollback(served.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED


def test_pods_that_stand_by_are_counted_as_there(served: World) -> None:
    release(served, "good:2")
    served.room = FULL
    plan, findings = dry_run(wanted("good:3", sizes={AGENT: 3}), served.ports(), POLICY)
    assert plan.rollout.color is Color.BLUE
    assert [found.detail.partition(",")[0] for found in findings] == [
        "room for 100 more pods", "quota compute leaves room for 1", "room for 294 agents",
    ]  # fmt: skip
    assert "1 needed" in findings[0].detail


def test_full_nodes_are_told_and_stop_nothing(served: World) -> None:
    served.room = Room((), None)
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert served.watching.findings[0].detail.startswith("room for 0 more pods, 2 needed")


def test_going_back_asks_for_no_room(served: World) -> None:
    release(served, "good:2")
    served.room = FULL
    assert rollback(served.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED


def test_an_active_color_that_somebody_made_larger_is_not_replaced_by_a_smaller_one(served: World) -> None:
    served.resize(Color.BLUE, 5)
    assert dry_run(wanted("good:2"), served.ports(), POLICY)[0].rollout.replicas == 5


def test_one_that_the_environment_makes_smaller_is(served: World) -> None:
    release(served, "good:2", sizes={AGENT: 4})
    assert dry_run(wanted("good:3", sizes={AGENT: 3}), served.ports(), POLICY)[0].rollout.replicas == 3


@pytest.mark.parametrize("selects", ["", "purple"])
def test_nothing_is_idle_for_sure_where_the_service_selects_no_color_of_ours(served: World, selects: str) -> None:
    served.edit_service(None)
    served.selects = selects
    with pytest.raises(Refused, match="not known which color has the users"):
        release(served, "good:2")
    assert served.writes == []


def test_what_was_changed_by_hand_is_no_longer_the_same(served: World) -> None:
    served.deployments[Color.BLUE].image = "good:3"
    plan, _ = dry_run(wanted("good:1", settings={"LOG_LEVEL": "info", "OLD": "1"}), served.ports(), POLICY)
    assert plan.rollout.outcome is None


def test_agents_without_places_on_the_new_color_are_a_reason_to_refuse(served: World) -> None:
    served.agents = 150
    served.clock.sleep(1)
    served.reconcile()
    with pytest.raises(Refused, match="room for 98 agents, 150 connected"):
        release(served, "good:2", sizes={AGENT: 1})
    assert served.writes == []
    assert dry_run(wanted("good:2", sizes={AGENT: 2}), served.ports(), POLICY)[1][-1].detail.endswith(
        "turned away at first"
    )


def test_agents_that_nobody_can_count_refuse_nothing(served: World) -> None:
    served.sick[Color.BLUE] = frozenset({Service.METRICS})
    found = dry_run(wanted("good:2"), served.ports(), POLICY)[1][-1]
    assert (found.level, found.detail.partition(":")[0]) == (Level.WARN, "not known how many are connected")
