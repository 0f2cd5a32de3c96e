"""Can what is lost be had again, in time, and where the law allows it to be?"""

from __future__ import annotations

from opsctl.core.account import partition
from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

EU_REGIONS = frozenset({"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"})
"""In member states. London (eu-west-2) and Zurich (eu-central-2) are not."""

CONTINUOUS_MAX_DAYS = 35  # of AWS Backup and of RDS alike
DAILY_MINUTES = 24 * 60
REPLICATION_MINUTES = (
    30  # RDS sends its log every five minutes; the other region has it a quarter to half an hour later
)
REGION_MIN_MINUTES = 120  # a region's loss takes two to four hours to recover from


@rule("aws.dr_region", "aws.region")
def regions_differ(e: Environment) -> Messages:
    if e.aws.dr_region == e.aws.region:
        yield f"{e.aws.dr_region} is the home region, too; whatever takes that takes the copies with it"


@rule("aws.dr_region", "aws.region")
def regions_are_of_one_partition(e: Environment) -> Messages:
    ours, theirs = partition(e.aws.region), partition(e.aws.dr_region)
    if ours != theirs:
        yield f"{e.aws.dr_region} is in {theirs}, {e.aws.region} in {ours}: no account is in both"


@rule("aws.dr_region", "aws.region", "security.compliance")
def copies_stay_under_the_law(e: Environment) -> Messages:
    inside = e.aws.region in EU_REGIONS
    if "gdpr" in e.security.compliance and inside and e.aws.dr_region not in EU_REGIONS:
        yield f"{e.aws.dr_region} is outside of the EU; under gdpr copies of data in {e.aws.region} stay inside"


@rule("backup.keep_days", "backup.lock", "backup.lock_min_days", "backup.lock_max_days")
def backups_fit_the_lock(e: Environment) -> Messages:
    yield from _outside(e, e.backup.keep_days)


@rule("backup.copy_days", "backup.lock", "backup.lock_min_days", "backup.lock_max_days")
def copies_fit_the_lock(e: Environment) -> Messages:
    if e.backup.copy_days:
        yield from _outside(e, e.backup.copy_days)


def _outside(e: Environment, days: int) -> Messages:
    low, high = e.backup.lock_min_days, e.backup.lock_max_days
    if e.backup.lock != "none" and not low <= days <= high:
        yield f"{days} days are outside of what the vault's lock allows, {low} … {high}: no backup would be made"


@rule("backup.keep_days", "backup.continuous")
def continuous_backups_are_short(e: Environment) -> Messages:
    if e.backup.continuous and e.backup.keep_days > CONTINUOUS_MAX_DAYS:
        yield f"{e.backup.keep_days} days; continuous backups are kept {CONTINUOUS_MAX_DAYS} days at most"


@rule("backup.rto_minutes", "stage")
def recovery_takes_its_time(e: Environment) -> Messages:
    if e.stage == "production" and e.backup.rto_minutes < REGION_MIN_MINUTES:
        yield f"{e.backup.rto_minutes} min cannot be kept: recovery in another region takes two to four hours"


@rule("backup.rpo_minutes", "database.dr_backup_days", "backup.schedule", "backup.copy_days", "stage")
def recovery_loses_little(e: Environment) -> Messages:
    if e.stage != "production":
        return
    least = _least_loss(e)
    if least is None:
        yield f"{e.backup.rpo_minutes} min cannot be kept: no backup leaves the home region"
    elif e.backup.rpo_minutes < least:
        yield f"{e.backup.rpo_minutes} min cannot be kept: what is in the DR region is up to {least} min old"


def _least_loss(e: Environment) -> int | None:
    """How old the newest copy in the DR region may be, minutes."""
    if e.database.dr_backup_days:
        return REPLICATION_MINUTES
    return DAILY_MINUTES if e.backup.schedule == "daily" and e.backup.copy_days else None


@rule("backup.restore_test", "backup.schedule", "stage")
def production_tests_its_restores(e: Environment) -> Messages:
    if e.stage == "production" and (e.backup.restore_test == "none" or e.backup.schedule == "none"):
        yield "nothing is restored; a backup that was never restored is a hope"
