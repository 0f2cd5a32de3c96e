"""Rollouts as records, the history that they make, and what status says from both."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fakes import POLICY

from opsctl.core.color import Color
from opsctl.core.health import ColorHealth, Judgement, Service, Verdict
from opsctl.core.history import forgettable, has_served, last_words_of, next_number, recorded_release, rollback_target
from opsctl.core.lease import LeaseState
from opsctl.core.observation import Observation
from opsctl.core.release import GUARD, Entry, Kind, Outcome, Phase, Rollout, from_record
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod, Snapshot, TrafficState
from opsctl.core.status import SWITCH_S, WARM_S, Seen, rollback_readiness, status_json


def rollout(number: int, color: Color, outcome: Outcome | None = Outcome.SUCCEEDED, **other: Any) -> Rollout:
    one = Rollout(
        id=number, kind=Kind.DEPLOY, release=number, color=color, origin=color.other, image=f"a:{number}", settings={},
        sizes={AGENT: 2}, started_at=100.0 * number, started_by="ana", phase=Phase.DRAINING, phase_since=0.0,
        outcome=outcome,
    )  # fmt: skip
    return replace(one, **other)


BLUE1, GREEN2 = rollout(1, Color.BLUE), rollout(2, Color.GREEN)


def snapshot(active: Color | None, blue: int | None, green: int | None, idle: int = 2) -> Snapshot:
    traffic = (TrafficState("service", active),)
    sizes = {c: {AGENT: 2 if c is active else idle} for c in Color}
    states = {c: ColorState(c, number, f"a:{number}" if number else "", sizes[c] if number else {})
              for c, number in ((Color.BLUE, blue), (Color.GREEN, green))}  # fmt: skip
    return Snapshot(0.0, traffic, states)


# --- records ----------------------------------------------------------------------------------------------


def test_a_record_is_json_and_reads_back() -> None:
    one = rollout(3, Color.GREEN, None, hold=True, leaving=("a",), evidence=("b",), values={"x": {"y": 1}})
    one = one.entered(Phase.BAKING, 5.0, "why").timed("cutover_s", 0.0214999)
    assert from_record(json.loads(json.dumps(one.to_record()))) == one


def test_a_newer_opsctl_may_have_added_keys() -> None:
    assert from_record({**BLUE1.to_record(), "invented_later": 1}) == BLUE1


@pytest.mark.parametrize("broken", [{"phase": "dancing"}, {"color": "red"}, {"outcome": "great"}, {"kind": "x"}])
def test_what_is_no_rollout_is_refused(broken: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        from_record({**BLUE1.to_record(), **broken})


def test_time_in_a_phase_adds_up_over_several_visits() -> None:
    one = rollout(1, Color.BLUE, None, phase=Phase.GATING, phase_since=10.0)
    twice = one.entered(Phase.CUTOVER, 12.0).entered(Phase.GATING, 12.5).entered(Phase.CUTOVER, 15.0)
    assert twice.timings == {"gate_s": 4.5}
    assert twice.entered(Phase.BAKING, 15.0).ended(Outcome.SUCCEEDED, 18.0, "ok").timings == {
        "gate_s": 4.5,
        "bake_s": 3.0,
    }


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_what_is_open(outcome: Outcome | None) -> None:
    assert rollout(1, Color.BLUE, outcome).open is (outcome in (None, Outcome.AWAITING_PROMOTION))


# --- history ----------------------------------------------------------------------------------------------

BACK3 = rollout(3, Color.BLUE, kind=Kind.ROLLBACK, release=1)


@pytest.mark.parametrize(
    ("before", "past", "release"),
    [
        (snapshot(Color.GREEN, 1, 2), [BLUE1, GREEN2], 1),
        (snapshot(Color.BLUE, 1, None), [BLUE1], None),
        (snapshot(None, None, None), [], None),
        (snapshot(Color.GREEN, 3, 2), [BLUE1, GREEN2, rollout(3, Color.BLUE, Outcome.ROLLED_BACK)], 1),
        (snapshot(Color.GREEN, 3, 2), [BLUE1, GREEN2, rollout(3, Color.BLUE, Outcome.ABANDONED)], 1),
        (snapshot(Color.GREEN, 1, 2), [BLUE1, rollout(2, Color.GREEN, Outcome.HALTED)], 1),
        (snapshot(Color.BLUE, 1, 2), [BLUE1, GREEN2, BACK3], 2),
        (snapshot(Color.GREEN, 1, 4), [BLUE1, GREEN2, BACK3, rollout(4, Color.GREEN)], 1),
        (snapshot(Color.GREEN, 1, 2), [GREEN2], None),  # its record is gone
    ],
)
def test_where_a_rollback_goes(before: Snapshot, past: list[Rollout], release: int | None) -> None:
    target = rollback_target(before, past)
    assert (target.release if target else None) == release
    assert target is None or target.kind is Kind.DEPLOY, "a rollback's own record is not the release"


def test_a_number_is_never_used_twice() -> None:
    assert next_number(snapshot(None, None, None), []) == 1
    assert next_number(snapshot(Color.GREEN, 1, 2), [BLUE1, GREEN2, BACK3]) == 4
    assert next_number(snapshot(Color.GREEN, 1, 40), []) == 41


def test_the_deploy_that_made_a_release() -> None:
    assert recorded_release(1, [BLUE1, GREEN2, BACK3]) is BLUE1
    assert recorded_release(9, [BLUE1]) is None
    assert recorded_release(None, [BLUE1]) is None


def test_last_words_are_the_latest_of_that_color() -> None:
    past = [replace(BLUE1, evidence=("old",)), replace(GREEN2, evidence=("other",)), rollout(3, Color.BLUE)]
    assert last_words_of(Color.BLUE, past) == ("old",)
    assert last_words_of(Color.BLUE, []) == ()


# --- status -----------------------------------------------------------------------------------------------


def seen(found: Snapshot, past: list[Rollout], lock: LeaseState | None = None, **verdicts: str) -> Seen:
    services = {service: Judgement(Verdict.HEALTHY, "2/2") for service in Service}
    health = {c: ColorHealth(Verdict(verdicts.get(c.value, "healthy")), "a detail", services) for c in Color}
    sockets = {pod.name: 3 for pod in found.colors[Color.BLUE].pods[:1]}
    observation = Observation(0.0, found, health, {}, Judgement(Verdict.UNKNOWN), sockets=sockets)
    return Seen("live", observation, past, lock, POLICY)


def test_rollback_is_ready_and_how_fast_and_what_that_costs() -> None:
    recorded = replace(BLUE1, values={"workloads": [{"name": "agent", "resources": {"cpu": "500m", "memory": "1Gi"}}]})
    found = rollback_readiness(seen(snapshot(Color.GREEN, 1, 2), [recorded, GREEN2]))
    assert found == {
        "ready": True, "to": {"color": "blue", "release": 1, "image": "a:1"}, "seconds": SWITCH_S,
        "why": "blue is warm and healthy; it holds 2 pods of 500m CPU and 1Gi",
    }  # fmt: skip


def test_a_smaller_standby_has_to_grow_first() -> None:
    past = [replace(BLUE1, timings={"warm_s": 7.04}), GREEN2]
    found = rollback_readiness(seen(snapshot(Color.GREEN, 1, 2, idle=1), past))
    assert (found["ready"], found["seconds"], found["why"]) == (
        True, 9.0, "1 more pods have to start; it holds 1 pods",
    )  # fmt: skip


@pytest.mark.parametrize(("timings", "seconds"), [({}, SWITCH_S + WARM_S), ({"warm_s": 7.04}, 9.0)])
def test_a_cold_rollback_takes_as_long_as_it_took_to_warm(timings: dict[str, float], seconds: float) -> None:
    past = [replace(BLUE1, timings=timings), GREEN2]
    for found in (snapshot(Color.GREEN, 1, 2, idle=0), snapshot(Color.GREEN, 3, 2)):
        ready = rollback_readiness(seen(found, past, blue="unknown"))
        assert (ready["ready"], ready["seconds"]) == (True, seconds)


def test_rollback_to_a_sick_color_is_not_ready() -> None:
    found = rollback_readiness(seen(snapshot(Color.GREEN, 1, 2), [BLUE1, GREEN2], blue="unhealthy"))
    assert (found["ready"], found["seconds"], found["why"]) == (False, None, "blue is not healthy: a detail")


@pytest.mark.parametrize("found", [snapshot(None, None, None), snapshot(Color.BLUE, 1, None)])
def test_nowhere_to_roll_back_to(found: Snapshot) -> None:
    assert rollback_readiness(seen(found, [BLUE1]))["ready"] is False


def test_the_shape_that_scripts_rely_on() -> None:
    lock = LeaseState("ana@h:1", "deploys", 1.0, 2.0)
    two = snapshot(Color.GREEN, 1, 2)
    blue = replace(two.colors[Color.BLUE], pods=(Pod("blue-0", True, 0, "a:1"),))
    two = replace(two, colors={**two.colors, Color.BLUE: blue})
    found = json.loads(json.dumps(status_json(seen(two, [BLUE1, GREEN2], lock))))
    assert (found["environment"], found["active"], found["phase"]) == ("live", "green", None)
    assert found["release"] == {"id": 2, "image": "a:2", "color": "green", "started_at": 200.0, "outcome": "succeeded"}
    assert found["colors"]["green"]["serving"] is True
    assert found["colors"]["blue"]["sockets"] == 3
    assert found["traffic"] == [{"router": "service", "active": "green", "blue": 0, "green": 100, "agrees": True}]
    assert found["lock"] == {
        "holder": "ana@h:1",
        "reason": "deploys",
        "since": 1.0,
        "renewed": 2.0,
        "expires": 7.0,
        "until": None,
        "ci": "",
    }
    assert found["services"]["api"] == {"verdict": "healthy", "detail": "2/2"}


def test_before_the_first_release() -> None:
    nothing = replace(snapshot(None, None, None), traffic=(TrafficState("service", None, exists=False),))
    found = status_json(seen(nothing, []))
    assert (found["active"], found["release"], found["traffic"], found["lock"]) == (None, None, [], None)
    assert {each["verdict"] for each in found["services"].values()} == {"unknown"}


@pytest.mark.parametrize("outcome", [None, Outcome.AWAITING_PROMOTION])
def test_the_phase_of_what_is_unfinished(outcome: Outcome | None) -> None:
    past = [BLUE1, rollout(2, Color.GREEN, outcome, phase=Phase.GATING)]
    assert status_json(seen(snapshot(Color.BLUE, 1, 2), past))["phase"] == "gating"


def test_a_release_outlives_the_record_of_its_deploy() -> None:
    assert recorded_release(1, [GREEN2, BACK3]) is BACK3


def test_failures_do_not_push_out_what_serves_and_what_to_go_back_to() -> None:
    failures = [replace(GREEN2, id=n, release=n, outcome=Outcome.ABANDONED) for n in range(4, 20)]
    past = [BLUE1, GREEN2, *failures]
    gone = forgettable(past, 10)
    left = [rollout for rollout in past if rollout not in gone]
    assert [rollout.id for rollout in left] == [1, 2, *range(10, 20)]


def test_an_unfinished_rollout_is_never_forgotten() -> None:
    waiting = replace(BLUE1, outcome=Outcome.AWAITING_PROMOTION)
    assert forgettable([waiting, *[replace(GREEN2, id=n) for n in range(2, 9)]], 2)[0].id != waiting.id


def test_a_release_that_never_served_is_none_to_go_back_to() -> None:
    assert has_served(1, [BLUE1])
    assert not has_served(4, [replace(GREEN2, id=4, release=4, outcome=Outcome.ABANDONED)])


def test_while_a_release_bakes_abort_is_the_way_back() -> None:
    baking = replace(GREEN2, outcome=None, phase=Phase.BAKING)
    ready = rollback_readiness(seen(snapshot(Color.GREEN, 1, 2), [BLUE1, baking]))
    assert (ready["ready"], ready["to"]["color"], "opsctl abort" in ready["why"]) == (True, "blue", True)


def test_before_cutover_an_unfinished_release_promises_no_rollback() -> None:
    warming = replace(GREEN2, outcome=None, phase=Phase.WARMING)
    ready = rollback_readiness(seen(snapshot(Color.BLUE, 1, 2), [BLUE1, warming]))
    assert (ready["ready"], "opsctl resume" in ready["why"]) == (False, True)


@pytest.mark.parametrize(("renewed", "why"), [(-1.0, "eve@pc is at it"), (-60.0, "opsctl resume, or opsctl abort")])
def test_whoever_is_at_it_is_named_while_there_is_somebody(renewed: float, why: str) -> None:
    warming, lock = (
        replace(GREEN2, outcome=None, phase=Phase.WARMING),
        LeaseState("eve@pc", "deploys a:2", -99.0, renewed),
    )
    assert why in rollback_readiness(seen(snapshot(Color.BLUE, 1, 2), [BLUE1, warming], lock))["why"]


def test_where_the_active_color_was_deleted_the_release_before_is_gone_back_to() -> None:
    """Green's Deployment is gone; going back means blue, not what stood in green."""
    target = rollback_target(snapshot(Color.GREEN, 1, None), [BLUE1, GREEN2])
    assert target is BLUE1


def test_nobody_is_brought_back_to_what_a_guard_fled_from() -> None:
    fled = replace(BACK3, origin_release=2, entries=(Entry(3.0, GUARD, "HTTP 500"),))
    assert rollback_target(snapshot(Color.BLUE, 1, 2), [BLUE1, GREEN2, fled]) is None


def test_while_a_person_has_the_lock_nobody_rolls_back() -> None:
    lock = LeaseState("eve@pc", "moves the database", 1.0, 1.0, until=9e9)
    found = rollback_readiness(seen(snapshot(Color.GREEN, 1, 2), [BLUE1, GREEN2], lock))
    assert (found["ready"], found["why"]) == (False, "locked by eve@pc: opsctl lock release")
