"""What a plan adds, as far as a quota of the account or a role of AWS's own stands before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from opsctl.core.cost.assumed import size_of
from opsctl.core.cost.wanted import wanted
from opsctl.core.environment import Environment
from opsctl.core.plan import Action, PlanSummary

ROLES = {
    "aws_autoscaling_group": "autoscaling.amazonaws.com",
    "aws_db_instance": "rds.amazonaws.com",
    "aws_eks_cluster": "eks.amazonaws.com",
    "aws_eks_node_group": "eks-nodegroup.amazonaws.com",
    "aws_elasticache_replication_group": "elasticache.amazonaws.com",
    "aws_lb": "elasticloadbalancing.amazonaws.com",
}
"""Whose service-linked role AWS wants for each type. A node group has an autoscaling group of its own."""


@dataclass(frozen=True)
class Needs:
    """`processors` are those of the fewest nodes, `most_processors` of the most; None for an unknown instance type."""

    vpcs: int = 0
    addresses: int = 0
    processors: int | None = 0
    most_processors: int | None = 0
    roles: frozenset[str] = frozenset()


def needs_of_plan(summary: PlanSummary, environment: Environment) -> Needs:
    added = (change.type for change in summary.changes if change.action in (Action.ADD, Action.REPLACE))
    return _needs(Counter(added), environment)


def needs_of_all(environment: Environment) -> Needs:
    """Where nothing is there yet."""
    types = Counter({"aws_vpc": int(environment.network.existing.vpc_id is None)})
    for resource in wanted(environment):
        types[resource.type] += resource.number
    return _needs(types, environment)


def _needs(types: Counter[str], environment: Environment) -> Needs:
    nodes = environment.cluster.nodes
    size = size_of(nodes.instance_types[0])
    groups = types["aws_eks_node_group"]
    return Needs(
        vpcs=types["aws_vpc"],
        addresses=types["aws_eip"],
        processors=groups and size and groups * nodes.min * size[0],
        most_processors=groups and size and groups * nodes.max * size[0],
        roles=frozenset(_roles(types)),
    )


def _roles(types: Iterable[str]) -> Iterable[str]:
    for kind in types:
        if kind in ROLES:
            yield ROLES[kind]
        if kind == "aws_eks_node_group":
            yield ROLES["aws_autoscaling_group"]
