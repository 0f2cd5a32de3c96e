"""What production must have: it survives the loss of a zone, and nothing is lost or opened by accident."""

from __future__ import annotations

from ipaddress import ip_network

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

_WIDEST_PREFIX = 8  # two halves of the internet are the internet, too; nobody's own network is wider


@rule("network.zones", "stage")
def production_has_three_zones(e: Environment) -> Messages:
    if e.stage == "production" and e.network.zones < 3:
        yield f"{e.network.zones} zones; production needs 3"


@rule("network.nat", "stage", "network.existing.vpc_id")
def production_has_a_nat_a_zone(e: Environment) -> Messages:
    ours = e.network.existing.vpc_id is None
    if e.stage == "production" and ours and e.network.nat != "per_zone":
        yield f"{e.network.nat}; production needs per_zone, as one NAT gateway is one zone's failure away"


@rule("database.multi_az", "stage")
def production_has_a_standby(e: Environment) -> Messages:
    if e.stage == "production" and not e.database.multi_az:
        yield "false; production needs a standby in another zone"


@rule("database.backup_days", "stage")
def production_keeps_backups(e: Environment) -> Messages:
    if e.stage == "production" and e.database.backup_days < 30:
        yield f"{e.database.backup_days} days; production keeps backups 30 days or more"


@rule("database.dr_backup_days", "stage")
def production_keeps_backups_elsewhere(e: Environment) -> Messages:
    if e.stage == "production" and e.database.dr_backup_days < 30:
        yield f"{e.database.dr_backup_days} days; production keeps copies in another region 30 days or more"


@rule("database.deletion_protection", "stage")
def production_is_protected(e: Environment) -> Messages:
    if e.stage == "production" and not e.database.deletion_protection:
        yield "false; production needs it on"


@rule("cache.replicas", "cache.enabled", "stage")
def production_has_a_cache_replica(e: Environment) -> Messages:
    if e.stage == "production" and e.cache.enabled and e.cache.replicas < 1:
        yield "0; production needs a replica in another zone"


@rule("cache.snapshot_days", "cache.enabled", "stage")
def production_keeps_snapshots(e: Environment) -> Messages:
    if e.stage == "production" and e.cache.enabled and e.cache.snapshot_days < 1:
        yield "0 days; production keeps snapshots of the cache 1 day or more"


@rule("secrets.recovery_days", "stage")
def production_can_have_secrets_back(e: Environment) -> Messages:
    if e.stage == "production" and e.secrets.recovery_days < 7:
        yield f"{e.secrets.recovery_days} days; production can have a deleted secret back for 7 days or more"


@rule("cluster.log_days", "stage")
def production_keeps_evidence(e: Environment) -> Messages:
    if e.stage == "production" and e.cluster.log_days < 365:
        yield f"{e.cluster.log_days} days; production keeps control-plane logs 365 days or more"


@rule("cluster.public_access_cidrs", "stage")
def production_is_not_open(e: Environment) -> Messages:
    everyone = [cidr for cidr in e.cluster.public_access_cidrs if ip_network(cidr).prefixlen < _WIDEST_PREFIX]
    if e.stage == "production" and everyone:
        yield f"{', '.join(everyone)} lets nearly everyone reach the cluster's API; production refuses that"


@rule("aws.emulated", "stage")
def production_is_real(e: Environment) -> Messages:
    if e.stage == "production" and e.aws.emulated:
        yield "true; production cannot live on an emulator"


@rule("ci.approvals", "stage")
def production_is_approved(e: Environment) -> Messages:
    if e.stage == "production" and e.ci.approvals < 1:
        yield "0; in production somebody other than the author agrees"


@rule("application.authentication", "stage")
def production_knows_its_callers(e: Environment) -> Messages:
    if e.stage == "production" and e.application.authentication == "disabled":
        yield "disabled; production lets nobody in who does not say who they are"
