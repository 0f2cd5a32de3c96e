"""Load balancers by the Kubernetes objects that asked for them."""

from __future__ import annotations

from typing import Any

from kube_store import KubeStore

from opsctl.core.cluster_made import ClusterMade
from opsctl.tools.cluster.load_balancers import LoadBalancers

INGRESS, BINDING = "/apis/networking.k8s.io/v1", "/apis/elbv2.k8s.aws/v1beta1"


class Everywhere(KubeStore):
    """Lists over all namespaces; kinds of which there are none are not installed."""

    def _get(self, path: str, body: Any, query: Any) -> dict[str, Any]:
        group, _, plural = path.rpartition("/")
        items = [found for at, found in self.objects.items() if at.startswith(group) and f"/{plural}/" in at]
        return {"items": items} if items or plural in ("services", "ingresses") else super()._get(path, body, query)


def thing(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": "apps", "name": name}, "spec": spec}


def cluster() -> tuple[Everywhere, LoadBalancers]:
    store = Everywhere("apps")
    store.put_there("/api/v1/namespaces/apps/services/web", thing("web", type="LoadBalancer"))
    store.put_there("/api/v1/namespaces/apps/services/inside", thing("inside", type="ClusterIP"))
    store.put_there(f"{INGRESS}/namespaces/apps/ingresses/door", thing("door"))
    return store, LoadBalancers(lambda: store)  # type: ignore[arg-type,return-value]


def test_what_has_something_outside_of_the_cluster_is_found() -> None:
    store, found = cluster()
    assert found.made() == (ClusterMade("Service", "apps", "web"), ClusterMade("Ingress", "apps", "door"))
    store.put_there(f"{BINDING}/namespaces/apps/targetgroupbindings/blue", thing("blue"))
    assert found.made()[-1] == ClusterMade("TargetGroupBinding", "apps", "blue")


def test_it_is_removed_once_or_was_gone_already() -> None:
    store, found = cluster()
    for _ in range(2):
        found.remove(ClusterMade("Service", "apps", "web"))
    assert [str(one) for one in found.made()] == ["Ingress apps/door"]
    assert "/api/v1/namespaces/apps/services/inside" in store.objects
