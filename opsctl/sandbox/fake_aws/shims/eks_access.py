"""EKS access entries and the policies associated with them, which moto does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims import eks_parts
from opsctl.sandbox.fake_aws.shims.eks_parts import Item
from opsctl.sandbox.fake_aws.shims.hooks import operation

_ENTRY = eks_parts.Family(
    name="access_entry",
    member="accessEntry",
    key="principalArn",
    arn="accessEntryArn",
    defaults=lambda request: {"kubernetesGroups": [], "type": "STANDARD", "username": request["principalArn"]},
)


def install() -> None:
    from moto.eks.responses import EKSResponse

    eks_parts.install(_ENTRY)
    operation(EKSResponse, "associate_access_policy", _associate)
    operation(EKSResponse, "disassociate_access_policy", _disassociate)
    operation(EKSResponse, "list_associated_access_policies", _list)


def _policies(response: Any, request: Item) -> dict[str, Item]:
    """By ARN."""
    policies: dict[str, Item] = eks_parts.find(_ENTRY, response, request).setdefault("_policies", {})
    return policies


def _associate(response: Any, request: Item) -> Item:
    now = datetime.now(UTC)
    scope = {"namespaces": []} | request["accessScope"]
    policy = {"policyArn": request["policyArn"], "accessScope": scope, "associatedAt": now, "modifiedAt": now}
    _policies(response, request)[request["policyArn"]] = policy
    return _named(request) | {"associatedAccessPolicy": policy}


def _disassociate(response: Any, request: Item) -> Item:
    _policies(response, request).pop(request["policyArn"], None)
    return {}


def _list(response: Any, request: Item) -> Item:
    return _named(request) | {"associatedAccessPolicies": list(_policies(response, request).values())}


def _named(request: Item) -> Item:
    return {"clusterName": request["clusterName"], "principalArn": request["principalArn"]}
