"""What users would notice of a change: a table by resource type, action and attribute.

A type or an attribute that the table does not know is `unknown`, which is never taken for harmless. Sources: the AWS
user guides of each service ("Settings for DB instances", "Update a cluster", "Modifying a replication group", …).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from opsctl.core.plan import Action, Change, within


class Level(StrEnum):
    """In the order in which they are told; of several attributes the worst counts."""

    NONE = "none"
    ROLLING = "rolling"
    CONTROL_PLANE = "control plane"
    FAILOVER = "failover"
    UNKNOWN = "unknown"
    OUTAGE = "outage"


@dataclass(frozen=True)
class Downtime:
    level: Level
    why: str = ""


_NONE = Downtime(Level.NONE)
_UNKNOWN = Downtime(Level.UNKNOWN, "opsctl does not know what this change interrupts")
_NODES = Downtime(Level.ROLLING, "nodes are replaced one by one; pods move")
_ADDON = Downtime(Level.ROLLING, "its pods are replaced one by one")
_API = Downtime(Level.CONTROL_PLANE, "the Kubernetes API may pause for minutes; pods go on")
_DATABASE = Downtime(Level.FAILOVER, "connections break for 1 to 2 minutes (Multi-AZ), else longer")
_UPGRADE = Downtime(Level.OUTAGE, "the database is away for minutes while its engine is upgraded")
_CACHE = Downtime(Level.FAILOVER, "connections break for seconds while nodes are replaced")
_USERS = Downtime(Level.OUTAGE, "users are cut off until it is there again")
_GONE = Downtime(Level.OUTAGE, "whoever still uses it is cut off")

_TAGS = ("tags", "tags_all")

# Attributes whose change in place interrupts somebody. Any other attribute of these types is harmless in place.
_IN_PLACE: Mapping[str, Mapping[str, Downtime]] = {
    "aws_db_instance": {
        "allocated_storage": _NONE,
        "ca_cert_identifier": _DATABASE,
        "db_subnet_group_name": _DATABASE,
        "engine_version": _UPGRADE,
        "instance_class": _DATABASE,
        "iops": _NONE,
        "multi_az": _NONE,
        "parameter_group_name": _DATABASE,
        "port": _DATABASE,
        "storage_type": _DATABASE,
    },
    "aws_db_parameter_group": {"parameter": Downtime(Level.FAILOVER, "static parameters wait for a reboot")},
    "aws_eks_addon": {"addon_version": _ADDON, "configuration_values": _ADDON},
    "aws_eks_cluster": {"version": _API, "vpc_config": _API, "encryption_config": _API, "access_config": _API},
    "aws_eks_node_group": {
        "ami_type": _NODES, "instance_types": _NODES, "launch_template": _NODES, "release_version": _NODES,
        "version": _NODES,
        "scaling_config": Downtime(Level.ROLLING, "where it shrinks, pods of nodes that go have to move"),
    },
    "aws_elasticache_replication_group": {
        "engine_version": _CACHE, "node_type": _CACHE, "num_cache_clusters": _NONE, "parameter_group_name": _CACHE,
        "auth_token": _CACHE, "transit_encryption_mode": _CACHE,
    },
    "aws_elasticache_parameter_group": {"parameter": Downtime(Level.FAILOVER, "some parameters wait for a reboot")},
    "aws_lb": {"subnets": _USERS, "subnet_mapping": _USERS, "internal": _USERS},
    "aws_lb_listener": {"port": _USERS, "protocol": _USERS, "default_action": _USERS, "certificate_arn": _NONE},
    "aws_lb_target_group": {},
    "aws_route": {"nat_gateway_id": Downtime(Level.FAILOVER, "open connections through the old gateway break")},
    "aws_security_group": {"ingress": _UNKNOWN, "egress": _UNKNOWN},
}  # fmt: skip

# Whose replacement or removal cuts users, or all ways out, until the new one is there.
_CARRIES_USERS = frozenset({
    "aws_cloudfront_distribution", "aws_cloudfront_vpc_origin", "aws_db_instance", "aws_eks_cluster", "aws_eip",
    "aws_elasticache_replication_group", "aws_internet_gateway", "aws_lb", "aws_lb_listener", "aws_lb_listener_rule",
    "aws_lb_target_group", "aws_nat_gateway", "aws_route", "aws_route53_record", "aws_route53_zone", "aws_route_table",
    "aws_route_table_association", "aws_security_group", "aws_subnet", "aws_vpc", "aws_vpc_endpoint",
    "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "aws_acm_certificate",
})  # fmt: skip
_CARRIES_PODS = frozenset({"aws_eks_node_group", "aws_launch_template", "aws_eks_addon"})

# Whatever happens to these, nobody who uses the application notices at that moment.
_BEHIND_THE_SCENES = (
    "aws_accessanalyzer_", "aws_backup_", "aws_budgets_", "aws_ce_", "aws_cloudtrail", "aws_cloudwatch_", "aws_config_",
    "aws_ebs_encryption_", "aws_ecr_lifecycle_", "aws_ecr_registry_", "aws_ecr_replication_", "aws_flow_log",
    "aws_grafana_", "aws_guardduty_", "aws_inspector2_", "aws_kms_alias", "aws_prometheus_", "aws_s3_account_",
    "aws_s3_bucket_", "aws_securityhub_", "aws_sns_", "aws_iam_account_", "aws_db_event_", "aws_resourcegroups_",
    "aws_db_instance_automated_backups_", "aws_sqs_", "aws_wafv2_web_acl_logging", "terraform_data",
)  # fmt: skip
_HARMLESS_IN_PLACE = (
    "aws_ecr_repository", "aws_kms_key", "aws_launch_template", "aws_secretsmanager_secret", "aws_subnet", "aws_vpc",
    "aws_eip", "aws_nat_gateway", "aws_internet_gateway", "aws_db_subnet_group", "aws_route_table", "aws_s3_bucket",
    "aws_eks_access_", "aws_acm_certificate",
)  # fmt: skip


def downtime(change: Change) -> Downtime:
    """What users would notice of `change`."""
    if change.action in (Action.ADD, Action.IMPORT, Action.FORGET, Action.MOVE) or change.unfinished:
        return _NONE
    if change.type.startswith(_BEHIND_THE_SCENES):
        return _NONE
    return _in_place(change) if change.action is Action.CHANGE else _gone(change)


def _gone(change: Change) -> Downtime:
    if change.type in _CARRIES_USERS:
        return _USERS if change.action is Action.REPLACE else _GONE
    return _NODES if change.type in _CARRIES_PODS else _UNKNOWN


def _in_place(change: Change) -> Downtime:
    paths = [found.path for found in change.differences]
    if paths and all(any(within(path, tag) for tag in _TAGS) for path in paths):
        return _NONE
    known = _IN_PLACE.get(change.type)
    if known is None:
        return _NONE if change.type.startswith(_HARMLESS_IN_PLACE) else _UNKNOWN
    found = [effect for path in paths for name, effect in known.items() if within(path, name)]
    return max(found, key=lambda effect: list(Level).index(effect.level), default=_NONE)
