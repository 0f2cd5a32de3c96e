"""Why an API that AWS keeps private may be silent, and what to do about it."""

from __future__ import annotations

from opsctl.core.environment import Cluster

_WAYS = {
    "in_vpc": "opsctl has to run inside the VPC, or in a network of network.peered_cidrs",
    "ssm_tunnel": "a Session Manager tunnel has to be open (terraform/modules/cluster/README.md)",
    "public_allowlist": "this computer's public address has to be in cluster.public_access_cidrs",
}


def way_in(server: str, cluster: Cluster) -> str:
    """The end of a hint. Empty where it is no endpoint of EKS, nor the end of a tunnel to one."""
    host = server.partition("//")[2].partition("/")[0]
    if ".eks." not in host and cluster.access != "ssm_tunnel":
        return ""
    return f"; cluster.access is {cluster.access}: {_WAYS[cluster.access]}"
