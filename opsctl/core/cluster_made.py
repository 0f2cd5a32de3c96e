"""What Kubernetes has made in AWS by itself. Terraform knows nothing of it, and no network goes while it is there."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("Service", "Ingress", "TargetGroupBinding")
"""Each of these can have a load balancer, target group or rule of a security group; removed in this order."""


@dataclass(frozen=True)
class ClusterMade:
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
