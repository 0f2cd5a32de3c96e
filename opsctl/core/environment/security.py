"""What watches the account, what it keeps as evidence, and which law the data is under."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, get_args

from annotated_types import Ge, Le

from opsctl.core.environment.types import STRICT, Days, LogDays

SecurityService = Literal[
    "access_analyzer",
    "cloudtrail",
    "config",
    "ebs_encryption",
    "guardduty",
    "inspector",
    "password_policy",
    "public_access_block",
    "security_hub",
]


@dataclass(frozen=True)
class Security:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    compliance: list[Literal["gdpr", "iso27001", "soc2"]] = field(default_factory=list)
    """What an auditor will ask about; opsctl gives evidence, and is no certificate. gdpr keeps copies inside the EU."""
    account_baseline: bool = True
    """This environment makes what an account has once; one environment an account, none where an organisation does."""
    services: list[SecurityService] = field(default_factory=lambda: list(get_args(SecurityService)))
    """Which parts of it are made; leave out what is managed centrally."""
    audit_log_days: LogDays = 365
    """How long the audit trail is at hand, in the log group and in the bucket, days; then it is archived."""
    audit_archive_days: Days = 2557
    """How long the archive is kept, days from the event; seven years."""
    object_lock_days: Annotated[int, Ge(0), Le(3653)] = 365
    """How long nobody without a special right deletes what the audit bucket holds (governance), days; 0 is no lock."""
    alert_severity: Literal["medium", "high", "critical"] = "high"
    """From this severity on, findings are told to the topic at once."""
