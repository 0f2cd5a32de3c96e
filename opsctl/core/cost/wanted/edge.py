"""How users get in."""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment

_RULES: list[dict[str, str]] = [{}] * 7  # five managed sets and two limits


def edge(e: Environment) -> Iterator[Resource]:
    if e.edge.kind == "none":
        return
    cdn = e.edge.kind == "cloudfront"
    yield Resource("edge", "aws_lb", {"internal": cdn and e.edge.origin == "vpc_origin"})
    yield Resource("edge", "aws_s3_bucket")
    if e.edge.hosted_zone_id is None:
        yield Resource("edge", "aws_route53_zone")
    if cdn:
        yield Resource("edge", "aws_cloudfront_distribution")
        yield Resource("edge", "aws_wafv2_web_acl", {"rule": _RULES})
