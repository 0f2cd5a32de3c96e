"""The database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT


@dataclass(frozen=True)
class Database:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    name: Annotated[str, Len(1, 63), Predicate(formats.database_name)] = "ai_agent_sdk"
    """Database created on the instance."""
    user: Annotated[str, Len(1, 63), Predicate(formats.database_user)] = "app"
    """User that the application logs in as, by IAM; a migration makes it: CREATE USER app; GRANT rds_iam TO app."""
    engine_version: Literal["15", "16", "17", "18"] = "17"
    """PostgreSQL major version; minors follow automatically."""
    instance_class: Annotated[str, Predicate(formats.database_class)] = "db.m7g.xlarge"
    """RDS instance class; decides how many connections fit."""
    storage_gb: Annotated[int, Ge(20), Le(65536)] = 100
    """Storage at the start, GiB."""
    max_storage_gb: Annotated[int, Ge(20), Le(65536)] = 500
    """Storage may grow to this, GiB."""
    multi_az: bool = True
    """A standby in another zone."""
    backup_days: Annotated[int, Ge(1), Le(35)] = 30
    """How long daily backups are kept, days."""
    dr_backup_days: Annotated[int, Ge(0), Le(35)] = 30
    """How long copies of the backups are kept in aws.dr_region, days; 0 copies none."""
    backup_window: Annotated[str, Predicate(formats.daily_window)] = "03:00-04:00"
    """When the daily backup is made, UTC."""
    maintenance_window: Annotated[str, Predicate(formats.weekly_window)] = "sun:04:30-sun:05:30"
    """When AWS may patch and restart the instance, UTC."""
    insights: Literal["standard", "advanced"] = "standard"
    """What Database Insights keeps of the queries: 7 days, which is free, or 465, which is paid by vCPU."""
    deletion_protection: bool = True
    """AWS refuses to delete the instance while this is on."""
    pool_min: Annotated[int, Ge(0), Le(100)] = 10
    """Connections that a pod opens at its start and keeps."""
    pool_max: Annotated[int, Ge(1), Le(100)] = 20
    """Most connections that one pod opens; checked against what the instance class offers."""
    pool_timeout: Annotated[float, Ge(1), Le(300)] = 30.0
    """A request waits so long for a free connection, seconds."""
