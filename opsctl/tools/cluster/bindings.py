"""Whether the cluster can bind pods to target groups: the controller's kind, and the namespace's gate for pods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.bindings import GATE_LABEL, GATED, Bound, install_command
from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.render.places import NOTHING, target_groups
from opsctl.tools.cluster.api import Api, Forbidden, NotFound
from opsctl.tools.cluster.names import Names

_KIND = "targetgroupbindings"


@dataclass(frozen=True)
class Bindings:
    """`ask` tells Terraform's outputs as of the last apply, `users` to which colors the load balancer sends users."""

    api: Api
    names: Names
    environment: Environment
    ask: Callable[[], Mapping[str, Any]]
    users: Callable[[Mapping[str, Any]], frozenset[Color]]

    def outputs(self) -> Mapping[str, Any]:
        """Nobody comes by an emulated load balancer, so there a release hangs on no answer of AWS."""
        return NOTHING if self.environment.aws.emulated else self.ask()

    def read(self) -> Bound | None:
        """None where there are no target groups; then the cluster is asked nothing."""
        outputs = self.outputs()
        if not target_groups(outputs):
            return None
        install = install_command(outputs, self.environment.aws.region)
        return Bound(self.names.namespace, self._known(), self._gated(), install)

    def balanced(self) -> frozenset[Color]:
        return self.users(self.outputs()["edge"])

    def _known(self) -> bool:
        """By what the API offers, which everybody may ask; definitions themselves are for administrators."""
        try:
            offered = self.api.get("/apis/elbv2.k8s.aws/v1beta1")["resources"]
        except NotFound:
            return False
        return any(one["name"] == _KIND for one in offered)

    def _gated(self) -> bool | None:
        """A namespace that is not there yet gets the label when it is made."""
        try:
            found = self.api.get(f"/api/v1/namespaces/{self.names.namespace}")
        except NotFound:
            return True
        except Forbidden:
            return None
        return bool(found["metadata"].get("labels", {}).get(GATE_LABEL) == GATED)
