"""Secrets, what is watched, and what watches the account."""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment

_ALARMS, _OF_USERS = 18, 66  # a few more or less, by what there is to watch: ten cents each
_CHARGED = {
    "config": "aws_config_configuration_recorder",
    "guardduty": "aws_guardduty_detector",
    "inspector": "aws_inspector2_enabler",
    "security_hub": "aws_securityhub_account",
}


def secrets(e: Environment) -> Iterator[Resource]:
    yield Resource("secrets", "aws_kms_key")
    yield Resource("secrets", "aws_secretsmanager_secret", number=len(e.secrets.names))
    if e.secrets.replicate:
        yield Resource("secrets", "aws_kms_key", region=e.aws.dr_region)
        yield Resource("secrets", "aws_secretsmanager_secret", region=e.aws.dr_region, number=len(e.secrets.names))


def observability(e: Environment) -> Iterator[Resource]:
    alarms = _ALARMS if e.edge.kind == "none" else _ALARMS + _OF_USERS
    yield Resource("observability", "aws_kms_key")
    yield Resource("observability", "aws_cloudwatch_metric_alarm", number=alarms)
    yield Resource("observability", "aws_cloudwatch_dashboard", number=len(e.observability.dashboards))
    if e.edge.kind != "none" and e.observability.probe_seconds > 0:
        asked = {"type": "HTTPS", "request_interval": e.observability.probe_seconds}
        yield Resource("observability", "aws_route53_health_check", asked)
    if e.observability.prometheus != "none":
        yield Resource("observability", "aws_prometheus_workspace")
    if e.observability.prometheus == "managed":
        yield Resource("observability", "aws_prometheus_scraper")
    if e.observability.grafana == "managed":
        yield Resource("observability", "aws_grafana_workspace")


def security(e: Environment) -> Iterator[Resource]:
    services = set(e.security.services) if e.security.account_baseline else set[str]()
    if services & {"cloudtrail", "config"}:
        yield Resource("security", "aws_kms_key")
        yield Resource("security", "aws_s3_bucket")
    if "cloudtrail" in services:
        watched = {"root", *(arn.rpartition("/")[2] for arn in e.cluster.break_glass_role_arns)}
        yield Resource("security", "aws_cloudwatch_log_group")
        yield Resource("security", "aws_cloudwatch_metric_alarm", number=len(watched))
    for service in sorted(services & _CHARGED.keys()):
        yield Resource("security", _CHARGED[service])
