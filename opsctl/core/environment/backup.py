"""Backups beside the database's own: how often, how long, how far away, and whether they can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from opsctl.core.environment.types import STRICT, Days


@dataclass(frozen=True)
class Backup:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    schedule: Literal["none", "daily"] = "daily"
    """How often AWS Backup takes a copy into a vault of its own; the database backs itself up besides."""
    keep_days: Days = 30
    """How long a backup stays in the vault, days."""
    copy_days: Annotated[int, Ge(0), Le(3653)] = 30
    """How long its copy stays in the DR region, days; 0 makes none."""
    continuous: bool = False
    """Any second of the last keep_days can be had again; AWS Backup then rules the database's own backups."""
    lock: Literal["none", "governance", "compliance"] = "governance"
    """Who may delete a backup early: all, a few that IAM names, or nobody, ever, AWS and you included."""
    lock_min_days: Days = 7
    """What the lock allows: no backup goes before this many days."""
    lock_max_days: Days = 365
    """What the lock allows: no backup stays for longer than this many days."""
    lock_cooling_days: Annotated[int, Ge(3), Le(36500)] = 14
    """With lock compliance: days in which it can still be taken off; after that it is there for ever."""
    restore_test: Literal["none", "weekly", "monthly"] = "monthly"
    """How often the newest backup is restored beside the database, timed, and thrown away."""
    rpo_minutes: Annotated[int, Ge(5), Le(10080)] = 30
    """Minutes of data that may be lost with the home region (recovery point objective)."""
    rto_minutes: Annotated[int, Ge(60), Le(10080)] = 240
    """Minutes that recovery in the DR region may take (recovery time objective)."""
