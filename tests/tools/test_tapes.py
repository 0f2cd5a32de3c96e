"""What was seen of a rollout, in its ConfigMap: stored beside the loop, joined with what was there."""

from __future__ import annotations

import json
import threading

import pytest
from kube_store import KubeStore
from test_release_journal import NAMES, RECORD, rollout

from opsctl.core.color import Color
from opsctl.core.series import Lane, Point, Series, Source
from opsctl.core.tape import Decided, Found, Tape
from opsctl.errors import Unreachable
from opsctl.tools.cluster.journal import ConfigMapJournal
from opsctl.tools.cluster.tapes import ConfigMapTapes

WHERE = f"{RECORD}-samples"
API = Lane(Source.API, Color.BLUE)


def tape(*points: Point, why: str = "because") -> Tape:
    found = (Found("api", "green", "unhealthy", "HTTP 500", 1.5),)
    return Tape(Series({API: list(points)}), (Decided(points[0].at, "baking", "go on to rolling_back", why, found),))


@pytest.fixture
def store() -> KubeStore:
    made = KubeStore("apps")
    ConfigMapJournal(made, NAMES).save(rollout())  # type: ignore[arg-type]
    return made


@pytest.fixture
def tapes(store: KubeStore) -> ConfigMapTapes:
    return ConfigMapTapes(store, NAMES)  # type: ignore[arg-type]


def test_what_is_stored_reads_back(tapes: ConfigMapTapes) -> None:
    tapes.finish(rollout(), tape(Point(5, 3, 1, 0, 1.5, 2.5, 7)), 2.0)
    assert tapes.read(rollout()) == tape(Point(5, 3, 1, 0, 1.5, 2.5, 7))


def test_it_belongs_to_the_record_whenever_it_is_written(store: KubeStore, tapes: ConfigMapTapes) -> None:
    for at in (5, 6):
        tapes.finish(rollout(), tape(Point(at, 1)), 2.0)
        (owner,) = store.objects[WHERE]["metadata"]["ownerReferences"]
        assert (owner["name"], owner["uid"]) == ("opsctl-agent-rollout-1", store.objects[RECORD]["metadata"]["uid"])


def test_the_journal_takes_it_for_no_record(store: KubeStore, tapes: ConfigMapTapes) -> None:
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    assert store.objects[WHERE]["metadata"]["labels"]["opsctl/record"] == "samples"


def test_another_process_goes_on_with_it_and_writes_nothing_twice(store: KubeStore, tapes: ConfigMapTapes) -> None:
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    other = ConfigMapTapes(store, NAMES)  # type: ignore[arg-type]
    for _ in range(2):
        other.finish(rollout(), tape(Point(6, 2)), 2.0)
    found = tapes.read(rollout())
    assert found
    assert found.series.lanes[API] == [Point(5, 1), Point(6, 2)]


def test_another_rollout_of_the_same_number_is_no_part_of_it(store: KubeStore, tapes: ConfigMapTapes) -> None:
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    stored = json.loads(store.objects[WHERE]["data"]["samples.json"])
    store.objects[WHERE]["data"]["samples.json"] = json.dumps({**stored, "started_at": 99.0})
    assert tapes.read(rollout()) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"started_at": 1.5}', '{"started_at": 1.5, "series": {}}'])
def test_one_that_cannot_be_read_is_none(store: KubeStore, tapes: ConfigMapTapes, damage: str) -> None:
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    store.objects[WHERE]["data"]["samples.json"] = damage
    assert tapes.read(rollout()) is None


def test_a_silent_api_holds_up_nobody_and_what_is_there_is_not_written_over(
    store: KubeStore, tapes: ConfigMapTapes
) -> None:
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    gate = threading.Event()

    def silent(call: str) -> None:
        gate.wait(5.0)
        raise Unreachable("no answer")

    store.broken = silent
    other = ConfigMapTapes(store, NAMES)  # type: ignore[arg-type]
    other.store(rollout(), tape(Point(6, 1)))
    other.store(rollout(), tape(Point(7, 1)))
    other.finish(rollout(), tape(Point(8, 1)), 0.01)
    gate.set()
    other.finish(rollout(), tape(Point(8, 1)), 2.0)
    store.broken = lambda call: None
    found = tapes.read(rollout())
    assert found
    assert found.series.lanes[API] == [Point(5, 1)]


def test_without_a_record_there_is_none(store: KubeStore, tapes: ConfigMapTapes) -> None:
    del store.objects[RECORD]
    tapes.finish(rollout(), tape(Point(5, 1)), 2.0)
    assert WHERE not in store.objects
