"""`status --watch` beside a release: it follows, never writes, asks little, and outlives a silent cluster."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from fakes import POLICY, FakeProber, Killed, World
from release_runs import once, release

from opsctl.core.color import Color
from opsctl.core.health import Service
from opsctl.core.picture import ASKED, MOST_A_SECOND, PACE_S, Picture, pace, telling
from opsctl.core.release import Phase
from opsctl.errors import Unreachable
from opsctl.flows.looking_on import LookingOn
from opsctl.flows.status import StatusLook


def left_at(point: str, image: str = "good:2") -> World:
    """A second release whose process died there; its lease is still young."""
    made = World()
    release(made, "good:1")
    made.at_point = once(point, made.kill)
    with pytest.raises(Killed):
        release(made, image)
    return made


def pictures(made: World, many: int) -> list[Picture]:
    return list(islice(LookingOn("live", made.ports(), POLICY).pictures(), many))


def test_a_picture_says_what_the_release_waits_for_and_until_when() -> None:
    made = left_at("after save phase baking")
    began = made.clock.now()
    last = pictures(made, 3)[-1]
    progress = last["progress"]
    assert (progress["phase"], progress["color"], progress["origin"]) == ("baking", "green", "blue")
    assert progress["waits_for"].endswith("of 3 s · 2/2 pods")
    assert progress["until"]["what"] == "the bake ends"
    assert progress["until"]["at"] == pytest.approx(began + POLICY.bake_seconds, abs=0.5)
    assert last["journal"][-1]["what"] == "phase baking"
    assert last["colors"].keys() == {"blue", "green"}


@pytest.mark.parametrize(
    ("point", "image", "waits", "until"),
    [
        ("after scale green", "never-ready:1", "green 0/2 ready", "its pods have to be ready"),
        ("after save phase gating", "good:2", "healthy for", "it has to be proved healthy"),
        ("after save done stop 1 pods of blue", "good:2", "old pods gone", "the drain waits no longer"),
    ],
)
def test_each_phase_has_its_words_and_its_deadline(point: str, image: str, waits: str, until: str) -> None:
    progress = pictures(left_at(point, image), 1)[0]["progress"]
    assert waits in progress["waits_for"]
    assert progress["until"]["what"] == until


def test_a_release_that_waits_for_a_person_says_so() -> None:
    made = World()
    release(made, "good:1")
    release(made, "good:2", hold=True)
    progress = pictures(made, 1)[0]["progress"]
    assert progress["waits_for"] == "a person: opsctl promote, or opsctl abort"
    assert progress["until"] is None


def test_a_drain_says_how_many_agents_are_left() -> None:
    made = left_at("after save done stop 1 pods of blue")
    assert pictures(made, 2)[-1]["progress"]["agents_left"] in (7, 14)


def test_where_look_and_record_are_of_two_moments_nothing_is_claimed() -> None:
    """Traffic has moved, and the record does not say so yet: that is no halt."""
    made = left_at("after save phase gating")
    made.edit_service(Color.GREEN)
    assert pictures(made, 1)[0]["progress"]["waits_for"] == ""


def test_it_writes_nothing_and_takes_no_lock() -> None:
    made = left_at("after save phase baking")
    writes, lease, records = list(made.writes), made.lease, dict(made.records)
    pictures(made, 30)
    assert (made.writes, made.lease, made.records) == (writes, lease, records)


def test_a_silent_cluster_leaves_the_last_picture_with_its_age() -> None:
    made = left_at("after save phase baking")
    following = LookingOn("live", made.ports(), POLICY).pictures()
    before = next(following)
    made.silent_until = made.clock.now() + 5
    old = next(following)
    assert (old["at"], old["silence"]["since"], old["colors"]) == (before["at"], before["at"], before["colors"])
    assert "does not answer" in old["silence"]["why"]
    assert telling(old) != telling(before)
    assert telling(old) == telling(next(following)), "still silent is no news"
    made.clock.sleep(5)
    assert next(following)["silence"] is None


def test_without_a_first_picture_there_is_nothing_to_keep() -> None:
    made = World()
    made.silent_until = made.clock.now() + 60
    with pytest.raises(Unreachable):
        pictures(made, 1)


def test_time_alone_is_no_news() -> None:
    made = left_at("after save phase baking")
    following = LookingOn("live", made.ports(), POLICY).pictures()
    first = next(following)
    assert made.lease
    made.lease = replace(made.lease, renewed=made.clock.now())
    second = next(following)
    assert second["at"] > first["at"]
    assert second["lock"] != first["lock"]
    assert telling(second) == telling(first)


def rounds_of(made: World, seconds: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Probes begun and reads done in so many seconds, after the first picture."""
    counted: Counter[str] = Counter()
    begin, begin_door = FakeProber.begin, FakeProber.begin_door

    def counting(self: FakeProber, colors: Any, services: Any) -> None:
        counted["probes"] += sum(len(state.pods) for state in colors.values()) * len(services)
        begin(self, colors, services)

    def counting_door(self: FakeProber, color: Color) -> None:
        counted["door"] += 1
        begin_door(self, color)

    following = LookingOn("live", made.ports(), POLICY).pictures()
    next(following)
    monkeypatch.setattr(FakeProber, "begin", counting)
    monkeypatch.setattr(FakeProber, "begin_door", counting_door)
    made.points.clear()
    until = made.clock.now() + seconds
    while made.clock.now() < until:
        next(following)
    counted["snapshots"] = made.points.count("before read")
    counted["records"] = made.points.count("before read records")
    return counted


