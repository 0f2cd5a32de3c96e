"""What an environment file asks for, as far as it costs something: the same resources that Terraform would plan.

For a look without credentials. A test plans a real stack and compares.
"""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment


def wanted(environment: Environment) -> list[Resource]:
    return [
        *_network(environment),
        *_cluster(environment),
        *_registry(environment),
        *_database(environment),
    ]


def _network(e: Environment) -> Iterator[Resource]:
    gateways = {"none": 0, "single": 1, "per_zone": e.network.zones}[e.network.nat]
    if gateways:
        yield Resource("network", "aws_nat_gateway", number=gateways)
        yield Resource("network", "aws_eip", number=gateways)
    yield Resource("network", "aws_cloudwatch_log_group")


def _cluster(e: Environment) -> Iterator[Resource]:
    nodes = e.cluster.nodes
    scaling = {"min_size": nodes.min, "max_size": nodes.max, "desired_size": nodes.min}
    yield Resource("cluster", "aws_eks_cluster")
    group = {"instance_types": nodes.instance_types, "scaling_config": [scaling]}
    yield Resource("cluster", "aws_eks_node_group", group)
    disk = {"block_device_mappings": [{"ebs": [{"volume_size": nodes.disk_gb}]}]}
    yield Resource("cluster", "aws_launch_template", disk)
    yield Resource("cluster", "aws_kms_key")


def _registry(e: Environment) -> Iterator[Resource]:
    yield Resource("registry", "aws_ecr_repository")
    yield Resource("registry", "aws_kms_key")


def _database(e: Environment) -> Iterator[Resource]:
    told = e.database
    instance = {
        "instance_class": told.instance_class,
        "allocated_storage": told.storage_gb,
        "multi_az": told.multi_az,
        "manage_master_user_password": True,
    }
    yield Resource("database", "aws_db_instance", instance)
    yield Resource("database", "aws_kms_key")
