"""An API server that fails now and then, at each kind of call, in each way: the release still ends well.

One deploy and one rollback for each way of failing; in them every kind of call that opsctl and Helm make fails once
so, at its first occurrence. Users are present and notice nothing, and what opsctl says is what Kubernetes says.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from brief_world import BriefWorld
from fault_proxy import Fault, FaultProxy
from release_world import Ended

pytestmark = pytest.mark.cluster

_APP = "ai-agent-sdk"
READS = {
    "the lock": f"GET .*/leases/opsctl-{_APP}$",
    "the records": "GET .*/configmaps\\?.*rollout",
    "the active Service": f"GET .*/services/{_APP}$",
    "Deployments": f"GET .*/deployments\\?.*{_APP}",
    "pods": f"GET .*/pods\\?.*{_APP}",
    "endpoints": "GET .*/endpointslices\\?",
}
WRITES = {
    "taking the lock": "POST .*/leases$",
    "renewing the lock": "PUT .*/leases/",
    "a new record": "POST .*/configmaps$",
    "a record": "PUT .*/configmaps/",
    "the switch": f"PATCH .*/services/{_APP}\\?fieldManager=opsctl",
    "stopping a pod": f"DELETE .*/pods/{_APP}",
}
DEPLOYS = {
    "what Helm remembers": f"GET .*/secrets.*{_APP}-(blue|green)",
    "what Helm will remember": "POST .*/secrets",
    "what Helm installs": f"PATCH .*/deployments/{_APP}-(blue|green)\\?.*fieldManager=helm",
    "the size of a color": f"PATCH .*/deployments/{_APP}-(blue|green)\\?fieldManager=opsctl",
}
WAYS = {
    "its answer is lost": ("lose", 0.0),
    "it is never heard": ("cut", 0.0),
    "too many requests": ("status", 429.0),
    "internal error": ("status", 500.0),
    "unavailable": ("status", 503.0),
    "it takes long": ("delay", 1.5),
}
CONFLICTS = ("renewing the lock", "a record", "the switch", "the size of a color", "what Helm installs")


@pytest.fixture(scope="module")
def brief(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BriefWorld]:
    with BriefWorld(cluster, f"fault-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("brief")) as world:
        yield world


@pytest.fixture
def proxy(brief: BriefWorld) -> Iterator[FaultProxy]:
    yield brief.proxy
    brief.proxy.faults.clear()


def _fail_once(proxy: FaultProxy, calls: dict[str, str], kind: Any, value: float) -> dict[str, Fault]:
    return {name: proxy.add(kind, call, value) for name, call in calls.items()}


def _ended_well(brief: BriefWorld, ended: Ended, active: str) -> None:
    assert ended.exit_code == 0, ended
    assert (ended.data["outcome"], ended.data["active"]) == ("succeeded", active), ended
    status, newest = brief.status(), brief.json("history").data[-1]
    assert (brief.selected(), status["active"], status["phase"], status["lock"]) == (active, active, None, None)
    assert (newest["outcome"], newest["timings"]) == ("succeeded", ended.data["timings"])
    assert status["colors"][active]["verdict"] == "healthy"


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_of_call_fails_once(way: str, brief: BriefWorld, proxy: FaultProxy) -> None:
    old, new = brief.selected(), brief.idle()
    brief.cluster.kubectl("scale", f"deployment/{_APP}-{new}", "--replicas=0", "-n", brief.namespace)
    with brief.load() as load:
        struck = _fail_once(proxy, {**READS, **WRITES, **DEPLOYS}, *WAYS[way])
        words = ("--image", f"{_APP}:1.2.0", "--set", f"RUN={uuid.uuid4().hex}")
        deployed = brief.json("deploy", *words, OPSCTL_ENV="proxied")
        unstruck = [name for name, fault in struck.items() if not fault.struck]
        proxy.faults.clear()
        _ended_well(brief, deployed, new)
        struck = _fail_once(proxy, {**READS, **WRITES}, *WAYS[way])
        back = brief.json("rollback", OPSCTL_ENV="proxied")
        unstruck += [name for name, fault in struck.items() if not fault.struck]
        proxy.faults.clear()
        _ended_well(brief, back, old)
    load.assert_nobody_noticed()
    assert unstruck == [], f"these were never called, so nothing was proved of them: {json.dumps(proxy.calls[-50:])}"


def test_a_conflict_that_is_over_when_one_looks(brief: BriefWorld, proxy: FaultProxy) -> None:
    new = brief.idle()
    brief.cluster.kubectl("scale", f"deployment/{_APP}-{new}", "--replicas=0", "-n", brief.namespace)
    calls = {name: call for name, call in {**WRITES, **DEPLOYS}.items() if name in CONFLICTS}
    with brief.load() as load:
        struck = _fail_once(proxy, calls, "status", 409)
        words = ("--image", f"{_APP}:1.1.0", "--set", f"RUN={uuid.uuid4().hex}")
        deployed = brief.json("deploy", *words, OPSCTL_ENV="proxied")
    load.assert_nobody_noticed()
    assert all(fault.struck for fault in struck.values()), struck
    proxy.faults.clear()
    _ended_well(brief, deployed, new)


def test_what_it_waits_for_is_told(brief: BriefWorld, proxy: FaultProxy) -> None:
    """Writes fail for seconds, reads do not: a person sees which, why, and for how long by now."""
    new = brief.idle()
    proxy.add("status", WRITES["the switch"], 503, times=6)
    ended = brief.opsctl("deploy", "--image", f"{_APP}:1.1.0", "--set", f"RUN={uuid.uuid4().hex}", OPSCTL_ENV="proxied")
    assert ended.exit_code == 0, ended
    assert brief.selected() == new
    assert "s: the cluster answered 503 to PATCH" in ended.stderr, ended
