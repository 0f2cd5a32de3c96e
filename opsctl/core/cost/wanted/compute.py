"""The cluster, its nodes, and where its images are."""

from __future__ import annotations

from collections.abc import Iterator

from opsctl.core.cost.resources import Resource
from opsctl.core.environment import Environment


def cluster(e: Environment) -> Iterator[Resource]:
    if e.cluster.existing_name is not None:  # somebody else pays for it
        return
    nodes = e.cluster.nodes
    scaling = {"min_size": nodes.min, "max_size": nodes.max, "desired_size": nodes.min}
    yield Resource("cluster", "aws_eks_cluster")
    group = {"instance_types": nodes.instance_types, "scaling_config": [scaling]}
    yield Resource("cluster", "aws_eks_node_group", group)
    disk = {"block_device_mappings": [{"ebs": [{"volume_size": nodes.disk_gb}]}]}
    yield Resource("cluster", "aws_launch_template", disk)
    yield Resource("cluster", "aws_kms_key")


def registry(e: Environment) -> Iterator[Resource]:
    if e.registry.existing_url is not None:  # somebody else pays for it
        return
    yield Resource("registry", "aws_ecr_repository")
    yield Resource("registry", "aws_kms_key")
    if e.registry.enhanced_scanning:
        yield Resource("registry", "aws_ecr_registry_scanning_configuration")
    if e.registry.replicate:
        yield Resource("registry", "aws_ecr_replication_configuration")
