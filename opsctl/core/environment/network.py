"""The VPC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, LogDays

SubnetIds = dict[Annotated[str, Predicate(formats.zone)], Annotated[str, Predicate(formats.subnet_id)]]


@dataclass(frozen=True)
class ExistingNetwork:
    """Somebody else's VPC, where the environment is to live in one."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    vpc_id: Annotated[str, Predicate(formats.vpc_id)] | None = None
    """VPC to live in instead of making one; it is read and never changed."""
    private_subnet_ids: SubnetIds = field(default_factory=dict)
    """Its subnets for nodes and pods by availability zone; they need a way out."""
    database_subnet_ids: SubnetIds = field(default_factory=dict)
    """Its subnets for databases by availability zone."""
    public_subnet_ids: SubnetIds = field(default_factory=dict)
    """Its subnets for load balancers that the internet reaches, by availability zone; empty where none is needed."""
    edge_subnet_ids: SubnetIds = field(default_factory=dict)
    """Its subnets for internal load balancers by availability zone; empty takes the private ones."""
    intra_subnet_ids: SubnetIds = field(default_factory=dict)
    """Its subnets for the control plane's addresses by availability zone; empty takes the private ones."""


@dataclass(frozen=True)
class Network:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    cidr: Annotated[str, Predicate(formats.vpc_range)] = "10.40.0.0/16"
    """Address range of the VPC, /16 to /20."""
    zones: Annotated[int, Ge(2), Le(3)] = 3
    """Availability zones; production needs 3."""
    nat: Literal["none", "single", "per_zone"] = "per_zone"
    """NAT gateways: none, one for all zones, or one a zone (survives the loss of a zone)."""
    endpoints: Literal["none", "minimal", "standard", "private"] | None = None
    """AWS services reached inside the VPC; private: all that nodes need. Default: minimal, private without NAT."""
    peered_cidrs: list[Annotated[str, Predicate(formats.ipv4_range)]] = field(default_factory=list)
    """Ranges joined to this network, such as an office's; none may overlap, and each reaches the cluster's API."""
    flow_log_days: LogDays = 365
    """How long VPC flow logs are kept, days."""
    existing: ExistingNetwork = field(default_factory=ExistingNetwork)
