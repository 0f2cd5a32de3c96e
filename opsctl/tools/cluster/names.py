"""What things are called in the application's namespace, and where they are in the API."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.color import Color
from opsctl.core.sizes import AGENT


@dataclass(frozen=True)
class Names:
    """`workloads` are those of one color; `front` is the one that offers the API."""

    namespace: str
    app: str
    workloads: tuple[str, ...] = (AGENT,)
    front: str = AGENT

    def release(self, color: Color) -> str:
        """A color's Helm release, which is all of its workloads."""
        return f"{self.app}-{color}"

    def workload(self, color: Color, name: str = AGENT) -> str:
        """The Deployment and the Service of a color's workload."""
        return f"{self.active(name)}-{color}"

    def active(self, name: str = AGENT) -> str:
        """The Service by which users reach a workload, whatever its color."""
        return self.app if name == AGENT else f"{self.app}-{name}"

    def actives(self) -> list[str]:
        return [self.active(name) for name in self.workloads]

    def colored(self) -> list[str]:
        """Every workload of both colors."""
        return [self.workload(color, name) for name in self.workloads for color in Color]

    @property
    def edge(self) -> str:
        return f"{self.app}-edge"

    @property
    def lease(self) -> str:
        return f"opsctl-{self.app}"

    @property
    def freeze(self) -> str:
        return f"opsctl-{self.app}-freeze"

    def record(self, number: int) -> str:
        return f"opsctl-{self.app}-rollout-{number}"

    def tape(self, number: int) -> str:
        """What was seen of a rollout, beside its record."""
        return f"{self.record(number)}-samples"

    @property
    def guard(self) -> str:
        """The guard's service account and role, and what its pods are labelled as."""
        return f"{self.app}-guard"

    def guard_job(self, number: int) -> str:
        return f"{self.guard}-{number}"

    @property
    def guard_selector(self) -> str:
        return f"app.kubernetes.io/name={self.guard},opsctl/rollout"

    @property
    def migration(self) -> str:
        """What the pods of migrations are labelled as."""
        return f"{self.app}-migration"

    def migration_job(self, number: int) -> str:
        return f"{self.migration}-{number}"

    @property
    def pod_selector(self) -> str:
        """The application's pods, its guard's and its migrations', told apart by their labels."""
        return f"app.kubernetes.io/name in ({self.app},{self.guard},{self.migration})"

    @property
    def selector(self) -> str:
        return f"app.kubernetes.io/name={self.app}"

    def core(self, resource: str, name: str = "") -> str:
        return _path("/api/v1", self.namespace, resource, name)

    def apps(self, resource: str, name: str = "") -> str:
        return _path("/apis/apps/v1", self.namespace, resource, name)

    def batch(self, resource: str, name: str = "") -> str:
        return _path("/apis/batch/v1", self.namespace, resource, name)

    def rbac(self, resource: str) -> str:
        return _path("/apis/rbac.authorization.k8s.io/v1", self.namespace, resource, "")

    def discovery(self, resource: str) -> str:
        return _path("/apis/discovery.k8s.io/v1", self.namespace, resource, "")

    def coordination(self, name: str = "") -> str:
        return _path("/apis/coordination.k8s.io/v1", self.namespace, "leases", name)


def _path(group: str, namespace: str, resource: str, name: str) -> str:
    return f"{group}/namespaces/{namespace}/{resource}" + (f"/{name}" if name else "")
