"""What things are called in the application's namespace, and where they are in the API."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.color import Color


@dataclass(frozen=True)
class Names:
    namespace: str
    app: str

    def workload(self, color: Color) -> str:
        """A color's Deployment, Service and Helm release."""
        return f"{self.app}-{color}"

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
