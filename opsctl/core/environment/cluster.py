"""EKS and its nodes, and how releases reach a cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len, MinLen, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, InstanceType, IpRange, LogDays, RoleArn, Text


@dataclass(frozen=True)
class Nodes:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    instance_types: Annotated[list[InstanceType], MinLen(1)] = field(default_factory=lambda: ["m7g.xlarge"])
    """Instance types of the managed node group."""
    ami_type: Literal[
        "AL2023_ARM_64_STANDARD", "AL2023_x86_64_STANDARD", "BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64"
    ] = "AL2023_ARM_64_STANDARD"
    """Operating system and architecture of the nodes; must fit the instance types."""
    min: Annotated[int, Ge(1), Le(1000)] = 3
    """Fewest nodes."""
    max: Annotated[int, Ge(1), Le(1000)] = 12
    """Most nodes; both colors at full size must fit."""
    disk_gb: Annotated[int, Ge(20), Le(16384)] = 50
    """Root volume of a node, GiB."""
    log_file_mb: Annotated[int, Ge(1), Le(1000)] = 100
    """Size at which the log file of a container is rotated, MiB; what the application was told to expect."""
    log_files: Annotated[int, Ge(2), Le(20)] = 5
    """Log files kept of a container, the current one included."""


@dataclass(frozen=True)
class Cluster:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    version: Annotated[str, Predicate(formats.kubernetes_minor)] = "1.35"
    """EKS Kubernetes version."""
    support: Literal["standard", "extended"] = "standard"
    """When standard support of the version ends: AWS upgrades it, or it stays at six times the price for a year."""
    existing_name: Annotated[str, Len(1, 100), Predicate(formats.cluster_name)] | None = None
    """EKS cluster to use instead of making one; it is read and never changed, and reached by kubernetes.kubeconfig."""
    access: Literal["in_vpc", "ssm_tunnel", "public_allowlist"] = "in_vpc"
    """How opsctl reaches the API: from inside the VPC, by a Session Manager tunnel, or from public_access_cidrs."""
    public_access_cidrs: list[IpRange] = field(default_factory=list)
    """Ranges that may reach the API endpoint from the internet; empty keeps it private."""
    log_days: LogDays = 365
    """How long control-plane logs are kept, days."""
    admin_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles with cluster-admin rights."""
    deployer_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles that may release into the application's namespace."""
    operator_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles that may do everything in the application's namespace, and nothing outside of it."""
    auditor_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles that may read the whole cluster but its Secrets."""
    break_glass_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles with cluster-admin rights for emergencies; each use of one raises an alarm."""
    autoscaling: Literal["none", "cluster_autoscaler"] = "none"
    """Whether Kubernetes' cluster autoscaler gets the right to change the number of nodes, between min and max."""
    addon_versions: dict[Annotated[str, Predicate(formats.addon)], Annotated[str, Predicate(formats.addon_version)]] = (
        field(default_factory=dict)
    )
    """Versions of EKS add-ons. Others stay at the one that EKS installed, its default for the cluster's version."""
    nodes: Nodes = field(default_factory=Nodes)


@dataclass(frozen=True)
class Kubernetes:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    kubeconfig: Text | None = None
    """kubeconfig file, relative to the project. Default: KUBECONFIG, then ~/.kube/config."""
    context: Text | None = None
    """Context in it. Default: its current context."""
