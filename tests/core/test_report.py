"""What a report tells: figures that add up, phases without gaps, the story in order, and no value of any setting."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from fakes import POLICY, World
from release_runs import last_record, once, release

from opsctl.core.color import Color
from opsctl.core.headline import headline
from opsctl.core.health import Service
from opsctl.core.release import ABORTED, Outcome, Phase, Rollout
from opsctl.core.report import report_json
from opsctl.core.tape import from_record
from opsctl.core.verdict_rules import rule_about, rule_of_phase
from opsctl.flows.steer import abort, rollback


@pytest.fixture
def world() -> World:
    made = World()
    release(made, "good:1")
    return made


def report(world: World, rollout: Rollout | None = None) -> dict[str, Any]:
    rollout = rollout or last_record(world)
    found = report_json("test", rollout, from_record(json.loads(world.tapes[rollout.id])))
    assert json.loads(json.dumps(found)) == found, "it has to be JSON as it stands"
    return found


def test_every_lane_adds_up_whichever_way_it_is_counted(world: World) -> None:
    release(world, "late-500:1")
    found = report(world)
    assert {(lane["source"], lane["color"]) for lane in found["samples"]["lanes"]} >= {
        (service.value, color.value) for service in Service for color in Color
    }
    for lane in found["samples"]["lanes"]:
        for name in ("asked", "failed", "unknown"):
            assert sum(point[name] for point in lane["points"]) == lane[name]
            assert sum(phase[name] for phase in lane["phases"]) == lane[name]


def test_phases_follow_each_other_from_start_to_end(world: World) -> None:
    rollout = release(world, "late-500:1")
    phases = report(world)["phases"]
    assert [phase["phase"] for phase in phases] == ["warming", "gating", "cutover", "baking", "rolling_back"]
    assert (phases[0]["from"], phases[-1]["to"]) == (rollout.started_at, rollout.ended_at)
    assert all(before["to"] == after["from"] for before, after in pairwise(phases))
    assert all(phase["rule"] for phase in phases)


def test_the_story_is_in_order_and_says_when_trouble_was_first_seen(world: World) -> None:
    release(world, "late-500:1")
    found = report(world)
    assert [told["what"].partition(":")[0] for told in found["story"]] == [
        "ana@build-7 started it", "users moved from blue to green", "the first failing answer",
        "decided to bring users back", "users moved from green to blue", "Release 2 failed and was rolled back.",
    ]  # fmt: skip
    assert (found["users_on"], found["moves"][-1]["to"]) == ("blue", "blue")
    assert found["last_words"] != []


def test_of_settings_only_the_names_are_in_it(world: World) -> None:
    release(world, "good:2", settings={"TOKEN": "hunter2"}, values={"env": {"TOKEN": "hunter2"}}, commit="c0ffee")
    found = report(world)
    assert (found["settings"], found["commit"]) == (["TOKEN"], "c0ffee")
    assert "hunter2" not in json.dumps(found)


def test_verdicts_come_with_their_rule(world: World) -> None:
    release(world, "late-500:1")
    back = next(each for each in report(world)["decisions"] if each["decision"] == "go on to rolling_back")
    failed = [verdict for verdict in back["verdicts"] if verdict["verdict"] == "unhealthy"]
    assert ("api", "green") in {(verdict["about"], verdict["color"]) for verdict in failed}
    assert all(verdict["rule"] for verdict in back["verdicts"])


def test_a_rule_names_the_figures_that_a_release_began_with() -> None:
    policy = replace(POLICY, consecutive=4, of_last=9, error_ratio_limit=0.125, bake_seconds=77)
    assert "4 failing of its last 9" in rule_about("api", policy)
    assert "12.5%" in rule_about("requests", policy)
    assert rule_about("something else", policy) == ""
    assert "77 s" in rule_of_phase(Phase.BAKING, policy)
    assert all(rule_of_phase(phase, policy) for phase in Phase)


def test_a_release_without_samples_is_told_as_far_as_its_record_goes(world: World) -> None:
    found = report_json("test", last_record(world), None)
    assert (found["samples"], found["decisions"], found["outcome"]) == (None, [], "succeeded")


def test_one_that_is_not_finished_says_where_it_is(world: World) -> None:
    world.at_point = once("after switch to green", lambda: _raise(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        release(world, "good:2")
    found = report_json("test", last_record(world), None)
    assert (found["headline"], found["seconds"]) == ("Release 2 is not finished: cutover.", None)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("good:2", "Release 2 serves users."),
        ("missing:1", "Release 2 failed before it had traffic and was abandoned."),
    ],
)
def test_the_headline_says_what_became_of_it(world: World, image: str, said: str) -> None:
    release(world, image)
    assert report(world)["headline"] == said


def test_headlines_of_what_people_did(world: World) -> None:
    release(world, "good:2")
    rollback(world.ports(), POLICY, "ana")
    assert report(world)["headline"] == "Users were brought back to release 1."
    assert headline(release(world, "good:3", hold=True)) == "Release 4 is ready and waits for a person."
    assert abort(world.ports(), POLICY).why == ABORTED
    assert report(world)["headline"] == "Release 4 was aborted, as asked."


def test_a_halt_needs_a_person() -> None:
    rollout = release(World(), "late-500:1")
    assert (rollout.outcome, headline(rollout)) == (Outcome.HALTED, "Release 1 halted: a person is needed.")


def _raise(error: type[BaseException]) -> None:
    raise error
