"""From Kubernetes' objects to a snapshot: recorded from a real cluster, then changed as real trouble changes them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import Snapshot
from opsctl.errors import Refused, ToolFailed, Unreachable
from opsctl.tools.cluster.api import Answer, Forbidden
from opsctl.tools.cluster.cluster import KubernetesCluster
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.traffic import Routers

NAMES = Names("apps", "ai-agent-sdk")
RECORDED = json.loads((Path(__file__).parents[1] / "cases" / "cluster" / "two_colors.json").read_text())
PLACES = {
    "deployments": NAMES.apps("deployments"), "pods": NAMES.core("pods"), "services": NAMES.core("services"),
    "endpointslices": NAMES.discovery("endpointslices"),
}  # fmt: skip
SERVICE = NAMES.core("services", NAMES.app)


class Scene:
    """The recorded namespace. Changing `found` changes what the cluster says."""

    def __init__(self) -> None:
        self.found: dict[str, list[dict[str, Any]]] = copy.deepcopy(RECORDED)
        self.store = KubeStore("apps")
        for kind, items in self.found.items():
            for item in items:
                item["metadata"].setdefault("uid", f"uid-of-{item['metadata']['name']}")
                self.store.objects[f"{PLACES[kind]}/{item['metadata']['name']}"] = item
        self.traffic = Routers(self.store, NAMES, self.locked)  # type: ignore[arg-type]
        self.cluster = KubernetesCluster(self.store, NAMES, self.traffic, self.locked)  # type: ignore[arg-type]

    def locked(self) -> None:
        """Whoever writes has the lock."""

    def read(self) -> Snapshot:
        return self.cluster.read()

    def green_pod(self) -> dict[str, Any]:
        return next(pod for pod in self.found["pods"] if pod["metadata"]["labels"]["opsctl/color"] == "green")

    def deployment(self) -> dict[str, Any]:
        return next(d for d in self.found["deployments"] if d["metadata"]["name"] == NAMES.workload(Color.GREEN))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_two_whole_colors(scene: Scene) -> None:
    seen = scene.read()
    selector = scene.store.objects[SERVICE]["spec"]["selector"]["opsctl/color"]
    assert seen.active == Color(selector)
    (router,) = seen.traffic
    assert len(router.endpoints) == 3
    for color, state in seen.colors.items():
        assert (state.color, state.desired, state.ready, state.restarts, state.settled) == (color, 3, 3, 0, True)
        assert state.image.startswith("ai-agent-sdk:")
        assert isinstance(state.release, int)
        assert all(pod.ready and pod.in_service and not pod.terminating and not pod.waiting for pod in state.pods)


def test_nothing_there_yet() -> None:
    seen = KubernetesCluster(KubeStore("apps"), NAMES, Routers(KubeStore("apps"), NAMES)).read()  # type: ignore[arg-type]
    assert ([router.exists for router in seen.traffic], seen.active) == ([False], None)
    assert {(state.release, state.desired, state.pods) for state in seen.colors.values()} == {(None, 0, ())}


def test_a_pod_that_is_leaving_counts_no_more(scene: Scene) -> None:
    scene.green_pod()["metadata"]["deletionTimestamp"] = "2026-11-22T14:00:00Z"
    state = scene.read().colors[Color.GREEN]
    assert (len(state.pods), len(state.living), state.ready, state.settled) == (3, 2, 2, False)


def test_ready_is_not_enough_while_no_endpoint_is(scene: Scene) -> None:
    name = scene.green_pod()["metadata"]["name"]
    for found in scene.found["endpointslices"]:
        found["endpoints"] = [e for e in found["endpoints"] if e["targetRef"]["name"] != name]
    state = scene.read().colors[Color.GREEN]
    assert (state.ready, next(pod for pod in state.pods if pod.name == name).in_service) == (2, False)


def test_an_endpoint_that_is_listed_but_not_ready_serves_nobody(scene: Scene) -> None:
    for found in scene.found["endpointslices"]:
        for endpoint in found["endpoints"]:
            endpoint["conditions"]["ready"] = False
    seen = scene.read()
    (router,) = seen.traffic
    assert (seen.colors[Color.GREEN].ready, router.endpoints) == (0, ())


def test_an_endpoint_slice_may_be_empty(scene: Scene) -> None:
    for found in scene.found["endpointslices"]:
        found["endpoints"] = None
    assert scene.read().colors[Color.GREEN].ready == 0


def test_why_a_container_waits(scene: Scene) -> None:
    container = scene.green_pod()["status"]["containerStatuses"][0]
    container["state"] = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
    pod = next(pod for pod in scene.read().colors[Color.GREEN].pods if pod.waiting)
    assert (pod.waiting, pod.message) == ("ImagePullBackOff", "Back-off pulling image")


def test_a_crash_counts_before_its_restart(scene: Scene) -> None:
    scene.green_pod()["status"]["containerStatuses"][0]["state"] = {"terminated": {"exitCode": 1}}
    assert scene.read().colors[Color.GREEN].restarts == 1


@pytest.mark.parametrize(
    ("states", "ended"),
    [
        ({}, ""),
        ({"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}, "OOMKilled"),
        ({"lastState": {"terminated": {"reason": "Error", "exitCode": 3}}}, "exit code 3"),
        (
            {"state": {"terminated": {"exitCode": 1}}, "lastState": {"terminated": {"reason": "OOMKilled"}}},
            "exit code 1",
        ),
    ],
)
def test_why_a_container_ended(scene: Scene, states: dict[str, Any], ended: str) -> None:
    pod = scene.green_pod()
    pod["status"]["containerStatuses"][0].update(states)
    assert next(p for p in scene.read().colors[Color.GREEN].pods if p.name == pod["metadata"]["name"]).ended == ended


def test_a_pod_that_ends_because_it_was_told_to_has_not_crashed(scene: Scene) -> None:
    scene.green_pod()["metadata"]["deletionTimestamp"] = "2026-11-22T14:00:00Z"
    scene.green_pod()["status"]["containerStatuses"][0]["state"] = {"terminated": {"exitCode": 0}}
    assert [pod.restarts for pod in scene.read().colors[Color.GREEN].pods] == [0, 0, 0]


def test_a_pod_that_has_only_been_scheduled(scene: Scene) -> None:
    scene.green_pod()["status"] = {"phase": "Pending"}
    assert scene.read().colors[Color.GREEN].ready == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["metadata"].update(generation=d["metadata"]["generation"] + 1),  # Kubernetes has not looked yet
        lambda d: d["status"].update(updatedReplicas=1),
        lambda d: d["spec"].update(replicas=4),
        lambda d: d.update(status={}),
    ],
)
def test_unsettled(scene: Scene, change: Any) -> None:
    change(scene.deployment())
    assert scene.read().colors[Color.GREEN].settled is False


def test_scaled_to_nothing_is_settled(scene: Scene) -> None:
    deployment = scene.deployment()
    deployment["spec"]["replicas"] = 0
    deployment["status"] = {"observedGeneration": deployment["metadata"]["generation"]}
    for pod in [p for p in scene.found["pods"] if p["metadata"]["labels"]["opsctl/color"] == "green"]:
        del scene.store.objects[NAMES.core("pods", pod["metadata"]["name"])]
    assert scene.read().colors[Color.GREEN].settled is True


@pytest.mark.parametrize("annotations", [{}, {"opsctl/release": ""}, {"opsctl/release": "x"}])
def test_a_deployment_that_opsctl_did_not_make_has_no_release(scene: Scene, annotations: dict[str, str]) -> None:
    scene.deployment()["metadata"]["annotations"] = annotations
    assert scene.read().colors[Color.GREEN].release is None


@pytest.mark.parametrize("selector", [{"opsctl/color": "nobody"}, {"opsctl/color": "red"}, {"app": "x"}])
def test_a_service_that_points_at_no_color(scene: Scene, selector: dict[str, str]) -> None:
    scene.store.objects[SERVICE]["spec"]["selector"] = selector
    assert scene.read().active is None


def test_switch_is_one_compare_and_swap(scene: Scene) -> None:
    active = scene.read().active
    assert active
    scene.store.calls.clear()
    assert scene.traffic.switch(active.other, active).routers == 1
    calls = [call.split()[0] for call in scene.store.calls]
    assert scene.read().active is active.other
    assert calls == ["GET", "PATCH"]
    assert scene.store.objects[SERVICE]["spec"]["selector"]["app.kubernetes.io/name"] == NAMES.app


def test_switch_refuses_what_it_did_not_expect(scene: Scene) -> None:
    active = scene.read().active
    assert active
    scene.store.objects[SERVICE]["spec"]["selector"] = {"app": "other"}
    with pytest.raises(ToolFailed, match=f"traffic goes to nobody, not to {active} as expected"):
        scene.traffic.switch(active.other, active)


def test_switch_leaves_what_has_moved_already(scene: Scene) -> None:
    active = scene.read().active
    assert active
    moved = scene.traffic.switch(active, active.other)
    assert (moved.routers, moved.of, scene.read().active) == (0, 1, active)


def test_switch_loses_against_a_write_in_between(scene: Scene) -> None:
    active = scene.read().active
    assert active

    def meddle(call: str) -> None:
        if call.startswith("before PATCH"):
            scene.store.put_there(SERVICE, scene.store.objects[SERVICE])

    scene.store.broken = meddle
    with pytest.raises(ToolFailed, match="somebody else wrote the active Service"):
        scene.traffic.switch(active.other, active)
    assert scene.read().active is active


def test_scaling_writes_nothing_but_the_size(scene: Scene) -> None:
    before = copy.deepcopy(scene.deployment())
    scene.cluster.scale(Color.GREEN, {AGENT: 7})
    after = scene.store.objects[NAMES.apps("deployments", NAMES.workload(Color.GREEN))]
    assert after["spec"] == {**before["spec"], "replicas": 7}


def test_stopping_a_pod_that_is_gone_is_fine(scene: Scene) -> None:
    name = scene.green_pod()["metadata"]["name"]
    scene.cluster.stop_pods(["gone", name])
    assert NAMES.core("pods", name) not in scene.store.objects


def test_a_namespace_is_made_once(scene: Scene) -> None:
    store = KubeStore()
    cluster = KubernetesCluster(store, NAMES, scene.traffic)  # type: ignore[arg-type]
    cluster.ensure_namespace()
    cluster.ensure_namespace()
    assert "/api/v1/namespaces/apps" in store.objects


def test_last_words_are_the_crashed_pods_own(scene: Scene) -> None:
    pod = scene.green_pod()
    name = pod["metadata"]["name"]
    pod["status"]["containerStatuses"][0]["restartCount"] = 2
    log = NAMES.core("pods", name) + "/log?tailLines=10&previous=true"
    scene.store.answers = {log: Answer(200, {}, b"starting\nconnection to the database refused\n")}
    event = {"metadata": {"name": "e"}, "reason": "Unhealthy", "lastTimestamp": None}
    scene.store.objects[NAMES.core("events", "e")] = event
    words = scene.cluster.last_words(Color.GREEN)
    assert words[0] == f"{name}: connection to the database refused"


def test_a_silent_cluster_gives_no_evidence_and_no_error(scene: Scene) -> None:
    def silent(call: str) -> None:
        raise Unreachable("no answer")

    scene.store.broken = silent
    assert scene.cluster.last_words(Color.GREEN) == ("no evidence: no answer",)


def test_a_service_that_opsctl_did_not_make_is_refused() -> None:
    store = KubeStore("apps")
    path = "/api/v1/namespaces/apps/services/agent"
    store.objects[path] = {"metadata": {"name": "agent", "resourceVersion": "1"}, "spec": {"selector": {"app": "old"}}}
    with pytest.raises(Refused, match="opsctl did not make it"):
        Routers(store, Names("apps", "agent")).ensure(Environment("test"))  # type: ignore[arg-type]
    assert store.objects[path]["spec"] == {"selector": {"app": "old"}}


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_is_over_is_nobodys_trouble(scene: Scene, phase: str) -> None:
    """Evicted, say: Kubernetes keeps it listed, and has replaced it."""
    over = copy.deepcopy(scene.green_pod())
    over["metadata"]["name"] += "-evicted"
    over["status"] = {"phase": phase, "reason": "Evicted", "containerStatuses": []}
    before = scene.read().colors[Color.GREEN]
    scene.store.objects[f"{PLACES['pods']}/{over['metadata']['name']}"] = over
    assert scene.read().colors[Color.GREEN] == before


def test_a_service_without_a_color_of_ours_is_told_as_it_is(scene: Scene) -> None:
    scene.store.objects[SERVICE]["spec"]["selector"] = {"app": "other"}
    (traffic,) = scene.read().traffic
    assert (traffic.active, traffic.selects) == (None, "")


def test_who_may_not_make_namespaces_works_in_the_one_there_is(scene: Scene) -> None:
    def forbid(call: str) -> None:
        if call == "before POST /api/v1/namespaces":
            raise Forbidden("the cluster answered 403")

    scene.store.broken = forbid
    scene.cluster.ensure_namespace()
