"""A load balancer that Kubernetes made goes before Terraform begins: on a real cluster, whose cloud is a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from infra_fakes import Site, planned, ran
from sandbox_cluster import Cluster, cluster, new_namespace

from opsctl.core.cluster_made import ClusterMade
from opsctl.errors import ToolFailed
from opsctl.flows.provision import destroy
from opsctl.ports.provisioning import InfraPorts
from opsctl.tools.cluster.api import MERGE, Api
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig
from opsctl.tools.cluster.load_balancers import LoadBalancers

__all__ = ["cluster", "new_namespace"]

pytestmark = pytest.mark.cluster

EKS = "module.cluster.aws_eks_cluster.this"
FINALIZER = "service.kubernetes.io/load-balancer-cleanup"


@dataclass(frozen=True)
class InOneNamespace(LoadBalancers):
    """The whole cluster is not this test's to tidy up."""

    namespace: str = ""

    def made(self) -> tuple[ClusterMade, ...]:
        return tuple(one for one in super().made() if one.namespace == self.namespace)


class Cloud:
    """What a cloud's controller does: makes a load balancer for a Service, keeps the Service by a finalizer, and lets
    it go when the load balancer is gone, some time after somebody deleted the Service."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.api, self.services = api, f"/api/v1/namespaces/{namespace}/services"
        self.taken_down: list[str] = []

    def serve(self, name: str) -> None:
        spec = {
            "type": "LoadBalancer", "allocateLoadBalancerNodePorts": False, "ports": [{"port": 80}],
            "selector": {"app": "nobody"},
        }  # fmt: skip
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "finalizers": [FINALIZER]}}
        self.api.request("POST", self.services, {**body, "spec": spec})

    def deleted(self, name: str) -> bool:
        return "deletionTimestamp" in self.api.get(f"{self.services}/{name}")["metadata"]

    def take_down(self, name: str) -> None:
        self.taken_down.append(name)
        self.api.request("PATCH", f"{self.services}/{name}", {"metadata": {"finalizers": None}}, kind=MERGE)

    def play(self, name: str, looked: threading.Event) -> None:
        """Until the load balancer is gone; not before somebody had to wait for it."""
        while not self.deleted(name):
            time.sleep(0.05)  # between two looks at the cluster
        assert looked.wait(30), "nobody waited"
        self.take_down(name)


@pytest.fixture
def api(cluster: Cluster) -> Api:
    return Api(connect_by_kubeconfig(cluster.kubeconfig, cluster.state.context))


@pytest.fixture
def namespace(cluster: Cluster, new_namespace: Callable[[], str]) -> str:
    name = new_namespace()
    cluster.kubectl("create", "namespace", name)
    return name


@pytest.fixture
def cloud(api: Api, namespace: str) -> Iterator[Cloud]:
    found = Cloud(api, namespace)
    yield found
    for left in api.get(found.services)["items"]:  # or the namespace would stay for ever
        found.take_down(left["metadata"]["name"])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.stack.planning = [planned(EKS, "delete")]
    made.stack.applying = [ran("apply_start", EKS, "delete"), ran("apply_complete", EKS, "delete")]
    return made


def on_the_cluster(site: Site, api: Api, namespace: str, pause: Callable[[float], None]) -> InfraPorts:
    """`pause` gets the seconds that pass between two looks; they pass on the site's clock."""
    site.stack.endpoint = api.server
    return replace(site.ports, workloads=InOneNamespace(lambda: api, namespace), pause=pause)


def test_it_is_removed_and_awaited_before_terraform_begins(site: Site, api: Api, namespace: str, cloud: Cloud) -> None:
    looked, seen = threading.Event(), list[list[str]]()

    def pause(_: float) -> None:
        seen.append(list(site.stack.calls))
        looked.set()
        time.sleep(0.1)  # a shorter pause than the flow's own, between two looks

    cloud.serve("web")
    thread = threading.Thread(target=cloud.play, args=("web", looked), daemon=True)
    thread.start()
    assert destroy(on_the_cluster(site, api, namespace, pause), [EKS]) is not None
    thread.join(10)
    assert site.operator.said[0] == f"  first    Service {namespace}/web is removed, and what AWS has for it"
    assert cloud.taken_down == ["web"]
    assert seen
    assert not [calls for calls in seen if "apply" in calls], "Terraform began while the load balancer was there"
    assert site.stack.calls[-1] == "apply"
    assert api.get(cloud.services)["items"] == []


def test_one_that_nobody_takes_down_stops_it_and_is_named(site: Site, api: Api, namespace: str, cloud: Cloud) -> None:
    cloud.serve("web")
    ports = on_the_cluster(site, api, namespace, site.ports.pause)
    with pytest.raises(ToolFailed) as error:
        destroy(ports, [EKS])
    assert f"not let go of Service {namespace}/web, kept by {FINALIZER}" in error.value.message
    assert error.value.state == "Terraform has destroyed nothing yet."
    assert error.value.hint.startswith(f"kubectl describe service web -n {namespace}")
    assert "--without-cluster" in error.value.hint
    assert "apply" not in site.stack.calls
    assert cloud.deleted("web"), "the next destroy goes on from here"
    assert api.get(f"{cloud.services}/web")["metadata"]["finalizers"] == [FINALIZER]


def test_what_opens_no_way_from_outside_stays(site: Site, api: Api, namespace: str, cloud: Cloud) -> None:
    inside = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "inside"}, "spec": {"ports": [{"port": 80}]}}
    api.request("POST", cloud.services, inside)
    assert destroy(on_the_cluster(site, api, namespace, site.ports.pause), [EKS]) is not None
    assert [item["metadata"]["name"] for item in api.get(cloud.services)["items"]] == ["inside"]
