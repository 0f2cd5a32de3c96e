"""The VPC."""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment

_INTERFACES = {"none": 0, "minimal": 0, "standard": 6, "private": 16}
"""Interface endpoints of each profile; those of gateways are free."""


def network(e: Environment) -> Iterator[Resource]:
    if e.network.existing.vpc_id is not None:  # somebody else pays for it
        return
    gateways = {"none": 0, "single": 1, "per_zone": e.network.zones}[e.network.nat]
    if gateways:
        yield Resource("network", "aws_nat_gateway", number=gateways)
        yield Resource("network", "aws_eip", number=gateways)
    if interfaces := _INTERFACES[e.network.endpoints or "minimal"]:
        yield Resource("network", "aws_vpc_endpoint", {"vpc_endpoint_type": "Interface"}, interfaces)
    yield Resource("network", "aws_cloudwatch_log_group")
