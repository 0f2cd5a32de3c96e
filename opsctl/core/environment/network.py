"""The VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, LogDays


@dataclass(frozen=True)
class Network:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    cidr: Annotated[str, Predicate(formats.vpc_range)] = "10.40.0.0/16"
    """Address range of the VPC, /16 to /20."""
    zones: Annotated[int, Ge(2), Le(3)] = 3
    """Availability zones; production needs 3."""
    nat: Literal["none", "single", "per_zone"] = "per_zone"
    """NAT gateways: none, one for all zones, or one a zone (survives the loss of a zone)."""
    flow_log_days: LogDays = 365
    """How long VPC flow logs are kept, days."""
