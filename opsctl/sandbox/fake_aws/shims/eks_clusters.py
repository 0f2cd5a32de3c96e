"""EKS clusters and node groups: what moto does not remember, and the updates that it does not do.

AWS answers each change with an update to be polled; ours have always succeeded already.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import after, operation, request_of

# Sent by Terraform, expected back: request member → attribute that moto's serialiser looks for.
_CLUSTER = {
    "accessConfig": "access_config",
    "upgradePolicy": "upgrade_policy",
    "zonalShiftConfig": "zonal_shift_config",
}
_NODE_GROUP = {
    "nodeRepairConfig": "node_repair_config",
    "remoteAccess": "remote_access",
    "updateConfig": "update_config",
}


def install() -> None:
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    # Every path below a cluster; which operation is meant, moto finds in botocore's model.
    urls.url_paths["{0}/clusters/(?P<name>[^/]+)/(?P<rest>.+)$"] = urls.response.dispatch
    after(EKSResponse, "create_cluster", _complete_cluster)
    after(EKSResponse, "delete_cluster", _delete_security_group)
    after(EKSResponse, "create_nodegroup", _complete_node_group)
    operation(EKSResponse, "update_cluster_config", _update_cluster)
    operation(EKSResponse, "update_cluster_version", _update_cluster_version)
    operation(EKSResponse, "update_nodegroup_version", _update_node_group_version)
    operation(EKSResponse, "describe_update", lambda _, request: update(request["updateId"]))


def update(identity: str = "") -> dict[str, Any]:
    """The answer to a change: an update that has succeeded."""
    now = datetime.now(UTC)
    done = {"id": identity or str(uuid.uuid4()), "status": "Successful", "type": "ConfigUpdate", "params": []}
    return {"update": done | {"createdAt": now, "errors": []}}


def _complete_cluster(response: Any, answer: dict[str, Any]) -> None:
    cluster, request = answer["cluster"], request_of(response)
    for member, attribute in _CLUSTER.items():
        setattr(cluster, attribute, request.get(member))
    cluster.resources_vpc_config |= _made_by_eks(response, cluster)


def _made_by_eks(response: Any, cluster: Any) -> dict[str, str]:
    """AWS makes one security group for control plane and nodes; others, such as the database's, refer to it."""
    ec2 = _ec2(response)
    vpc_id = ec2.get_subnet(cluster.resources_vpc_config["subnetIds"][0]).vpc_id
    group = ec2.create_security_group(f"eks-cluster-sg-{cluster.name}", "EKS control plane and nodes", vpc_id=vpc_id)
    return {"clusterSecurityGroupId": group.id, "vpcId": vpc_id}


def _delete_security_group(response: Any, answer: dict[str, Any]) -> None:
    _ec2(response).delete_security_group(group_id=answer["cluster"].resources_vpc_config["clusterSecurityGroupId"])


def _ec2(response: Any) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[response.current_account][response.region]


def _complete_node_group(response: Any, answer: dict[str, Any]) -> None:
    request = request_of(response)
    for member, attribute in _NODE_GROUP.items():
        setattr(answer["nodegroup"], attribute, request.get(member))


def _update_cluster(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    """moto replaces what was sent before (losing the subnets) and answers with the cluster."""
    cluster = response.eks_backend.describe_cluster(request["name"])
    cluster.resources_vpc_config |= request.get("resourcesVpcConfig", {})
    cluster.logging = request.get("logging", cluster.logging)
    for member, attribute in _CLUSTER.items():
        setattr(cluster, attribute, request.get(member, getattr(cluster, attribute)))
    return update()


def _update_cluster_version(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    response.eks_backend.describe_cluster(request["name"]).version = request["version"]
    return update()


def _update_node_group_version(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    group = response.eks_backend.describe_nodegroup(request["clusterName"], request["nodegroupName"])
    group.version = request.get("version", group.version)
    group.launch_template = (group.launch_template or {}) | request.get("launchTemplate", {})
    return update()
