"""What Kubernetes has made in AWS by itself. Terraform knows nothing of it, and no network goes while it is there."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = ("Service", "Ingress", "TargetGroupBinding")
"""Each of these can have a load balancer, target group or rule of a security group; removed in this order."""


@dataclass(frozen=True)
class ClusterMade:
    """`held_by`: finalizers, by which controllers say that they are not done with it; they come and go."""

    kind: str
    namespace: str
    name: str
    held_by: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
