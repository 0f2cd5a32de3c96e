"""Rollout records in ConfigMaps: what is stored, who may write, what a lost answer means, how many are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kube_store import KubeStore, lose_answer

from opsctl.core.color import Color
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.errors import ToolFailed, Unreachable
from opsctl.tools.cluster.api import Conflict
from opsctl.tools.cluster.journal import KEPT, ConfigMapJournal
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
RECORD = "/api/v1/namespaces/apps/configmaps/opsctl-agent-rollout-1"


def rollout(number: int = 1) -> Rollout:
    return Rollout(
        id=number, kind=Kind.DEPLOY, release=number, color=Color.GREEN, origin=Color.BLUE, image="a:1",
        settings={"A": "1"}, sizes={AGENT: 2}, started_at=1.5, started_by="ana", phase=Phase.WARMING, phase_since=1.5,
        values={"env": {"A": "1"}}, leaving=("b1",), evidence=("a word",),
    )  # fmt: skip


@pytest.fixture
def store() -> KubeStore:
    return KubeStore("apps")


@pytest.fixture
def journal(store: KubeStore) -> ConfigMapJournal:
    return ConfigMapJournal(store, NAMES)  # type: ignore[arg-type]


def elsewhere(store: KubeStore) -> ConfigMapJournal:
    return ConfigMapJournal(store, NAMES)  # type: ignore[arg-type]


def test_another_process_reads_all_that_was_written(store: KubeStore, journal: ConfigMapJournal) -> None:
    done = rollout().entered(Phase.GATING, 3.0, "ready").noted(4.0, "intent", "x").ended(Outcome.ABANDONED, 5.0, "why")
    journal.save(done)
    assert elsewhere(store).rollouts() == [done]


def test_records_are_in_order_of_their_numbers(journal: ConfigMapJournal) -> None:
    for number in (2, 10, 1):
        journal.save(rollout(number))
    assert [found.id for found in journal.rollouts()] == [1, 2, 10]


def test_who_has_not_read_the_last_version_cannot_write(store: KubeStore, journal: ConfigMapJournal) -> None:
    journal.save(rollout())
    other = elsewhere(store)
    other.rollouts()
    other.save(replace(rollout(), why="other"))
    with pytest.raises(Conflict, match="somebody else wrote the record of rollout 1"):
        journal.save(replace(rollout(), why="mine"))
    assert elsewhere(store).rollouts()[0].why == "other"


def test_two_that_start_the_same_number_are_told_apart(store: KubeStore, journal: ConfigMapJournal) -> None:
    journal.save(rollout())
    with pytest.raises(Conflict, match="somebody else"):
        elsewhere(store).save(replace(rollout(), why="other"))


def test_a_write_whose_answer_is_lost_does_not_stop_the_next(store: KubeStore, journal: ConfigMapJournal) -> None:
    journal.save(rollout())
    for why in ("first", "second"):
        lose_answer(store, f"PUT {RECORD}")
        with pytest.raises(Unreachable):
            journal.save(replace(rollout(), why=why))
    journal.save(replace(rollout(), why="third"))
    assert journal.rollouts()[0].why == "third"


def test_the_first_write_may_lose_its_answer_too(store: KubeStore, journal: ConfigMapJournal) -> None:
    lose_answer(store, "POST /api/v1/namespaces/apps/configmaps")
    with pytest.raises(Unreachable):
        journal.save(rollout())
    journal.save(replace(rollout(), why="again"))
    assert journal.rollouts()[0].why == "again"


def test_a_conflict_though_nobody_wrote_is_tried_again(store: KubeStore, journal: ConfigMapJournal) -> None:
    journal.save(rollout())

    def conflict(call: str) -> None:
        if call == f"before PUT {RECORD}":
            store.broken = lambda call: None
            raise Conflict("the object has been modified")

    store.broken = conflict
    journal.save(replace(rollout(), why="mine"))
    assert journal.rollouts()[0].why == "mine"


def test_the_last_ten_are_kept(journal: ConfigMapJournal) -> None:
    for number in range(1, KEPT + 4):
        journal.save(rollout(number).ended(Outcome.ABANDONED, 2.0, "it did not come up"))
    assert [found.id for found in journal.rollouts()] == list(range(4, KEPT + 4))


def test_clutter_that_cannot_be_removed_stops_nobody(store: KubeStore, journal: ConfigMapJournal) -> None:
    for number in range(1, KEPT + 1):
        journal.save(rollout(number))

    def broken(call: str) -> None:
        if "DELETE" in call:
            raise Unreachable("no answer")

    store.broken = broken
    journal.save(rollout(KEPT + 1))
    journal.save(replace(rollout(KEPT + 1), why="and on"))
    assert journal.rollouts()[-1].why == "and on"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"id": 1, "kind": "dance"}'])
def test_a_record_that_cannot_be_read_is_named_with_the_way_out(store: KubeStore, text: str) -> None:
    ConfigMapJournal(store, NAMES).save(rollout())  # type: ignore[arg-type]
    store.objects[RECORD]["data"]["rollout.json"] = text
    with pytest.raises(ToolFailed, match="opsctl-agent-rollout-1 cannot be read") as caught:
        elsewhere(store).rollouts()
    assert "kubectl delete configmap opsctl-agent-rollout-1 -n apps" in caught.value.hint


def test_an_old_record_that_cannot_be_read_stops_nobody(store: KubeStore) -> None:
    journal = ConfigMapJournal(store, NAMES)  # type: ignore[arg-type]
    for number in (9, 10, 11):
        journal.save(rollout(number))
    store.objects[RECORD.replace("-1", "-9")]["data"]["rollout.json"] = "{"
    assert [found.id for found in elsewhere(store).rollouts()] == [10, 11]


def test_the_newest_is_told_by_its_name_and_may_be_unfinished(store: KubeStore) -> None:
    journal = ConfigMapJournal(store, NAMES)  # type: ignore[arg-type]
    for number in (9, 10):
        journal.save(rollout(number))
    store.objects[RECORD.replace("-1", "-10")]["data"]["rollout.json"] = "{"
    with pytest.raises(ToolFailed, match="opsctl-agent-rollout-10 cannot be read"):
        elsewhere(store).rollouts()


def test_a_record_that_somebody_deleted_is_made_again(store: KubeStore, journal: ConfigMapJournal) -> None:
    journal.save(rollout())
    del store.objects[RECORD]
    journal.save(replace(rollout(), why="and on"))
    assert elsewhere(store).rollouts()[-1].why == "and on"
