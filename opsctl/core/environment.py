"""What one environment is: every key of the environment file, its type, bounds, default and meaning.

This is the only declaration of a key. `config` validates a file against these classes and reads each
key's text from the string below it; `render` turns them into Terraform variables and Helm values; the
release engine takes its policy from here. Ages and waits are seconds, sizes GiB, unless a name says otherwise.

The bounds are `annotated_types` constraints: plain data that pydantic understands, without pydantic here.
Sources of the figures: `docs/configuration.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len, MinLen, Predicate

from opsctl.core import formats

_STRICT = {"extra": "forbid"}

LEAST_RECONNECTS = 10.0  # a second: 1,000 agents in 100 s; 60 to 120 s spare whatever they log in to

InstanceType = Annotated[str, Predicate(formats.instance_type)]
Port = Annotated[int, Ge(1), Le(65535)]
Seconds = Annotated[float, Ge(0), Le(86400)]
Days = Annotated[int, Ge(1), Le(3653)]
LogDays = Annotated[int, Predicate(formats.retention)]

Name = Annotated[str, Len(1, 40), Predicate(formats.dns_label)]
Text = Annotated[str, Predicate(formats.some)]
Path = Annotated[str, Predicate(formats.url_path)]
IpRange = Annotated[str, Predicate(formats.ip_range)]
RoleArn = Annotated[str, Predicate(formats.role_arn)]


@dataclass(frozen=True)
class SecretKey:
    """One value of a Kubernetes Secret, which is in nobody's environment file."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    name: Annotated[str, Len(1, 253), Predicate(formats.object_name)]
    key: Annotated[str, Len(1, 253), Predicate(formats.secret_key)]


@dataclass(frozen=True)
class Application:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    name: Name = "ai-agent-sdk"
    """Name of the application; prefixes every cloud and cluster object."""
    namespace: Name | None = None
    """Kubernetes namespace. Default: the application's name."""
    agents: Annotated[int, Ge(1), Le(100_000)] = 1000
    """Agents that hold a WebSocket at the same time; decides how many pods a color needs."""
    environment: dict[Annotated[str, Predicate(formats.variable)], str] = field(default_factory=dict)
    """Plain settings handed to the containers as environment variables. Never secrets."""
    secrets: dict[Annotated[str, Predicate(formats.variable)], SecretKey] = field(default_factory=dict)
    """Environment variables whose values are in Kubernetes Secrets, with a version in the Secret's name."""


@dataclass(frozen=True)
class Aws:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    account_id: Annotated[str, Len(12, 12), Predicate(formats.digits)] | None = None
    """The account everything is created in; Terraform refuses any other. Needed by plan and provision."""
    region: Annotated[str, Predicate(formats.region)] = "us-east-1"
    """Home region."""
    profile: Text | None = None
    """Profile of the AWS configuration that holds credentials (and, where needed, `endpoint_url`)."""
    config_file: Text | None = None
    """AWS configuration file to use instead of ~/.aws/config, relative to the project."""
    emulated: bool = False
    """The endpoint is an emulator, not AWS: path-style S3, no region and metadata checks, few retries."""
    tags: dict[Annotated[str, Predicate(formats.tag)], Annotated[str, Len(0, 256)]] = field(default_factory=dict)
    """Tags put on everything, beside application, environment and managed-by."""


@dataclass(frozen=True)
class State:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    bucket: Annotated[str, Len(3, 63), Predicate(formats.bucket)] | None = None
    """S3 bucket of Terraform's state. Default: `<application>-tfstate-<account>-<region>`."""
    key: Annotated[str, Len(1, 1024), Predicate(formats.object_key)] | None = None
    """Object key of the state. Default: `<environment>/terraform.tfstate`."""


@dataclass(frozen=True)
class Terraform:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    binary: Text = "terraform"
    """Program to run; a name on PATH or a path."""
    plan_valid_minutes: Annotated[int, Ge(1), Le(1440)] = 60
    """How long a saved plan may be applied."""


@dataclass(frozen=True)
class Network:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    cidr: Annotated[str, Predicate(formats.vpc_range)] = "10.40.0.0/16"
    """Address range of the VPC, /16 to /20."""
    zones: Annotated[int, Ge(2), Le(3)] = 3
    """Availability zones; production needs 3."""
    nat: Literal["none", "single", "per_zone"] = "per_zone"
    """NAT gateways: none, one for all zones, or one a zone (survives the loss of a zone)."""
    flow_log_days: LogDays = 365
    """How long VPC flow logs are kept, days."""


