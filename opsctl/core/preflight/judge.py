"""Facts and needs → findings. Silence of AWS is *unknown*, which stops nobody and reassures nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_network

from opsctl.core.checkup import Finding, Level
from opsctl.core.derive import resource_prefix
from opsctl.core.environment import Environment
from opsctl.core.preflight.facts import CODES, Certificate, Facts, Quota, Vpc
from opsctl.core.preflight.needs import Needs
from opsctl.core.support import Support, supported

_CERTIFICATE_DAYS = 30  # ACM renews 60 days before
_SOON_S, _NOW_S = 3600.0, 300.0  # a database and a cluster take half an hour; with less a plan is hardly through


def judge(environment: Environment, needs: Needs, facts: Facts, now: float) -> list[Finding]:
    today = datetime.fromtimestamp(now, UTC).date()
    return [
        _credentials(facts, now),
        *(_quota(quota, needs, facts) for quota in Quota),
        _roles(needs, facts),
        *(_support(found, today) for found in supported(environment)),
        _ranges(environment, facts),
        *_certificates(environment, facts, now),
    ]


def _unknown(name: str, facts: Facts, *asked: str) -> Finding:
    why = next((facts.why[key] for key in asked if key in facts.why), "AWS did not say")
    return Finding(name, Level.UNKNOWN, why)


def _credentials(facts: Facts, now: float) -> Finding:
    found = facts.credentials
    if found is None:
        return _unknown("credentials", facts, "credentials")
    if not found.temporary or found.renewed:
        words = "renewed by themselves" if found.renewed else "keys without an end"
        return Finding("credentials", Level.OK, words)
    if found.expires is None:
        return Finding("credentials", Level.UNKNOWN, "temporary, and nobody says until when")
    left = found.expires - now
    level = Level.FAIL if left < _NOW_S else Level.WARN if left < _SOON_S else Level.OK
    remedy = "" if level is Level.OK else "renew them first; a database alone takes a quarter of an hour"
    return Finding("credentials", level, f"valid for {max(0.0, left) / 60:.0f} more minutes", remedy)


def _quota(quota: Quota, needs: Needs, facts: Facts) -> Finding:
    added = {
        Quota.VPCS: needs.vpcs, Quota.ADDRESSES: needs.addresses, Quota.PROCESSORS: needs.processors,
    }[quota]  # fmt: skip
    if added == 0:
        return Finding("quota", Level.OK, f"{quota}: no more are needed")
    used, limit = facts.used(quota), facts.limits.get(quota)
    if added is None:
        return Finding("quota", Level.UNKNOWN, f"{quota}: opsctl does not know how many the instance type has")
    if used is None or limit is None:
        why = _unknown("quota", facts, quota.name, quota.name.lower()).detail
        return Finding("quota", Level.UNKNOWN, f"{quota}: {added} more are needed; {why}")
    words = f"{quota}: {added} more, {used} of {limit:.0f} are used"
    if used + added > limit:
        return Finding("quota", Level.FAIL, words, _raise(quota))
    if quota is Quota.PROCESSORS and used + (needs.most_processors or 0) > limit:
        most = f"{words}, and the most nodes would need {needs.most_processors}"
        return Finding("quota", Level.WARN, most, _raise(quota))
    return Finding("quota", Level.OK, words)


def _raise(quota: Quota) -> str:
    service, code = CODES[quota]
    return f"ask AWS for more: Service Quotas, {service}, {code}"


def _roles(needs: Needs, facts: Facts) -> Finding:
    name = "aws roles"
    if not needs.roles:
        return Finding(name, Level.OK, "no service-linked role is needed anew")
    if facts.roles is None:
        return _unknown(name, facts, "roles")
    lacking = sorted(needs.roles - facts.roles)
    if lacking:
        remedy = "AWS makes them at the first use, where these credentials have iam:CreateServiceLinkedRole"
        return Finding(name, Level.WARN, f"not there yet for {', '.join(lacking)}", remedy)
    return Finding(name, Level.OK, f"all {len(needs.roles)} service-linked roles are there")


def _support(found: Support, today: date) -> Finding:
    name, what, left = "support", f"{found.path} {found.version}", found.days_left(today)
    if left is None:
        return Finding(name, Level.UNKNOWN, f"{what}: not in opsctl's table")
    if left < 0 and found.paid and found.extended is not None and today <= found.extended:
        return Finding(name, Level.WARN, f"{what}: extended support is paid until {found.extended}", "plan the upgrade")
    if left < 0:
        return Finding(name, Level.FAIL, f"{what}: standard support ended on {found.standard}", "choose a newer one")
    if found.near(today):
        return Finding(name, Level.WARN, f"{what}: standard support until {found.standard}", "plan the upgrade")
    return Finding(name, Level.OK, f"{what}: standard support until {found.standard}")


def _ranges(environment: Environment, facts: Facts) -> Finding:
    """Overlaps are legal in AWS, until somebody wants to join the two networks."""
    name, ours = "network", environment.network.cidr
    if environment.network.existing.vpc_id is not None:
        return Finding(name, Level.OK, "an existing VPC is used")
    if facts.vpcs is None:
        return _unknown(name, facts, "vpcs")
    clashes = [*_overlapping(ours, facts.vpcs, resource_prefix(environment)), *_peers(ours, facts.peers or ())]
    if clashes:
        remedy = "networks that overlap can never be joined: choose another network.cidr"
        return Finding(name, Level.WARN, f"{ours} overlaps {', '.join(clashes)}", remedy)
    return Finding(name, Level.OK, f"{ours} overlaps none of {len(facts.vpcs)} VPCs")


def named_certificates(environment: Environment) -> dict[str, str]:
    """ARN of each certificate that exists already, by its key."""
    told = {
        "edge.certificate_arn": environment.edge.certificate_arn,
        "edge.cdn_certificate_arn": environment.edge.cdn_certificate_arn,
    }
    return {key: arn for key, arn in told.items() if arn is not None}


def _certificates(environment: Environment, facts: Facts, now: float) -> Iterator[Finding]:
    for key, arn in named_certificates(environment).items():
        if facts.certificates is None:
            yield _unknown("certificate", facts, "certificates")
        else:
            yield _certificate(key, facts.certificates[arn], now)


def _certificate(key: str, found: Certificate, now: float) -> Finding:
    name = "certificate"
    if found.status != "ISSUED":
        return Finding(name, Level.FAIL, f"{key}: ACM says {found.status}", "name one that is issued, or none")
    days = None if found.ends is None else (found.ends - now) / 86_400
    if days is not None and days < _CERTIFICATE_DAYS:
        return Finding(name, Level.WARN, f"{key}: ends in {days:.0f} days", "see why ACM has not renewed it")
    return Finding(name, Level.OK, f"{key}: issued")


def _overlapping(ours: str, vpcs: tuple[Vpc, ...], own: str) -> Iterator[str]:
    for vpc in vpcs:
        if vpc.name != own and any(ip_network(ours).overlaps(ip_network(each)) for each in vpc.ranges):
            yield f"{vpc.name or vpc.id} ({', '.join(vpc.ranges)})"


def _peers(ours: str, peers: tuple[str, ...]) -> Iterator[str]:
    for peer in peers:
        if ip_network(ours).overlaps(ip_network(peer)):
            yield f"a peer of this account's networks ({peer})"