@pytest.mark.parametrize("sick", [False, True])
def test_it_asks_at_most_three_requests_a_pod_and_second(monkeypatch: pytest.MonkeyPatch, sick: bool) -> None:
    """Also where something is wrong: closer looks are for whoever can bring users back."""
    made = left_at("after save phase baking")
    if sick:
        made.sick[Color.GREEN] = frozenset(Service)
    seconds, pods = 30, 4
    counted = rounds_of(made, seconds, monkeypatch)
    probes = counted["probes"] * ASKED / len(Service)
    asked = probes + counted["door"] + 4 * counted["snapshots"] + 3 * counted["records"]
    whole = seconds / PACE_S * pods * len(Service)  # of which the color without users has half as many
    assert counted["probes"] >= 0.75 * whole * 0.8, "it goes on probing"
    assert asked <= 3 * pods * seconds


@pytest.mark.parametrize("pods", [1, 8, 30, 31, 200, 2000])
def test_however_many_pods_there_are_the_api_server_is_asked_no_more(pods: int) -> None:
    assert pods * ASKED / pace(pods) <= MOST_A_SECOND
    assert pace(pods) == PACE_S or pods * ASKED / pace(pods) > MOST_A_SECOND / 2, "and not much less either"


def test_more_pods_change_the_pace_and_the_verdicts_stay() -> None:
    made = World()
    made.stand(Color.BLUE, 1, "good:1", 20)
    made.edit_service(Color.BLUE)
    following = LookingOn("live", made.ports(), POLICY).pictures()
    next(following)
    made.stand(Color.GREEN, 2, "good:2", 40)
    found = [next(following) for _ in range(12)][-1]
    assert {color: row["verdict"] for color, row in found["colors"].items()} == {"blue": "healthy", "green": "healthy"}


def test_one_look_reads_the_cluster_a_few_times_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while probes have no answer yet: each read is four requests."""
    made = World()
    made.stand(Color.BLUE, 1, "good:1")
    made.edit_service(Color.BLUE)
    monkeypatch.setattr(FakeProber, "collect", lambda self: [])
    made.points.clear()
    StatusLook("live", made.ports(), POLICY).once()
    assert made.points.count("before read") <= 5


def test_an_outcome_ends_the_progress() -> None:
    made = World()
    release(made, "good:1")
    found = pictures(made, 1)[0]
    assert (found["progress"], found["phase"]) == (None, None)
    assert found["journal"][-1]["what"] == "outcome succeeded"
    assert Phase.BAKING.value in {entry["what"].partition(" ")[2] for entry in found["journal"]}
