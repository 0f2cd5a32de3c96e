"""How much it matters that an attribute was changed by hand."""

from __future__ import annotations

import re
from enum import StrEnum

DELETED = "deleted"
"""Stands for the attribute where the whole resource is gone."""


class Matter(StrEnum):
    """In the order in which a reader should see them."""

    SECURITY = "security"
    RELEVANT = "relevant"
    COSMETIC = "cosmetic"


_COSMETIC = re.compile(r"(tags|tags_all|description|comment|display_name)(\.|$)")
# Whatever of these was changed: who may do what, who may reach what, and who would notice.
_SECURITY_TYPES = (
    "aws_backup_vault_lock", "aws_cloudtrail", "aws_config_", "aws_default_security_group", "aws_ebs_encryption",
    "aws_ecr_repository_policy", "aws_eks_access_", "aws_eks_pod_identity", "aws_flow_log", "aws_guardduty_",
    "aws_iam_", "aws_kms_", "aws_network_acl", "aws_s3_account_public", "aws_s3_bucket_logging", "aws_s3_bucket_policy",
    "aws_s3_bucket_public", "aws_s3_bucket_server_side", "aws_secretsmanager_secret_policy", "aws_security_group",
    "aws_securityhub_", "aws_vpc_security_group_", "aws_wafv2_",
)  # fmt: skip
_SECURITY_WORDS = re.compile(
    r"policy|public|encrypt|kms_key|tls|ssl|logging|log_types|logs_exports|protection|authentication|auth_"
    r"|security_group|mutability|http_tokens|hop_limit|key_rotation|permissions_boundary|access_config|web_acl"
)


def matter_of(kind: str, attribute: str) -> Matter:
    """`kind` is the resource's type, `attribute` a path without positions, such as tags.owner."""
    if _COSMETIC.match(attribute):
        return Matter.COSMETIC
    if kind.startswith(_SECURITY_TYPES) or _SECURITY_WORDS.search(attribute):
        return Matter.SECURITY
    return Matter.RELEVANT
