"""Before a cluster is destroyed: what it made in AWS goes first, while somebody is there to take it down.

Terraform would destroy the cluster, then wait for a quarter of an hour for a network that a forgotten load balancer
still uses, and fail.
"""

from __future__ import annotations

from opsctl.core.cluster_made import ClusterMade
from opsctl.core.plan import PlanSummary
from opsctl.errors import OpsError, Refused, ToolFailed
from opsctl.ports.provisioning import InfraPorts

_LOOK_EVERY_S = 2.0
_LONGEST_S = 300.0
"""A network load balancer takes two to three minutes to go."""

_NOTHING = "Nothing was changed."
_WITHOUT = "or add --without-cluster and remove by hand what stays"


def find_cluster_made(ports: InfraPorts, summary: PlanSummary, *, without_cluster: bool) -> tuple[ClusterMade, ...]:
    """What has to go first, said to the operator. Raises Refused where nobody can tell."""
    if not any(change.type == "aws_eks_cluster" for change in summary.changes):
        return ()
    if without_cluster:
        ports.operator.say("  left     what Kubernetes made in AWS is not looked for: load balancers, target groups,")
        ports.operator.say("           security groups named k8s-*; they keep the network from going")
        return ()
    found = _asked(ports)
    for one in found:
        ports.operator.say(f"  first    {one} is removed, and what AWS has for it")
    return found


def _asked(ports: InfraPorts) -> tuple[ClusterMade, ...]:
    try:
        server, found = ports.workloads.server(), ports.workloads.made()
    except OpsError as error:
        raise Refused(
            f"what Kubernetes made in AWS cannot be told: {error.message}", state=_NOTHING,
            hint=f"point kubectl at the cluster (opsctl doctor looks at it), {_WITHOUT}",
        ) from error  # fmt: skip
    _refuse_another(ports, server)
    return found


def _refuse_another(ports: InfraPorts, server: str) -> None:
    """An emulator has no Kubernetes of its own, so the address that it tells says nothing."""
    known = ports.stack.outputs().get("cluster", {}).get("value") or {}
    endpoint = str(known.get("endpoint") or "")
    if ports.origin.emulated or not endpoint or endpoint.rstrip("/").lower() == server.rstrip("/").lower():
        return
    raise Refused(
        f"kubectl points at another cluster than the environment's: {server}, not {endpoint}", state=_NOTHING,
        hint=f"aws eks update-kubeconfig --name {known.get('name', 'NAME')}, {_WITHOUT}",
    )  # fmt: skip


def remove_cluster_made(ports: InfraPorts, found: tuple[ClusterMade, ...]) -> None:
    """Remove it and wait until it is gone: a controller keeps an object until AWS has let go of what it stands for."""
    if not found:
        return
    with ports.operator.working("cluster", f"removing {len(found)} things that Kubernetes made in AWS"):
        for one in found:
            ports.workloads.remove(one)
        _wait(ports, found)


def _wait(ports: InfraPorts, found: tuple[ClusterMade, ...]) -> None:
    began = ports.now()
    while left := [one for one in ports.workloads.made() if one in found]:
        if ports.now() - began > _LONGEST_S:
            raise ToolFailed(
                f"after {_LONGEST_S:.0f} s Kubernetes has not let go of {', '.join(map(_held, left))}",
                state="Terraform has destroyed nothing yet.",
                hint=f"{_look(left[0])} tells what its controller meets; then opsctl destroy again, {_WITHOUT}",
            )
        ports.pause(_LOOK_EVERY_S)


def _held(one: ClusterMade) -> str:
    return f"{one}, kept by {' and '.join(one.held_by)}" if one.held_by else str(one)


def _look(one: ClusterMade) -> str:
    return f"kubectl describe {one.kind.lower()} {one.name} -n {one.namespace}"
