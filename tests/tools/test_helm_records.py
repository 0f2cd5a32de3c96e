"""What a killed Helm leaves is let go of once nobody can be at work on it, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.errors import Unreachable
from opsctl.tools.cluster.helm_records import LONGEST_S, HelmRecords
from opsctl.tools.cluster.names import Names

BORN = 1_790_000_000.0  # 2026-09-21T14:13:20Z
SECRETS = "/api/v1/namespaces/apps/secrets"
PENDING = ["pending-install", "pending-upgrade", "pending-rollback"]


def remembered(*statuses: str) -> KubeStore:
    """A release whose revisions ended so, the first one first."""
    store = KubeStore("apps")
    for revision, status in enumerate(statuses, 1):
        store.put_there(f"{SECRETS}/{name(revision)}", _record(revision, status))
    return store


def name(revision: int) -> str:
    return f"sh.helm.release.v1.agent-green.v{revision}"


def _record(revision: int, status: str) -> dict[str, Any]:
    labels = {"owner": "helm", "name": "agent-green", "version": str(revision), "status": status}
    metadata = {"name": name(revision), "uid": f"u{revision}", "creationTimestamp": "2026-09-21T14:13:20Z"}
    return {"metadata": {**metadata, "labels": labels}}


def repair(store: KubeStore, age: float) -> list[str]:
    """The names that are left."""
    HelmRecords(store, Names("apps", "agent"), lambda: BORN + age).repair("agent-green")  # type: ignore[arg-type]
    return [path.rpartition("/")[2] for path in store.objects if path.startswith(SECRETS)]


@pytest.mark.parametrize("status", PENDING)
def test_the_newest_record_goes_if_it_was_left_pending(status: str) -> None:
    store = remembered(*["deployed"] * 9, status)
    assert repair(store, LONGEST_S) == [name(revision) for revision in range(1, 10)]


@pytest.mark.parametrize("status", ["deployed", "failed", "superseded"])
def test_a_record_that_blocks_nothing_stays(status: str) -> None:
    assert repair(remembered("superseded", status), 9999) == [name(1), name(2)]


def test_an_old_pending_record_below_a_newer_one_stays() -> None:
    assert repair(remembered("pending-upgrade", "deployed"), 9999) == [name(1), name(2)]


def test_nothing_was_ever_installed() -> None:
    assert repair(remembered(), 0) == []


def test_a_young_record_may_be_somebodys_at_work() -> None:
    store = remembered("pending-install")
    with pytest.raises(Unreachable, match=r"Helm may be at work on agent-green since 24 s \(pending-install\)"):
        repair(store, LONGEST_S - 1)
    assert f"{SECRETS}/{name(1)}" in store.objects


def test_what_our_own_helm_left_is_known_to_be_dead() -> None:
    """It has ended, or we would not ask; a revision after it is another's."""
    store = remembered("deployed")
    records = HelmRecords(store, Names("apps", "agent"), lambda: BORN)  # type: ignore[arg-type]
    for _ in range(2):  # the number is used again
        records.repair("agent-green")
        store.put_there(f"{SECRETS}/{name(2)}", _record(2, "pending-upgrade"))
    records.repair("agent-green")
    assert list(store.objects)[1:] == [f"{SECRETS}/{name(1)}"]
    store.put_there(f"{SECRETS}/{name(3)}", _record(3, "pending-upgrade"))
    with pytest.raises(Unreachable, match="may be at work"):
        records.repair("agent-green")


def test_a_record_that_moves_under_our_hands_is_somebodys_at_work() -> None:
    store = remembered("pending-upgrade")
    path = f"{SECRETS}/{name(1)}"

    def touched(call: str) -> None:
        if call == f"before DELETE {path}":
            store.put_there(path, _record(1, "deployed"))

    store.broken = touched
    with pytest.raises(Unreachable, match="changed just now"):
        repair(store, LONGEST_S)
    assert path in store.objects


def test_a_record_that_ends_under_our_hands_is_gone() -> None:
    store = remembered("pending-upgrade")
    path = f"{SECRETS}/{name(1)}"
    store.broken = lambda call: store.objects.pop(path, None) and None if call.startswith("before DELETE") else None
    assert repair(store, LONGEST_S) == []
