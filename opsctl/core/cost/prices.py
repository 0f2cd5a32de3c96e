"""The price table: US dollars, on demand, before tax. One book a region; a region without a book has no estimate.

A figure that was read in a current source is `checked`; one that is recalled has a wider error. Prices go up with the
size of an instance in proportion, so that a family needs one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HOURS = 730.0  # of a month, as AWS counts them
_SIZES = {"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16, "12xlarge": 24, "16xlarge": 32}
_ERROR = {True: 0.05, False: 0.15}


@dataclass(frozen=True)
class Price:
    usd: float
    source: str
    checked: bool = True

    @property
    def error(self) -> float:
        return _ERROR[self.checked]


@dataclass(frozen=True)
class PriceBook:
    """`version` counts changes of this table, `captured_on` is the day its figures were gathered."""

    version: str
    captured_on: str
    region: str
    prices: Mapping[str, Price]

    def of(self, key: str) -> Price | None:
        """None where the table cannot tell; a size that it lacks is in proportion to its family's `large`."""
        if key in self.prices:
            return self.prices[key]
        family, _, size = key.rpartition(".")
        large = self.prices.get(f"{family}.large")
        if large is None or size not in _SIZES:
            return None
        return Price(large.usd * _SIZES[size], f"{large.source}, by size", large.checked)


_AWS = "AWS price page"
_US_EAST_1 = {
    "eks": Price(0.10, "AWS blog"),
    "ec2.m5.large": Price(0.096, "Infracost"),
    "ec2.m6i.large": Price(0.096, "EC2 price list"),
    "ec2.m7i.large": Price(0.1008, "EC2 price list"),
    "ec2.m7g.large": Price(0.0816, "EC2 price list"),
    "ec2.m8g.large": Price(0.0898, "recalled", checked=False),
    "ec2.t3.medium": Price(0.0416, "Infracost"),
    "ec2.t4g.medium": Price(0.0336, "recalled", checked=False),
    "ec2.t4g.large": Price(0.0672, "recalled", checked=False),
    "ebs.gp3": Price(0.08, _AWS),
    "nat": Price(0.045, _AWS),
    "nat.gb": Price(0.045, _AWS),
    "ipv4": Price(0.005, _AWS),
    "endpoint": Price(0.01, _AWS),
    "egress.gb": Price(0.09, _AWS),
    "alb": Price(0.0225, _AWS),
    "alb.lcu": Price(0.008, _AWS),
    "cloudfront.gb": Price(0.085, _AWS),
    "cloudfront.million": Price(1.00, _AWS),
    "waf.acl": Price(5.0, _AWS),
    "waf.rule": Price(1.0, _AWS),
    "waf.million": Price(0.60, _AWS),
    "rds.db.t4g.micro": Price(0.016, _AWS),
    "rds.db.t4g.small": Price(0.032, _AWS),
    "rds.db.t4g.medium": Price(0.065, _AWS),
    "rds.db.m7g.large": Price(0.168, "recalled", checked=False),
    "rds.db.r7g.large": Price(0.239, "recalled", checked=False),
    "rds.gp3": Price(0.115, _AWS),
    "redis.cache.t4g.small": Price(0.032, "recalled", checked=False),
    "redis.cache.t4g.medium": Price(0.065, "recalled", checked=False),
    "redis.cache.m7g.large": Price(0.158, "recalled", checked=False),
    "redis.cache.r7g.large": Price(0.219, "recalled", checked=False),
    "valkey.cache.t4g.small": Price(0.0256, "Redis OSS less 20 %", checked=False),
    "valkey.cache.t4g.medium": Price(0.052, "Redis OSS less 20 %", checked=False),
    "valkey.cache.m7g.large": Price(0.126, "Redis OSS less 20 %", checked=False),
    "valkey.cache.r7g.large": Price(0.175, "Redis OSS less 20 %", checked=False),
    "kms.key": Price(1.0, _AWS),
    "secret": Price(0.40, _AWS),
    "logs.gb": Price(0.50, _AWS),
    "alarm": Price(0.10, _AWS),
    "dashboard": Price(3.0, _AWS),
    "s3.gb": Price(0.023, _AWS),
    "ecr.gb": Price(0.10, _AWS),
    "dns.zone": Price(0.50, _AWS),
    "dns.health_check": Price(0.50, _AWS),
    "dns.health_check.feature": Price(1.00, "recalled", checked=False),
    "config.item": Price(0.003, _AWS),
    "guardduty.million": Price(4.0, _AWS),
    "guardduty.gb": Price(1.0, _AWS),
    "grafana.editor": Price(9.0, _AWS),
}

BOOKS = {"us-east-1": PriceBook("1", "2026-11-22", "us-east-1", _US_EAST_1)}
