"""The application: what it is called, what it is told, its three services, and the size of its pods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Name, Path, Port, Text


@dataclass(frozen=True)
class SecretKey:
    """One value of a Kubernetes Secret, which is in nobody's environment file."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    name: Annotated[str, Len(1, 253), Predicate(formats.object_name)]
    key: Annotated[str, Len(1, 253), Predicate(formats.secret_key)]


@dataclass(frozen=True)
class Application:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    name: Name = "ai-agent-sdk"
    """Name of the application; prefixes every cloud and cluster object."""
    namespace: Name | None = None
    """Kubernetes namespace. Default: the application's name."""
    agents: Annotated[int, Ge(1), Le(100_000)] = 1000
    """Agents that hold a WebSocket at the same time; decides how many pods a color needs."""
    authentication: Literal["required", "disabled"] = "required"
    """Whether callers must say who they are; handed to the containers. Disabled only in development."""
    rate_limit_per_minute: Annotated[int, Ge(10), Le(1_000_000)] = 100
    """Requests that one user may send a minute; the application answers 429 beyond, and the web ACL by API key."""
    environment: dict[Annotated[str, Predicate(formats.variable)], str] = field(default_factory=dict)
    """Plain settings handed to the containers as environment variables. Never secrets."""
    secrets: dict[Annotated[str, Predicate(formats.variable)], SecretKey] = field(default_factory=dict)
    """Environment variables whose values are in Kubernetes Secrets, with a version in the Secret's name."""


@dataclass(frozen=True)
class Api:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    port: Port = 8000
    """Port of the HTTP API."""
    health_path: Path = "/health"
    """Answers 200 while the API can serve."""


@dataclass(frozen=True)
class Websocket:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    api: Api = field(default_factory=Api)
    websocket: Websocket = field(default_factory=Websocket)
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(frozen=True)
class Resources:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    cpu: Annotated[str, Predicate(formats.cpu)] = "500m"
    """CPU request of a pod."""
    memory: Annotated[str, Predicate(formats.memory)] = "1Gi"
    """Memory request and limit of a pod."""


@dataclass(frozen=True)
class Workload:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    image: Annotated[str, Predicate(formats.image)] | None = None
    """Image to release where `deploy` names none. Default: the registry that provision makes, without a tag."""
    replicas: Annotated[int, Ge(1), Le(1000)] | None = None
    """Pods a color. Default: 1.4 x agents / connections, room for all agents when a zone is lost, at least 2."""
    resources: Resources = field(default_factory=Resources)
    pre_stop_seconds: Annotated[int, Ge(0), Le(300)] = 35
    """A stopping pod goes on serving this long, so that every router has forgotten it."""
    drain_seconds: Annotated[int, Ge(0), Le(3600)] = 240
    """Then the application closes its connections within this time."""
    keep_alive_seconds: Annotated[int, Ge(1), Le(86_400)] = 310
    """The application keeps an idle HTTP connection this long: longer than the load balancer, or that gets resets."""
    ping_seconds: Annotated[int, Ge(1), Le(600)] = 20
    """The application pings each WebSocket this often, so that nothing on the way takes it for idle."""
    grace_seconds: Annotated[int, Ge(1), Le(7200)] = 330
    """Kubernetes kills the pod after this; at least pre_stop + drain + 15."""


@dataclass(frozen=True)
class Part:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    split: bool = False
    """Two workloads, `api` with the HTTP API and `agents` with the WebSocket; a release is both, or none."""
    api: Part = field(default_factory=Part)
    agents: Part = field(default_factory=Part)