@dataclass(frozen=True)
class Nodes:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

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


@dataclass(frozen=True)
class Cluster:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    version: Annotated[str, Predicate(formats.kubernetes_minor)] = "1.35"
    """EKS Kubernetes version."""
    public_access_cidrs: list[IpRange] = field(default_factory=list)
    """Ranges that may reach the API endpoint from the internet; empty keeps it private."""
    log_days: LogDays = 365
    """How long control-plane logs are kept, days."""
    admin_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles with cluster-admin rights."""
    deployer_role_arns: list[RoleArn] = field(default_factory=list)
    """IAM roles that may release into the application's namespace."""
    nodes: Nodes = field(default_factory=Nodes)


@dataclass(frozen=True)
class Registry:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    keep_images: Annotated[int, Ge(1), Le(1000)] = 50
    """Tagged images kept; older ones expire."""
    untagged_days: Days = 14
    """Untagged images expire after this many days."""


@dataclass(frozen=True)
class Database:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    name: Annotated[str, Len(1, 63), Predicate(formats.database_name)] = "ai_agent_sdk"
    """Database created on the instance."""
    engine_version: Literal["15", "16", "17", "18"] = "17"
    """PostgreSQL major version; minors follow automatically."""
    instance_class: Annotated[str, Predicate(formats.database_class)] = "db.m7g.xlarge"
    """RDS instance class; decides how many connections fit."""
    storage_gb: Annotated[int, Ge(20), Le(65536)] = 100
    """Storage at the start, GiB."""
    max_storage_gb: Annotated[int, Ge(20), Le(65536)] = 500
    """Storage may grow to this, GiB."""
    multi_az: bool = True
    """A standby in another zone."""
    backup_days: Annotated[int, Ge(1), Le(35)] = 30
    """How long daily backups are kept, days."""
    deletion_protection: bool = True
    """AWS refuses to delete the instance while this is on."""
    pool_max: Annotated[int, Ge(1), Le(100)] = 20
    """Most connections that one pod opens; checked against what the instance class offers."""


@dataclass(frozen=True)
class Kubernetes:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    kubeconfig: Text | None = None
    """kubeconfig file, relative to the project. Default: KUBECONFIG, then ~/.kube/config."""
    context: Text | None = None
    """Context in it. Default: its current context."""


@dataclass(frozen=True)
class Api:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    port: Port = 8000
    """Port of the HTTP API."""
    health_path: Path = "/health"
    """Answers 200 while the API can serve."""


@dataclass(frozen=True)
class Websocket:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    port: Port = 8080
    """Port of the WebSocket service."""
    path: Path = "/ws"
    """Path of the upgrade; the probe sends a text and expects it back."""
    health_path: Path = "/health"
    """Plain HTTP health on the same port, as load balancers cannot speak WebSocket in health checks."""
    max_connections: Annotated[int, Ge(1), Le(10_000)] = 100
    """Connections that one pod accepts."""


@dataclass(frozen=True)
class Metrics:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    port: Port = 8001
    """Port of the metrics endpoint; never public."""
    path: Path = "/metrics"
    """Prometheus text format."""
    required_series: list[Annotated[str, Predicate(formats.series)]] = field(
        default_factory=lambda: ["http_requests_total", "http_request_duration_seconds_bucket", "websocket_connections"]
    )
    """Series that must be there before a color is trusted."""


@dataclass(frozen=True)
class Services:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    api: Api = field(default_factory=Api)
    websocket: Websocket = field(default_factory=Websocket)
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(frozen=True)
class Resources:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    cpu: Annotated[str, Predicate(formats.cpu)] = "500m"
    """CPU request of a pod."""
    memory: Annotated[str, Predicate(formats.memory)] = "1Gi"
    """Memory request and limit of a pod."""


