"""What holds data."""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment


def database(e: Environment) -> Iterator[Resource]:
    told = e.database
    instance = {
        "instance_class": told.instance_class,
        "allocated_storage": told.storage_gb,
        "multi_az": told.multi_az,
        "manage_master_user_password": True,
        "database_insights_mode": told.insights,
    }
    yield Resource("database", "aws_db_instance", instance)
    yield Resource("database", "aws_kms_key")
    if told.dr_backup_days:
        yield Resource("database", "aws_kms_key", region=e.aws.dr_region)
        yield Resource("database", "aws_db_instance_automated_backups_replication", region=e.aws.dr_region)


def cache(e: Environment) -> Iterator[Resource]:
    if e.cache.enabled:
        nodes = {"engine": e.cache.engine, "node_type": e.cache.node_type, "num_cache_clusters": e.cache.replicas + 1}
        yield Resource("cache", "aws_elasticache_replication_group", nodes)
        yield Resource("cache", "aws_kms_key")


def backup(e: Environment) -> Iterator[Resource]:
    yield Resource("backup", "aws_kms_key")
    if e.backup.schedule != "none":
        yield Resource("backup", "aws_backup_plan")
        yield Resource("backup", "aws_cloudwatch_metric_alarm")
    if e.backup.copy_days:
        yield Resource("backup", "aws_kms_key", region=e.aws.dr_region)
