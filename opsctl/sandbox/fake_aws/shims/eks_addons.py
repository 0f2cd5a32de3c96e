"""EKS add-ons, which moto does not have."""

from __future__ import annotations

from opsctl.sandbox.fake_aws.shims import eks_parts

_ADDON = eks_parts.Family(
    name="addon",
    member="addon",
    key="addonName",
    arn="addonArn",
    defaults=lambda _: {"addonVersion": "v1.0.0-eksbuild.1", "health": {"issues": []}, "status": "ACTIVE"},
)


def install() -> None:
    eks_parts.install(_ADDON)
