"""Resources that AWS charges nothing for. Whatever is neither here nor priced is told, never taken to be free."""

from __future__ import annotations

_FREE = (
    "aws_accessanalyzer_", "aws_account_", "aws_acm_certificate", "aws_backup_global", "aws_backup_region",
    "aws_backup_restore_testing", "aws_backup_selection", "aws_backup_vault", "aws_budgets_", "aws_ce_",
    "aws_cloudfront_cache_policy", "aws_cloudfront_function", "aws_cloudfront_origin", "aws_cloudfront_response",
    "aws_cloudfront_vpc_origin", "aws_cloudtrail", "aws_cloudwatch_event_", "aws_cloudwatch_log_", "aws_config_",
    "aws_db_event_", "aws_db_option_", "aws_db_parameter_", "aws_db_subnet_", "aws_default_", "aws_ebs_encryption",
    "aws_ebs_snapshot_block", "aws_ec2_instance_metadata", "aws_ec2_tag", "aws_ecr_", "aws_eks_access_",
    "aws_eks_addon", "aws_eks_pod_identity", "aws_elasticache_parameter", "aws_elasticache_subnet",
    "aws_elasticache_user", "aws_flow_log", "aws_grafana_", "aws_guardduty_", "aws_iam_", "aws_internet_gateway",
    "aws_egress_only_internet_gateway", "aws_kms_alias", "aws_kms_key_policy", "aws_lb_", "aws_network_acl",
    "aws_prometheus_alert", "aws_prometheus_rule", "aws_resourcegroups_", "aws_route", "aws_s3_account_",
    "aws_s3_bucket", "aws_secretsmanager_secret_", "aws_security_group", "aws_securityhub_", "aws_sns_", "aws_ssm_",
    "aws_subnet", "aws_vpc", "aws_vpc_", "aws_wafv2_ip_set", "aws_wafv2_rule_group", "aws_wafv2_web_acl_", "aws_xray_",
    "terraform_data", "time_", "random_",
)  # fmt: skip


def is_free(kind: str) -> bool:
    return kind.startswith(_FREE)
