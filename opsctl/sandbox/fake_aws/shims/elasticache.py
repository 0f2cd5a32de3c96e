"""ElastiCache: replication groups without nodes, which forget most settings, and are never gone once deleted."""

from __future__ import annotations

from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation, request_of

Item = dict[str, Any]

_ECHOED = {
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
}
"""What a change may send and moto does not keep."""


def install() -> None:
    from moto.elasticache.models import ElastiCacheBackend
    from moto.elasticache.responses import ElastiCacheResponse

    _make_every_node(ElastiCacheBackend)
    _remember_changes(ElastiCacheResponse)
    operation(ElastiCacheResponse, "describe_cache_clusters", _clusters)
    operation(ElastiCacheResponse, "delete_replication_group", _delete)
    operation(ElastiCacheResponse, "increase_replica_count", _resize)
    operation(ElastiCacheResponse, "decrease_replica_count", _resize)


def _make_every_node(backend: Any) -> None:
    """moto counts replicas and ignores the number of nodes, which is one more; and it tells where to write only."""
    original = backend.create_replication_group

    def create(self: Any, **settings: Any) -> Any:
        replicas = (settings["num_cache_clusters"] or 1) - 1
        group = original(
            self, **settings | {"replicas_per_node_group": settings["replicas_per_node_group"] or replicas}
        )
        for each in group.node_groups:
            each["reader_endpoint"] = {"address": each.get("reader_endpoint_address"), "port": group.port}
        return group

    backend.create_replication_group = create


def _remember_changes(responses: Any) -> None:
    original = responses.modify_replication_group

    def modify(response: Any) -> Any:
        result, request = original(response), request_of(response)
        for member, attribute in _ECHOED.items():
            if member in request:
                setattr(result.result["ReplicationGroup"], attribute, request[member])
        return result

    responses.modify_replication_group = modify


def _clusters(response: Any, request: Item) -> Item:
    from moto.elasticache.exceptions import CacheClusterNotFound

    groups = response.elasticache_backend.replication_groups.values()
    found = {name: _node(group, name, response) for group in groups for name in group.member_clusters}
    found |= response.elasticache_backend.cache_clusters
    wanted = request.get("CacheClusterId")
    if wanted and wanted not in found:
        raise CacheClusterNotFound(wanted)
    return {"CacheClusters": [found[wanted]] if wanted else list(found.values())}


def _node(group: Any, name: str, response: Any) -> Item:
    """A node of a group, as AWS shows it: a cluster of one, with the group's settings."""
    return {
        "CacheClusterId": name,
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": "available",
        "NumCacheNodes": 1,
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": name, "Port": group.port}}],
        "Engine": group.engine,
        "EngineVersion": f"{group.engine_version}.0",
        "CacheNodeType": group.cache_node_type,
        "CacheParameterGroup": {"CacheParameterGroupName": group.cache_parameter_group_name},
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "SecurityGroups": [{"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or []],
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "SnapshotWindow": group.snapshot_window,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "AutoMinorVersionUpgrade": str(group.auto_minor_version_upgrade).lower() == "true",
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
        "ARN": f"arn:aws:elasticache:{response.region}:{response.current_account}:cluster:{name}",
    }


def _delete(response: Any, request: Item) -> Item:
    group = _group(response, request)
    del response.elasticache_backend.replication_groups[group.replication_group_id]
    group.status = "deleting"
    return {"ReplicationGroup": group}


def _resize(response: Any, request: Item) -> Item:
    """Nodes are counted up or down at the end of the list; the first stays primary."""
    group = _group(response, request)
    node_group = group.node_groups[0]
    for kept in (group.member_clusters, node_group["node_group_members"]):
        del kept[request["NewReplicaCount"] + 1 :]
    for number in range(len(group.member_clusters), request["NewReplicaCount"] + 1):
        name = f"{group.replication_group_id}-{number + 1:03d}"
        group.member_clusters.append(name)
        node_group["node_group_members"].append(
            node_group["node_group_members"][0] | {"cache_cluster_id": name, "current_role": "replica"}
        )
    return {"ReplicationGroup": group}


def _group(response: Any, request: Item) -> Any:
    return response.elasticache_backend.describe_replication_groups(request["ReplicationGroupId"])[0]
