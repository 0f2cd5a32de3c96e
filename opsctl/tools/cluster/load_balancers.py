"""Load balancers that controllers in the cluster have made: found and removed by the objects that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsctl.core.cluster_made import KINDS, ClusterMade
from opsctl.tools.cluster.api import Api, NotFound

_GROUPS = {
    "Service": ("/api/v1", "services"),
    "Ingress": ("/apis/networking.k8s.io/v1", "ingresses"),
    "TargetGroupBinding": ("/apis/elbv2.k8s.aws/v1beta1", "targetgroupbindings"),
}


@dataclass(frozen=True)
class LoadBalancers:
    """`connect` is called at first use: most commands never ask the cluster."""

    connect: Callable[[], Api]

    @cached_property
    def api(self) -> Api:
        return self.connect()

    def server(self) -> str:
        return self.api.server

    def made(self) -> tuple[ClusterMade, ...]:
        return tuple(found for kind in KINDS for found in self._of(kind))

    def remove(self, made: ClusterMade) -> None:
        group, plural = _GROUPS[made.kind]
        with suppress(NotFound):  # its owner took it along
            self.api.request("DELETE", f"{group}/namespaces/{made.namespace}/{plural}/{made.name}")

    def _of(self, kind: str) -> list[ClusterMade]:
        group, plural = _GROUPS[kind]
        try:
            items = self.api.get(f"{group}/{plural}")["items"]
        except NotFound:  # nobody has installed that controller
            return []
        found = [item["metadata"] for item in items if _counts(kind, item)]
        return [ClusterMade(kind, o["namespace"], o["name"], tuple(o.get("finalizers", ()))) for o in found]


def _counts(kind: str, item: Mapping[str, Any]) -> bool:
    """Other Services have nothing outside of the cluster."""
    return kind != "Service" or item["spec"].get("type") == "LoadBalancer"
