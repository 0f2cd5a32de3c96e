"""What one environment is: every key of the environment file, its type, bounds, default and meaning.

This is the only declaration of a key, one module for each group of sections. `config` validates a file against these
classes and reads each key's text from the string below it; `render` turns them into Terraform variables and Helm
values; the release engine takes its policy from here. Ages and waits are seconds, sizes GiB, unless a name says
otherwise. Sources of the figures: `docs/configuration.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from opsctl.core.environment.application import (
    Api,
    Application,
    Metrics,
    Part,
    Resources,
    SecretKey,
    Services,
    Websocket,
    Workload,
    Workloads,
)
from opsctl.core.environment.aws import Aws, State, Terraform
from opsctl.core.environment.backup import Backup
from opsctl.core.environment.cache import Cache
from opsctl.core.environment.ci import Ci, Subjects
from opsctl.core.environment.cluster import Cluster, Kubernetes, Nodes
from opsctl.core.environment.cost import Cost, Traffic
from opsctl.core.environment.database import Database
from opsctl.core.environment.drift import Drift, Ignored
from opsctl.core.environment.edge import (
    Alb,
    ApiTargets,
    Cloudfront,
    Edge,
    HealthCheck,
    Waf,
    WebsocketTargets,
)
from opsctl.core.environment.network import ExistingNetwork, Network
from opsctl.core.environment.observability import Alerts, Observability, Slo, Thresholds
from opsctl.core.environment.registry import Registry
from opsctl.core.environment.release import (
    LEAST_RECONNECTS,
    Drain,
    FrontDoor,
    Hook,
    Hooks,
    Migration,
    NoticeEvent,
    Notify,
    Release,
)
from opsctl.core.environment.secrets import Secrets
from opsctl.core.environment.security import Security
from opsctl.core.environment.types import STRICT, Name

__all__ = [
    "LEAST_RECONNECTS",
    "Alb",
    "Alerts",
    "Api",
    "ApiTargets",
    "Application",
    "Aws",
    "Backup",
    "Cache",
    "Ci",
    "Cloudfront",
    "Cluster",
    "Cost",
    "Database",
    "Drain",
    "Drift",
    "Edge",
    "Environment",
    "ExistingNetwork",
    "FrontDoor",
    "HealthCheck",
    "Hook",
    "Hooks",
    "Ignored",
    "Kubernetes",
    "Metrics",
    "Migration",
    "Network",
    "Nodes",
    "NoticeEvent",
    "Notify",
    "Observability",
    "Part",
    "Registry",
    "Release",
    "Resources",
    "SecretKey",
    "Secrets",
    "Security",
    "Services",
    "Slo",
    "State",
    "Subjects",
    "Terraform",
    "Thresholds",
    "Traffic",
    "Waf",
    "Websocket",
    "WebsocketTargets",
    "Workload",
    "Workloads",
]


@dataclass(frozen=True)
class Environment:
    """One environment, complete and valid."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    name: Name
    """Name of the environment: the file's name, never a key in it."""
    stage: Literal["development", "staging", "production"] = "development"
    """Production adds rules: three zones, NAT a zone, backups of 30 days, no public API endpoint for everyone."""
    application: Application = field(default_factory=Application)
    aws: Aws = field(default_factory=Aws)
    state: State = field(default_factory=State)
    terraform: Terraform = field(default_factory=Terraform)
    network: Network = field(default_factory=Network)
    cluster: Cluster = field(default_factory=Cluster)
    registry: Registry = field(default_factory=Registry)
    database: Database = field(default_factory=Database)
    cost: Cost = field(default_factory=Cost)
    drift: Drift = field(default_factory=Drift)
    backup: Backup = field(default_factory=Backup)
    security: Security = field(default_factory=Security)
    ci: Ci = field(default_factory=Ci)
    cache: Cache = field(default_factory=Cache)
    observability: Observability = field(default_factory=Observability)
    secrets: Secrets = field(default_factory=Secrets)
    edge: Edge = field(default_factory=Edge)
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    services: Services = field(default_factory=Services)
    workload: Workload = field(default_factory=Workload)
    workloads: Workloads = field(default_factory=Workloads)
    front_door: FrontDoor = field(default_factory=FrontDoor)
    release: Release = field(default_factory=Release)
