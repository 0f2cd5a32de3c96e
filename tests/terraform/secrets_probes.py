"""One question for each shim behind module secrets; see `moto_probes.py`."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from moto_probes import Client

_KEY = "arn:aws:kms:us-west-2:123456789012:key/probe"
_numbers = itertools.count()


def secret_copy_keeps_its_key(client: Client) -> bool:
    name, copies = f"secret-{next(_numbers)}", [{"Region": "us-west-2", "KmsKeyId": _KEY}]
    client("secretsmanager").create_secret(Name=name, AddReplicaRegions=copies)
    found = client("secretsmanager").describe_secret(SecretId=name)["ReplicationStatus"]
    return [copy["KmsKeyId"] for copy in found] == [_KEY]


def pods_get_identities(client: Client) -> bool:
    eks, name = client("eks"), f"cluster-of-pods-{next(_numbers)}"
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    role = "arn:aws:iam::123456789012:role/probe"
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    pod = {"clusterName": name, "namespace": "agents", "serviceAccount": "agent-blue", "roleArn": role}
    made = eks.create_pod_identity_association(**pod)["association"]
    names = {"clusterName": name, "associationId": made["associationId"]}
    found = eks.describe_pod_identity_association(**names)["association"]
    tags = eks.list_tags_for_resource(resourceArn=found["associationArn"])["tags"]
    eks.delete_pod_identity_association(**names)
    return bool(found["serviceAccount"] == "agent-blue" and tags == {})


PROBES: list[Callable[[Client], bool]] = [secret_copy_keeps_its_key, pods_get_identities]
