"""One question for each shim of ElastiCache; see `moto_probes.py`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto_probes import Client

_numbers = itertools.count()


def _fresh(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def _group(client: Client, **settings: Any) -> str:
    name = _fresh("cache")
    sent = {"Engine": "valkey", "EngineVersion": "8.2", "NumCacheClusters": 3, "CacheNodeType": "cache.m7g.large"}
    client("elasticache").create_replication_group(
        ReplicationGroupId=name, ReplicationGroupDescription="probe", **sent | settings
    )
    return name


def _described(client: Client, name: str) -> dict[str, Any]:
    answer = client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    found: dict[str, Any] = answer["ReplicationGroups"][0]
    return found


def elasticache_group_has_its_nodes(client: Client) -> bool:
    nodes = _described(client, _group(client, TransitEncryptionEnabled=True))["MemberClusters"]
    first = client("elasticache").describe_cache_clusters(CacheClusterId=nodes[0])["CacheClusters"][0]
    return bool(len(nodes) == 3 and first["TransitEncryptionEnabled"] and first["EngineVersion"] == "8.2.0")


def elasticache_group_says_where_to_read(client: Client) -> bool:
    return bool(_described(client, _group(client))["NodeGroups"][0]["ReaderEndpoint"]["Address"])


def elasticache_group_can_be_resized(client: Client) -> bool:
    name = _group(client)
    client("elasticache").decrease_replica_count(ReplicationGroupId=name, NewReplicaCount=1, ApplyImmediately=True)
    fewer = len(_described(client, name)["MemberClusters"])
    client("elasticache").increase_replica_count(ReplicationGroupId=name, NewReplicaCount=3, ApplyImmediately=True)
    return (fewer, len(_described(client, name)["MemberClusters"])) == (2, 4)


def elasticache_group_keeps_changes(client: Client) -> bool:
    name = _group(client)
    client("elasticache").modify_replication_group(ReplicationGroupId=name, SnapshotWindow="01:00-02:00")
    node = client("elasticache").describe_cache_clusters(CacheClusterId=f"{name}-001")["CacheClusters"][0]
    return bool(node["SnapshotWindow"] == "01:00-02:00")


def elasticache_group_is_gone_once_deleted(client: Client) -> bool:
    name = _group(client)
    client("elasticache").delete_replication_group(ReplicationGroupId=name)
    try:
        _described(client, name)
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "ReplicationGroupNotFoundFault")
    return False


def elasticache_has_parameter_groups(client: Client) -> bool:
    elasticache, name = client("elasticache"), {"CacheParameterGroupName": _fresh("parameters")}
    elasticache.create_cache_parameter_group(**name, CacheParameterGroupFamily="valkey8", Description="probe")
    wanted = [{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}]
    elasticache.modify_cache_parameter_group(**name, ParameterNameValues=wanted)
    found = elasticache.describe_cache_parameters(**name, Source="user")["Parameters"]
    elasticache.delete_cache_parameter_group(**name)
    return [(each["ParameterName"], each["ParameterValue"]) for each in found] == [("maxmemory-policy", "noeviction")]


def elasticache_has_user_groups(client: Client) -> bool:
    elasticache, user, name = client("elasticache"), _fresh("user"), {"UserGroupId": _fresh("users")}
    mode = {"Type": "iam"}
    elasticache.create_user(UserId=user, UserName=user, Engine="valkey", AccessString="on", AuthenticationMode=mode)
    elasticache.create_user_group(**name, Engine="valkey", UserIds=[user])
    found = elasticache.describe_user_groups(**name)["UserGroups"][0]
    elasticache.delete_user_group(**name)
    return bool(found["UserIds"] == [user] and found["Status"] == "active")


def elasticache_user_group_tags_are_listed(client: Client) -> bool:
    elasticache, tags = client("elasticache"), [{"Key": "owner", "Value": "probe"}]
    made = elasticache.create_user_group(UserGroupId=_fresh("users"), Engine="valkey", UserIds=["probe"], Tags=tags)
    return bool(elasticache.list_tags_for_resource(ResourceName=made["ARN"])["TagList"] == tags)


def elasticache_rights_of_a_user_change(client: Client) -> bool:
    elasticache, user = client("elasticache"), _fresh("user")
    mode = {"Type": "iam"}
    elasticache.create_user(UserId=user, UserName=user, Engine="valkey", AccessString="on", AuthenticationMode=mode)
    elasticache.modify_user(UserId=user, AccessString="off")
    return bool(elasticache.describe_users(UserId=user)["Users"][0]["AccessString"] == "off")


def elasticache_subnet_groups_can_be_deleted(client: Client) -> bool:
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    name = {"CacheSubnetGroupName": _fresh("subnets")}
    client("elasticache").create_cache_subnet_group(**name, CacheSubnetGroupDescription="probe", SubnetIds=subnets)
    client("elasticache").delete_cache_subnet_group(**name)
    return name["CacheSubnetGroupName"] not in str(client("elasticache").describe_cache_subnet_groups())


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith("elasticache_")
]
