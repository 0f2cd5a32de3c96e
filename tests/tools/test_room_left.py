"""What nodes and quotas have left, from Kubernetes' objects as they are stored."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.room import Amount
from opsctl.errors import ToolFailed, Unreachable
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.room import read_room

NAMES = Names("apps", "ai-agent-sdk")


def node(name: str, **spec: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": spec.pop("ready", "True")}
    return {
        "metadata": {"name": name}, "spec": spec,
        "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "10"}, "conditions": [ready]},
    }  # fmt: skip


def pod(name: str, on: str, *requests: dict[str, str]) -> dict[str, Any]:
    containers = [{"resources": {"requests": asked}} if asked else {} for asked in requests]
    return {"metadata": {"name": name}, "spec": {"nodeName": on, "containers": containers}}


@pytest.fixture
def store() -> KubeStore:
    store = KubeStore("apps")
    store.objects["/api/v1/nodes/a"] = node("a")
    return store


def left(store: KubeStore) -> tuple[Amount, ...] | None:
    return read_room(store, NAMES).nodes  # type: ignore[arg-type]


def test_pods_take_what_they_ask_for_from_their_own_node(store: KubeStore) -> None:
    store.objects["/api/v1/nodes/b"] = node("b")
    store.objects["/api/v1/pods/x"] = pod("x", "a", {"cpu": "500m", "memory": "1Gi"}, {"cpu": "250m"}, {})
    store.objects["/api/v1/pods/y"] = pod("y", "elsewhere", {"cpu": "2"})
    assert left(store) == (Amount(1.25, 3 * 2**30, 9), Amount(2, 4 * 2**30, 10))


@pytest.mark.parametrize(
    "closed",
    [
        node("b", ready="False"),
        node("b", unschedulable=True),
        node("b", taints=[{"key": "gpu", "effect": "NoSchedule"}]),
        node("b", taints=[{"key": "gone", "effect": "NoExecute"}]),
    ],
)
def test_nodes_that_take_no_pods_have_no_room(store: KubeStore, closed: dict[str, Any]) -> None:
    store.objects["/api/v1/nodes/b"] = closed
    found = left(store)
    assert found is not None
    assert len(found) == 1


def test_a_taint_that_only_prefers_is_open(store: KubeStore) -> None:
    store.objects["/api/v1/nodes/b"] = node("b", taints=[{"key": "old", "effect": "PreferNoSchedule"}])
    assert len(left(store) or ()) == 2


def test_the_tightest_of_a_quotas_limits_counts(store: KubeStore) -> None:
    status = {
        "hard": {"requests.cpu": "4", "limits.memory": "8Gi", "requests.memory": "6Gi", "services": "3"},
        "used": {"requests.cpu": "1500m", "limits.memory": "1Gi", "requests.memory": "1Gi"},
    }
    store.objects[NAMES.core("resourcequotas", "compute")] = {"metadata": {"name": "compute"}, "status": status}
    store.objects[NAMES.core("resourcequotas", "new")] = {"metadata": {"name": "new"}}
    assert read_room(store, NAMES).quotas == {  # type: ignore[arg-type]
        "compute": Amount(2.5, 5 * 2**30, inf),
        "new": Amount(),
    }


@pytest.mark.parametrize(("hidden", "what"), [("/api/v1/nodes", "nodes"), (NAMES.core("resourcequotas"), "quotas")])
def test_what_may_not_be_seen_is_none(store: KubeStore, hidden: str, what: str) -> None:
    def forbid(call: str) -> None:
        if call == f"before GET {hidden}":
            raise ToolFailed("the cluster answered 403")

    store.broken = forbid
    room = read_room(store, NAMES)  # type: ignore[arg-type]
    assert getattr(room, what) is None
    assert {"nodes": room.quotas, "quotas": room.nodes}[what] is not None


def test_silence_is_no_answer(store: KubeStore) -> None:
    def silent(call: str) -> None:
        raise Unreachable("no answer")

    store.broken = silent
    with pytest.raises(Unreachable):
        read_room(store, NAMES)  # type: ignore[arg-type]
