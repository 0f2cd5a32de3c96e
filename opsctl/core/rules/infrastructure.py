"""Will AWS accept it?"""

from __future__ import annotations

import re

from opsctl.core.derive import derive, resource_prefix
from opsctl.core.environment import Environment
from opsctl.core.required_tags import required_tags
from opsctl.core.rules.rule import Messages, rule

_PREFIX_MAX = 35  # an IAM role has 64 characters, "-aws-load-balancer-controller" takes the rest


@rule("name", "application.name")
def names_fit(e: Environment) -> Messages:
    if len(resource_prefix(e)) > _PREFIX_MAX:
        yield f"{resource_prefix(e)!r} begins every name in AWS; at most {_PREFIX_MAX} characters"


@rule("state.bucket", "application.name", "aws.account_id", "aws.region")
def bucket_name_fits(e: Environment) -> Messages:
    bucket = derive(e)[0].state.bucket
    if bucket is not None and len(bucket) > 63:
        yield f"the derived name {bucket!r} has {len(bucket)} characters, S3 allows 63; write one here"


@rule("aws.permissions_boundary_arn", "aws.account_id")
def boundary_is_of_the_account(e: Environment) -> Messages:
    owner = (e.aws.permissions_boundary_arn or "").split(":")[4:5]
    if e.aws.account_id and owner and owner[0] not in (e.aws.account_id, "aws"):
        yield f"of account {owner[0]}; roles take a boundary of their own account {e.aws.account_id}, or one of AWS's"


@rule("cluster.nodes.min", "cluster.nodes.max")
def nodes_are_ordered(e: Environment) -> Messages:
    if e.cluster.nodes.min > e.cluster.nodes.max:
        yield f"{e.cluster.nodes.min} is more than max {e.cluster.nodes.max}"


@rule("cluster.nodes.instance_types", "cluster.nodes.ami_type")
def architecture_fits(e: Environment) -> Messages:
    arm = "ARM_64" in e.cluster.nodes.ami_type
    odd = [name for name in e.cluster.nodes.instance_types if _is_graviton(name) != arm]
    if odd:
        yield f"{', '.join(odd)}: {'not ' if arm else ''}an ARM type, but ami_type is {e.cluster.nodes.ami_type}"


@rule("database.max_storage_gb", "database.storage_gb")
def storage_can_grow(e: Environment) -> Messages:
    least = -(-e.database.storage_gb * 11 // 10)
    if e.database.max_storage_gb < least:
        yield f"{e.database.max_storage_gb} GiB; RDS wants a tenth more than storage_gb, so {least} at least"


_OF_COST = ("cost.owner", "cost.cost_center", "cost.data_class", "cost.compliance")


@rule("aws.tags", *_OF_COST)
def tags_are_told_once(e: Environment) -> Messages:
    twice = sorted(required_tags(e.cost).keys() & e.aws.tags.keys())
    if twice:
        yield f"{', '.join(twice)}: also a key of cost; remove it here"


@rule("aws.tags")
def tags_are_free(e: Environment) -> Messages:
    taken = sorted({"application", "environment", "managed-by"} & e.aws.tags.keys())
    if taken:
        yield f"{', '.join(taken)}: set by opsctl; remove it here"


def _is_graviton(instance_type: str) -> bool:
    """Graviton families carry a g after the generation: m7g, c7gn, r8gd, t4g."""
    return bool(re.match(r"[a-z]+\d+g[a-z]*\.", instance_type))
