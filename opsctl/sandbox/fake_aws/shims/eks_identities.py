"""EKS pod identity associations, which moto does not have. AWS chooses what identifies one."""

from __future__ import annotations

import uuid
from typing import Any

from opsctl.sandbox.fake_aws.shims import eks_parts
from opsctl.sandbox.fake_aws.shims.hooks import operation

_IDENTITY = eks_parts.Family(
    name="pod_identity_association",
    member="association",
    key="associationId",
    arn="associationArn",
    defaults=lambda _: {},
)


def install() -> None:
    from moto.eks.responses import EKSResponse

    eks_parts.install(_IDENTITY)
    operation(EKSResponse, "create_pod_identity_association", _create)


def _create(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    return eks_parts.create(_IDENTITY, response, request | {"associationId": f"a-{uuid.uuid4().hex[:17]}"})
