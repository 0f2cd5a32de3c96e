"""What AWS says about the account, as far as it says anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Quota(StrEnum):
    """In words, as they stand in findings."""

    VPCS = "VPCs"
    ADDRESSES = "elastic IPs"
    PROCESSORS = "on-demand processors"


CODES = {
    Quota.VPCS: ("vpc", "L-F678F1CE"),
    Quota.ADDRESSES: ("ec2", "L-0263D0A3"),
    Quota.PROCESSORS: ("ec2", "L-1216C47A"),
}
"""(service, code) of each quota in Service Quotas."""


@dataclass(frozen=True)
class Credentials:
    """`expires` is in seconds since the epoch, None where nobody says. `renewed`: they renew themselves."""

    temporary: bool
    renewed: bool = False
    expires: float | None = None


@dataclass(frozen=True)
class Vpc:
    id: str
    name: str
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """`ends` is in seconds since the epoch; `status` is ACM's, NOT FOUND where there is no such certificate."""

    status: str
    ends: float | None = None


@dataclass(frozen=True)
class Facts:
    """A field is None where AWS did not say; `why` has the reason by the field's name.

    `roles` are the services whose linked role is there, such as rds.amazonaws.com;
    `certificates` are the existing ones that the environment names, by ARN.
    """

    credentials: Credentials | None = None
    vpcs: tuple[Vpc, ...] | None = None
    peers: tuple[str, ...] | None = None
    addresses: int | None = None
    processors: int | None = None
    roles: frozenset[str] | None = None
    certificates: Mapping[str, Certificate] | None = None
    limits: Mapping[Quota, float] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)

    def used(self, quota: Quota) -> int | None:
        vpcs = None if self.vpcs is None else len(self.vpcs)
        return {Quota.VPCS: vpcs, Quota.ADDRESSES: self.addresses, Quota.PROCESSORS: self.processors}[quota]