@dataclass(frozen=True)
class Workload:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    image: Annotated[str, Predicate(formats.image)] | None = None
    """Image to release where `deploy` names none. Default: the registry that provision makes, without a tag."""
    replicas: Annotated[int, Ge(1), Le(1000)] | None = None
    """Pods a color. Default: 1.4 x agents / connections, room for all agents when a zone is lost, at least 2."""
    resources: Resources = field(default_factory=Resources)
    pre_stop_seconds: Annotated[int, Ge(0), Le(300)] = 35
    """A stopping pod goes on serving this long, so that every router has forgotten it."""
    drain_seconds: Annotated[int, Ge(0), Le(3600)] = 240
    """Then the application closes its connections within this time."""
    grace_seconds: Annotated[int, Ge(1), Le(7200)] = 330
    """Kubernetes kills the pod after this; at least pre_stop + drain + 15."""


@dataclass(frozen=True)
class Part:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    replicas: Annotated[int, Ge(1), Le(1000)] | None = None
    """Pods a color. Default: workload.replicas."""
    cpu: Annotated[str, Predicate(formats.cpu)] | None = None
    """CPU request of a pod. Default: workload.resources.cpu."""
    memory: Annotated[str, Predicate(formats.memory)] | None = None
    """Memory request and limit of a pod. Default: workload.resources.memory."""
    command: list[Text] = field(default_factory=list)
    """Program and arguments in place of the image's own, such as [python, -m, app.api]."""


@dataclass(frozen=True)
class Workloads:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    split: bool = False
    """Two workloads, `api` with the HTTP API and `agents` with the WebSocket; a release is both, or none."""
    api: Part = field(default_factory=Part)
    agents: Part = field(default_factory=Part)


@dataclass(frozen=True)
class FrontDoor:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    kind: Literal["service_proxy", "node_port", "url"] = "service_proxy"
    """How users' path is probed: through the API server, a node port of the active Service, or its public address."""
    api_url: Annotated[str, Predicate(formats.http_url)] | None = None
    """With kind url: address of the API, such as https://api.example.com."""


@dataclass(frozen=True)
class Migration:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    kind: Literal["none", "expand", "contract"] = "none"
    """expand only adds, before the new pods start; contract takes away, after the gate, and leaves no way back."""
    command: list[Text] = field(default_factory=list)
    """Program and arguments, run once in the new release's image, such as [python, -m, migrate]."""
    deadline: Annotated[float, Ge(1), Le(7200)] = 600.0
    """The command must have ended within this, seconds."""


@dataclass(frozen=True)
class Hook:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    command: Annotated[list[Text], MinLen(1)] | None = None
    """Program and arguments, run in the project directory without a shell. It may run twice; never put secrets here."""
    timeout: Annotated[float, Ge(1), Le(7200)] = 60.0
    """It is ended, and has failed, after this many seconds."""


@dataclass(frozen=True)
class Hooks:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    pre_deploy: Hook = field(default_factory=Hook)
    pre_cutover: Hook = field(default_factory=Hook)
    post_cutover: Hook = field(default_factory=Hook)
    pre_rollback: Hook = field(default_factory=Hook)
    post_rollback: Hook = field(default_factory=Hook)
    on_halt: Hook = field(default_factory=Hook)


NoticeEvent = Literal["began", "moved", "succeeded", "rolled_back", "abandoned", "halted"]


@dataclass(frozen=True)
class Notify:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    webhooks: list[Annotated[str, Predicate(formats.webhook)]] = field(default_factory=list)
    """Addresses that get a POST with JSON for each event. One that is a secret belongs into webhook_env."""
    webhook_env: list[Annotated[str, Predicate(formats.variable)]] = field(default_factory=list)
    """Environment variables of opsctl that hold such addresses; only the host is ever shown or kept."""
    sns_topic_arn: Annotated[str, Predicate(formats.topic_arn)] | None = None
    """SNS topic that gets the same JSON, with the credentials of the aws section."""
    on: Annotated[list[NoticeEvent], MinLen(1)] = field(
        default_factory=lambda: ["began", "moved", "succeeded", "rolled_back", "abandoned", "halted"]
    )
    """Events that are told."""


