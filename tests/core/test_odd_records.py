"""Records that a later opsctl wrote, or that somebody damaged: shown as far as they go, or refused as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fakes import World
from release_runs import last_record, release

from opsctl.assets import asset
from opsctl.core import release as releases
from opsctl.core import tape as tapes
from opsctl.core.release import Rollout
from opsctl.core.report import report_json
from opsctl.core.tape import Tape
from opsctl.render.page import page

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    release(made, "good:1")
    release(made, "late-500:1")
    return made


def changed(record: dict[str, Any], change: Change) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(record))
    change(copy)
    return copy


def a_later_phase(record: dict[str, Any]) -> None:
    record["entries"].append([record["ended_at"], "phase shadowing", "of a later opsctl"])


def policy_of(part: dict[str, Any]) -> Change:
    return lambda record: record["policy"].update(part)


@pytest.mark.parametrize(
    "change",
    [a_later_phase, *(policy_of(part) for part in ({"probe_interval": "1s"}, {"drain": None}, {"new": {"a": 1}}))],
    ids=["phase", "number", "part", "key"],
)
def test_what_is_not_known_is_shown_all_the_same(world: World, change: Change) -> None:
    rollout = releases.from_record(changed(last_record(world).to_record(), change))
    assert "Release 2 failed and was rolled back." in shown(rollout, None)


def shown(rollout: Rollout, tape: Tape | None) -> str:
    template = (asset("templates") / "report" / "page.html").read_text()
    return page(json.loads(json.dumps(report_json("live", rollout, tape), allow_nan=False)), template, "0")


@pytest.mark.parametrize(
    "part",
    [
        {"started_at": -1e18}, {"started_at": 1e18}, {"ended_at": float("inf")}, {"id": "../evil"}, {"settings": None},
        {"timings": {"detect_s": "x"}}, {"entries": [[1e18, "phase baking", ""]]}, {"entries": [[1, "a", "b", "c"]]},
    ],
    ids=str,
)  # fmt: skip
def test_what_nobody_could_go_by_is_refused(world: World, part: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        releases.from_record({**last_record(world).to_record(), **part})


def tape_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(reversed(world.tapes.values())))
    return found


def latency_of(value: Any) -> Change:
    def change(record: dict[str, Any]) -> None:
        record["series"]["lanes"][0][2][0][4] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        latency_of("x"), latency_of(float("inf")), lambda record: record["series"].update(step=0),
        lambda record: record.update(decisions=[["x", "baking", "wait", "", []]]),
    ],
    ids=["text", "infinite", "step", "time"],
)  # fmt: skip
def test_a_damaged_tape_is_none(world: World, change: Change) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        tapes.from_record(changed(tape_of(world), change))


def test_a_verdict_of_a_later_opsctl_comes_last(world: World) -> None:
    def degraded(record: dict[str, Any]) -> None:
        for decision in record["decisions"]:
            for row in decision[4]:
                row[2] = "degraded"

    assert "Release 2 failed" in shown(last_record(world), tapes.from_record(changed(tape_of(world), degraded)))


def test_a_release_of_years_has_few_ticks(world: World) -> None:
    record = changed(last_record(world).to_record(), lambda found: found.update(started_at=0.0))
    assert len(shown(releases.from_record(record), None)) < 100_000
