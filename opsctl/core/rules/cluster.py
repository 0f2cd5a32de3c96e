"""Who enters the cluster, from where, and what is left to somebody else's."""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

_KINDS = ("admin", "deployer", "operator", "auditor", "break_glass")
_ROLES = tuple(f"cluster.{kind}_role_arns" for kind in _KINDS)


@rule(*_ROLES)
def roles_are_named_once(e: Environment) -> Messages:
    names = [arn.rsplit("/")[-1] for kind in _KINDS for arn in _arns(e, kind)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)}: named twice; a role has one access entry, in one of {', '.join(_KINDS)}"


@rule("cluster.access", "cluster.public_access_cidrs")
def access_is_by_list(e: Environment) -> Messages:
    listed = bool(e.cluster.public_access_cidrs)
    if e.cluster.access == "public_allowlist" and not listed:
        yield "public_allowlist, but public_access_cidrs lists nobody"
    if e.cluster.access != "public_allowlist" and listed:
        yield f"{e.cluster.access}, but public_access_cidrs opens the endpoint to the internet: public_allowlist"


@rule("kubernetes.kubeconfig", "cluster.existing_name")
def existing_cluster_is_reached(e: Environment) -> Messages:
    if e.cluster.existing_name is not None and e.kubernetes.kubeconfig is None:
        yield f"missing; it is the way to cluster.existing_name {e.cluster.existing_name}"


@rule("cluster.existing_name", "network.existing.vpc_id")
def existing_cluster_is_in_its_network(e: Environment) -> Messages:
    if e.cluster.existing_name is not None and e.network.existing.vpc_id is None:
        yield f"{e.cluster.existing_name} lives in a VPC; network.existing.vpc_id has to name it"


@rule("cluster.existing_name", *_ROLES)
def existing_cluster_has_its_own_rights(e: Environment) -> Messages:
    idle = [f"{kind}_role_arns" for kind in _KINDS if _arns(e, kind)]
    if e.cluster.existing_name is not None and idle:
        yield f"{e.cluster.existing_name} is left as it is: {', '.join(idle)} would have no effect"


def _arns(e: Environment, kind: str) -> list[str]:
    arns: list[str] = getattr(e.cluster, f"{kind}_role_arns")
    return arns