@dataclass(frozen=True)
class Drain:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    method: Literal["terminate", "endpoint"] = "terminate"
    """How agents leave a pod: it is stopped, and closes them; or it is asked for a few at a time, and stopped empty."""
    path: Path = "/drain"
    """With method endpoint: asked by POST on the metrics port, as docs/app-contract.md says."""
    reconnects_per_second: Annotated[float, Ge(0.1), Le(10_000)] | None = None
    """Agents asked to move each second, over any time. Default: all agents in 100 s, at least 10 a second."""
    batch: Annotated[int, Ge(1), Le(10_000)] = 50
    """Agents that are asked to move at once; a single pod that is stopped may hold more."""
    quiet_seconds: Seconds = 5.0
    """So long after cutover nothing new may still be on its way to the old color; then its agents are asked."""
    deadline: Annotated[float, Ge(1), Le(86400)] = 600.0
    """Draining waits no longer than this, seconds: for agents, for room, for stragglers."""


@dataclass(frozen=True)
class Release:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

    warm_deadline: Annotated[float, Ge(5), Le(7200)] = 600.0
    """The new color must be ready within this, seconds, counted once."""
    gate_seconds: Seconds = 5.0
    """All probes must hold this long before cutover."""
    gate_load: Annotated[float, Ge(0), Le(200)] = 0.0
    """Requests a second that opsctl itself puts on the new color during the gate; their answers are judged."""
    gate_load_path: Path | None = None
    """Path of the API that these requests ask for. Default: services.api.health_path."""
    gate_deadline: Annotated[float, Ge(5), Le(7200)] = 120.0
    """The gate must have passed within this, seconds."""
    bake_seconds: Seconds = 300.0
    """After cutover the new color is watched this long, with the old one kept at full size."""
    probe_interval: Annotated[float, Ge(0.1), Le(60)] = 1.0
    """Seconds between two rounds of probes of every pod and port of the color with users; the other has one of two."""
    probe_timeout: Annotated[float, Ge(0.1), Le(30)] = 2.0
    """A probe without an answer after this many seconds has failed."""
    consecutive: Annotated[int, Ge(1), Le(100)] = 3
    """Failing rounds before a probe of one pod is believed; one that fails on all pods is believed at once."""
    of_last: Annotated[int, Ge(1), Le(100)] = 5
    """Rounds among which those are counted: `consecutive` of them need not be in a row. Equal to it: in a row."""
    max_restarts: Annotated[int, Ge(0), Le(100)] = 0
    """Container restarts tolerated in the new color."""
    latency_limit: Annotated[float, Ge(0.001), Le(60)] = 2.0
    """A probe slower than this many seconds counts as failed, and a user's request as slow."""
    error_ratio_limit: Annotated[float, Ge(0.0001), Le(1)] = 0.02
    """Share of users' requests that the new color may answer with 5xx, by its own metrics."""
    slow_ratio_limit: Annotated[float, Ge(0.0001), Le(1)] = 0.05
    """Share of users' requests that may take longer than latency_limit; 0.05 limits the 95th percentile."""
    rate_window: Annotated[float, Ge(2), Le(600)] = 10.0
    """Seconds over which these shares are counted."""
    queries: list[Annotated[str, Predicate(formats.query)]] = field(default_factory=list)
    """What must hold of an operator's own figures while the new color has the users. No data fails nothing."""
    prometheus_url: Annotated[str, Predicate(formats.http_url)] | None = None
    """The Prometheus that such queries ask, such as http://prometheus:9090."""
    silence_limit: Annotated[float, Ge(1), Le(3600)] = 60.0
    """The cluster may stay silent this long, seconds, before the release halts."""
    drain: Drain = field(default_factory=Drain)
    standby: Literal["full"] | Annotated[int, Ge(0), Le(1000)] = "full"
    """Pods of the old color after a release: full keeps rollback at seconds; fewer cost less, but slow it down."""
    migration: Migration = field(default_factory=Migration)
    hooks: Hooks = field(default_factory=Hooks)
    notify: Notify = field(default_factory=Notify)
    guard: Literal["in_cluster", "none"] = "in_cluster"
    """A pod that goes on with a release when whoever started it is gone, and brings users back where it turns bad."""
    guard_image: Annotated[str, Predicate(formats.image)] | None = None
    """Image of opsctl itself that the guard runs, such as registry/opsctl:0.1.0. Without one there is no guard."""


@dataclass(frozen=True)
class Environment:
    """One environment, complete and valid."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(_STRICT)

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
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    services: Services = field(default_factory=Services)
    workload: Workload = field(default_factory=Workload)
    workloads: Workloads = field(default_factory=Workloads)
    front_door: FrontDoor = field(default_factory=FrontDoor)
    release: Release = field(default_factory=Release)
