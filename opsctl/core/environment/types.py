"""Types that several sections use. Bounds are `annotated_types` constraints: plain data that pydantic understands."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats

STRICT = {"extra": "forbid"}  # of every section: a key that nobody knows is a mistake

InstanceType = Annotated[str, Predicate(formats.instance_type)]
Port = Annotated[int, Ge(1), Le(65535)]
Seconds = Annotated[float, Ge(0), Le(86400)]
Days = Annotated[int, Ge(1), Le(3653)]
LogDays = Annotated[int, Predicate(formats.retention)]
Name = Annotated[str, Len(1, 40), Predicate(formats.dns_label)]
Text = Annotated[str, Predicate(formats.some)]
Path = Annotated[str, Predicate(formats.url_path)]
IpRange = Annotated[str, Predicate(formats.ip_range)]
RoleArn = Annotated[str, Predicate(formats.role_arn)]
