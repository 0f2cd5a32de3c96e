"""What each kind of resource is charged for. Attributes are named and nested as Terraform's, whoever made them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from opsctl.core.cost.assumed import RELEASE_HOURS, Assumed, clipped
from opsctl.core.cost.prices import HOURS

Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """`number` like this one; `region` is empty in the environment's home region."""

    module: str
    type: str
    attributes: Attributes = field(default_factory=dict)
    number: int = 1
    region: str = ""


@dataclass(frozen=True)
class Use:
    """So much of what the price table has under `price`; `guessed` where traffic decides and not the configuration."""

    what: str
    price: str
    quantity: float
    guessed: bool = False


@dataclass(frozen=True)
class Setting:
    """What pricing one resource has to know of the others: each node group's nodes, and how many more at a release."""

    assumed: Assumed
    nodes: int
    more: int


Uses = Iterator[Use]


def setting(resources: Sequence[Resource], assumed: Assumed) -> Setting:
    """Pods spread over all node groups alike."""
    groups = [found for found in resources if found.type == "aws_eks_node_group"]
    if not groups:
        return Setting(assumed, 0, 0)
    scaling, number = groups[0].attributes["scaling_config"][0], sum(group.number for group in groups)
    nodes, peak = (clipped(pods and ceil(pods / number), scaling) for pods in (assumed.nodes, assumed.peak))
    return Setting(assumed, nodes, peak - nodes)


def _nodes(a: Attributes, s: Setting) -> Uses:
    kind = a["instance_types"][0]
    yield Use(f"{s.nodes} nodes {kind}", f"ec2.{kind}", s.nodes * HOURS)
    yield Use(f"{s.more} more while releases run", f"ec2.{kind}", s.more * RELEASE_HOURS)


def _launch_template(a: Attributes, s: Setting) -> Uses:
    sizes = [int(disk["volume_size"]) for device in a["block_device_mappings"] for disk in device["ebs"]]
    yield Use(f"{s.nodes} × {sum(sizes)} GB node disks", "ebs.gp3", s.nodes * sum(sizes))


def _database(a: Attributes, s: Setting) -> Uses:
    copies, kind = (2 if a.get("multi_az") else 1), a["instance_class"]
    words = "two zones" if copies == 2 else "one zone"
    yield Use(f"PostgreSQL {kind}, {words}", f"rds.{kind}", copies * HOURS)
    yield Use(f"{a['allocated_storage']} GB database storage", "rds.gp3", copies * a["allocated_storage"])
    if a.get("database_insights_mode") == "advanced":
        yield Use("Database Insights, by processor", "rds.insights", HOURS)
    if a.get("manage_master_user_password"):
        yield Use("master secret", "secret", 1)


def _cache(a: Attributes, s: Setting) -> Uses:
    groups, replicas = a.get("num_node_groups") or 1, a.get("replicas_per_node_group")
    nodes = groups * (replicas + 1) if replicas is not None else a.get("num_cache_clusters") or 1
    yield Use(f"{nodes} cache nodes {a['node_type']}", f"{a['engine']}.{a['node_type']}", nodes * HOURS)


def _endpoint(a: Attributes, s: Setting) -> Uses:
    if a.get("vpc_endpoint_type") == "Interface":
        zones = len(a.get("subnet_ids") or ()) or s.assumed.zones
        yield Use("interface endpoints", "endpoint", zones * HOURS)


def _load_balancer(a: Attributes, s: Setting) -> Uses:
    yield Use("load balancer", "alb", HOURS)
    if not a.get("internal"):
        yield Use("public addresses", "ipv4", s.assumed.zones * HOURS)


def _health_check(a: Attributes, s: Setting) -> Uses:
    """Of an endpoint in AWS; TLS and the faster of both intervals are charged for by themselves."""
    yield Use("health checks", "dns.health_check", 1)
    features = (a.get("type") == "HTTPS") + (a.get("request_interval") == 10)
    yield Use("what health checks do beside asking", "dns.health_check.feature", features)


def _web_acl(a: Attributes, s: Setting) -> Uses:
    yield Use("WAF", "waf.acl", 1)
    yield Use("WAF rules", "waf.rule", len(a.get("rule") or ()))


def _each(what: str, price: str, quantity: float = 1) -> Callable[[Attributes, Setting], Uses]:
    def uses(a: Attributes, s: Setting) -> Uses:
        yield Use(what, price, quantity)

    return uses


PRICED: Mapping[str, Callable[[Attributes, Setting], Uses]] = {
    "aws_cloudwatch_dashboard": _each("dashboards", "dashboard"),
    "aws_cloudwatch_composite_alarm": _each("alarms", "alarm", 5),
    "aws_cloudwatch_metric_alarm": _each("alarms", "alarm"),
    "aws_db_instance": _database,
    "aws_eip": _each("public addresses", "ipv4", HOURS),
    "aws_eks_cluster": _each("control plane", "eks", HOURS),
    "aws_eks_node_group": _nodes,
    "aws_elasticache_replication_group": _cache,
    "aws_kms_key": _each("KMS keys", "kms.key"),
    "aws_kms_replica_key": _each("KMS keys", "kms.key"),
    "aws_launch_template": _launch_template,
    "aws_lb": _load_balancer,
    "aws_nat_gateway": _each("NAT gateways", "nat", HOURS),
    "aws_route53_health_check": _health_check,
    "aws_route53_zone": _each("hosted zones", "dns.zone"),
    "aws_secretsmanager_secret": _each("secrets", "secret"),
    "aws_vpc_endpoint": _endpoint,
    "aws_wafv2_web_acl": _web_acl,
}
"""By the type of the resource, for each one that there is."""


UNPRICED: Mapping[str, str] = {
    "aws_backup_plan": "storage of recovery points",
    "aws_db_instance_automated_backups_replication": "backups in the DR region",
    "aws_db_proxy": "proxy, by the database's processors",
    "aws_ecr_registry_scanning_configuration": "enhanced scans in the registry",
    "aws_ecr_replication_configuration": "images in the DR region",
    "aws_elasticache_serverless_cache": "serverless cache, by data and requests",
    "aws_inspector2_enabler": "image scans",
    "aws_prometheus_scraper": "collected samples",
    "aws_prometheus_workspace": "stored samples",
    "aws_securityhub_account": "security checks",
    "aws_synthetics_canary": "runs of canaries",
}
"""Charged for by use that nobody can tell beforehand: named in each estimate, with no amount."""
