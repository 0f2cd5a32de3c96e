"""Do the ranges, the zones and somebody else's subnets fit together?"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

SERVICE_RANGE = "172.20.0.0/16"  # addresses of Services inside EKS
_NEEDED = ("private", "database")  # of a VPC that is there already; the other tiers may be left out
_TIERS = (*_NEEDED, "public", "edge", "intra")
_SUBNETS = tuple(f"network.existing.{tier}_subnet_ids" for tier in _TIERS)


@rule("network.cidr")
def network_avoids_services(e: Environment) -> Messages:
    if ip_network(e.network.cidr).overlaps(ip_network(SERVICE_RANGE)):
        yield f"{e.network.cidr} overlaps {SERVICE_RANGE}, the addresses of Services in the cluster"


@rule("network.peered_cidrs", "network.cidr", "network.existing.vpc_id")
def peers_do_not_overlap(e: Environment) -> Messages:
    taken = {SERVICE_RANGE: "the addresses of Services in the cluster"}
    if e.network.existing.vpc_id is None:
        taken[e.network.cidr] = "network.cidr"
    for peer in e.network.peered_cidrs:
        for ours, what in taken.items():
            if ip_network(peer).overlaps(ip_network(ours)):
                yield f"{peer} overlaps {ours}, {what}: no route could lead there"


@rule("network.existing.vpc_id", *_SUBNETS)
def subnets_are_of_a_vpc(e: Environment) -> Messages:
    given = [name for name, zones in _tiers(e) if zones]
    if e.network.existing.vpc_id is None and given:
        yield f"missing; {', '.join(given)} name subnets of a VPC"
    missing = [f"{tier}_subnet_ids" for tier in _NEEDED if f"{tier}_subnet_ids" not in given]
    if e.network.existing.vpc_id is not None and missing:
        yield f"{e.network.existing.vpc_id} is used by its subnets; {' and '.join(missing)} missing"


@rule("network.zones", _SUBNETS[0])
def subnets_cover_the_zones(e: Environment) -> Messages:
    given = e.network.existing.private_subnet_ids
    if given and len(given) != e.network.zones:
        yield f"{e.network.zones}; network.existing.private_subnet_ids has {len(given)}: {', '.join(sorted(given))}"


@rule(*_SUBNETS)
def subnets_are_in_the_same_zones(e: Environment) -> Messages:
    private = set(e.network.existing.private_subnet_ids)
    others = [f"{name} has {', '.join(sorted(zones))}" for name, zones in _tiers(e) if zones and zones != private]
    if private and others:
        yield f"{', '.join(sorted(private))}, but {'; '.join(others)}"


@rule(_SUBNETS[0], "aws.region")
def subnets_are_in_the_region(e: Environment) -> Messages:
    foreign = sorted(zone for zone in e.network.existing.private_subnet_ids if zone[:-1] != e.aws.region)
    if foreign:
        yield f"{', '.join(foreign)}: not in {e.aws.region}"


def _tiers(e: Environment) -> Iterator[tuple[str, set[str]]]:
    """Each tier's key and the zones that it names."""
    for tier in _TIERS:
        name = f"{tier}_subnet_ids"
        yield name, set(getattr(e.network.existing, name))
