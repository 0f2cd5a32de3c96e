"""EKS: moto tags clusters only; node groups, add-ons and access entries have tags too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from opsctl.sandbox.fake_aws.shims.eks_parts import Item, parts_of
from opsctl.sandbox.fake_aws.shims.hooks import operation


def install() -> None:
    from moto.eks.responses import EKSResponse

    operation(EKSResponse, "tag_resource", _tag)
    operation(EKSResponse, "untag_resource", _untag)
    operation(EKSResponse, "list_tags_for_resource", lambda response, request: {"tags": _find(response, request)})


def _tag(response: Any, request: Item) -> Item:
    _find(response, request).update(request["tags"])
    return {}


def _untag(response: Any, request: Item) -> Item:
    tags = _find(response, request)
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}


def _find(response: Any, request: Item) -> dict[str, str]:
    from moto.eks.exceptions import ResourceNotFoundException

    wanted = unquote(request["resourceArn"])
    for arn, tags in _all(response.eks_backend):
        if arn == wanted:
            return tags
    raise ResourceNotFoundException(message=f"No resource found for ARN: {wanted}")


def _all(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of everything."""
    for cluster in backend.clusters.values():
        yield cluster.arn, cluster.tags
        for group in cluster.nodegroups.values():
            yield group.arn, group.tags
        for family in parts_of(cluster).values():
            for item in family.values():
                yield item["_arn"], item["tags"]
