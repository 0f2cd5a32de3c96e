"""S3: moto refuses by a bucket policy's Deny even where its condition does not hold.

Terraform's state bucket denies all but TLS, and the fake AWS is plain HTTP on this computer. So statements with a
condition are kept and shown, but not applied.
"""

from __future__ import annotations

import json
from typing import Any


def install() -> None:
    from moto.s3.models import FakeBucket

    setattr(FakeBucket, "get_permission", _get_permission)  # noqa: B010 (an assignment would be a type error)


def _get_permission(bucket: Any, action: str, resource: str) -> Any:
    from moto.iam.access_control import IAMPolicy, PermissionResult

    policy = json.loads(bucket.policy or b"{}")
    policy["Statement"] = [item for item in policy.get("Statement", []) if "Condition" not in item]
    if not policy["Statement"]:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
