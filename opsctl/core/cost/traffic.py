"""What depends on how much the application is used: charged once for the environment, by assumption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from opsctl.core.cost.assumed import Assumed
from opsctl.core.cost.prices import HOURS
from opsctl.core.cost.resources import Use

_FREE_AT_CLOUDFRONT_GB, _FREE_OTHERWISE_GB = 1000.0, 100.0

TRAFFIC: Mapping[str, tuple[str, str, Callable[[Assumed], float]]] = {
    "aws_cloudfront_distribution": ("CloudFront requests", "cloudfront.million", lambda a: a.requests_millions),
    "aws_cloudwatch_log_group": ("logs", "logs.gb", lambda a: a.logs_gb),
    "aws_config_configuration_recorder": ("Config items", "config.item", lambda a: a.configuration_items),
    "aws_ecr_repository": ("images", "ecr.gb", lambda a: a.images_gb),
    "aws_grafana_workspace": ("Grafana editors", "grafana.editor", lambda a: a.grafana_editors),
    "aws_guardduty_detector": ("GuardDuty events", "guardduty.million", lambda a: a.audit_events_millions),
    "aws_lb": ("load balancer units", "alb.lcu", lambda a: a.load_balancer_units * HOURS),
    "aws_nat_gateway": ("NAT data", "nat.gb", lambda a: a.nat_gb),
    "aws_s3_bucket": ("objects in S3", "s3.gb", lambda a: a.objects_gb),
    "aws_wafv2_web_acl": ("WAF requests", "waf.million", lambda a: a.requests_millions),
}
"""What is said, its price, and how much; by the type of resource that makes it possible."""


def traffic(types: AbstractSet[str], assumed: Assumed) -> Iterator[Use]:
    for kind, (what, price, quantity) in TRAFFIC.items():
        if kind in types:
            yield Use(what, price, quantity(assumed), guessed=True)
    yield from _answers(types, assumed)


def _answers(types: AbstractSet[str], assumed: Assumed) -> Iterator[Use]:
    """To users: by CloudFront where there is one, else by the load balancer."""
    if "aws_cloudfront_distribution" in types:
        beyond, price = assumed.answers_gb - _FREE_AT_CLOUDFRONT_GB, "cloudfront.gb"
    elif "aws_lb" in types:
        beyond, price = assumed.answers_gb - _FREE_OTHERWISE_GB, "egress.gb"
    else:
        return
    yield Use("answers to users", price, max(0.0, beyond), guessed=True)
