"""EKS's families of things that belong to a cluster: create, describe, update and delete are alike for all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.eks_clusters import update
from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """One kind of thing, by the names of AWS's model."""

    name: str  # in operations: create_<name>
    member: str  # in answers that hold one
    key: str  # what identifies one within its cluster
    arn: str  # member that holds its ARN
    defaults: Callable[[Item], Item]  # what AWS fills in


def install(family: Family) -> None:
    """Adds the four operations of a family to moto's EKS."""
    from moto.eks.responses import EKSResponse

    operation(EKSResponse, f"create_{family.name}", lambda response, request: create(family, response, request))
    operation(
        EKSResponse,
        f"describe_{family.name}",
        lambda response, request: {family.member: find(family, response, request)},
    )
    operation(EKSResponse, f"delete_{family.name}", lambda response, request: _delete(family, response, request))
    operation(EKSResponse, f"update_{family.name}", lambda response, request: _update(family, response, request))


def items(family: Family, response: Any, cluster: str) -> dict[str, Item]:
    """All of a family in a cluster, which must exist, by key; kept on moto's cluster, and gone with it.

    In an item, names that begin with `_` are no members of AWS's model, so they never show in an answer.
    """
    found = response.eks_backend.describe_cluster(cluster)
    kept: dict[str, Item] = parts_of(found).setdefault(family.name, {})
    return kept


def parts_of(cluster: Any) -> dict[str, dict[str, Item]]:
    """Items by family and key."""
    parts: dict[str, dict[str, Item]] = vars(cluster).setdefault("_parts", {})
    return parts


def find(family: Family, response: Any, request: Item) -> Item:
    """The one that the request names; AWS's not-found error where there is none."""
    from moto.eks.exceptions import ResourceNotFoundException

    found = items(family, response, request["clusterName"]).get(request[family.key])
    if found is None:
        raise ResourceNotFoundException(message=f"No {family.member} found for {family.key}: {request[family.key]}")
    return found


def create(family: Family, response: Any, request: Item) -> Item:
    from moto.eks.exceptions import ResourceInUseException

    kept = items(family, response, request["clusterName"])
    if request[family.key] in kept:
        raise ResourceInUseException(message=f"{family.member} already exists: {request[family.key]}")
    now, arn = datetime.now(UTC), _arn(family, response, request)
    item = family.defaults(request) | {"createdAt": now, "modifiedAt": now, "tags": {}} | request
    kept[request[family.key]] = item | {family.arn: arn, "_arn": arn}
    return {family.member: kept[request[family.key]]}


def _arn(family: Family, response: Any, request: Item) -> str:
    place = f"arn:{response.partition}:eks:{response.region}:{response.current_account}"
    name = request[family.key].split("/")[-1]
    return f"{place}:{family.name.replace('_', '-')}/{request['clusterName']}/{name}/{uuid.uuid4()}"


def _delete(family: Family, response: Any, request: Item) -> Item:
    item = find(family, response, request)
    del items(family, response, request["clusterName"])[request[family.key]]
    return {family.member: item}


def _update(family: Family, response: Any, request: Item) -> Item:
    item = find(family, response, request)
    item.update(request, modifiedAt=datetime.now(UTC))
    return update() | {family.member: item}  # some families answer with an update, others with the thing itself
