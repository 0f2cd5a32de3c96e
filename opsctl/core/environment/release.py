"""The policy of a release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MinLen, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Path, Seconds, Text

LEAST_RECONNECTS = 10.0  # a second: 1,000 agents in 100 s; 60 to 120 s spare whatever they log in to


@dataclass(frozen=True)
class FrontDoor:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    kind: Literal["service_proxy", "node_port", "url"] = "service_proxy"
    """How users' path is probed: through the API server, a node port of the active Service, or its public address."""
    api_url: Annotated[str, Predicate(formats.http_url)] | None = None
    """With kind url: address of the API, such as https://api.example.com."""


@dataclass(frozen=True)
class Migration:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    kind: Literal["none", "expand", "contract"] = "none"
    """expand only adds, before the new pods start; contract takes away, after the gate, and leaves no way back."""
    command: list[Text] = field(default_factory=list)
    """Program and arguments, run once in the new release's image, such as [python, -m, migrate]."""
    deadline: Annotated[float, Ge(1), Le(7200)] = 600.0
    """The command must have ended within this, seconds."""


@dataclass(frozen=True)
class Hook:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    command: Annotated[list[Text], MinLen(1)] | None = None
    """Program and arguments, run in the project directory without a shell. It may run twice; never put secrets here."""
    timeout: Annotated[float, Ge(1), Le(7200)] = 60.0
    """It is ended, and has failed, after this many seconds."""


@dataclass(frozen=True)
class Hooks:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    pre_deploy: Hook = field(default_factory=Hook)
    pre_cutover: Hook = field(default_factory=Hook)
    post_cutover: Hook = field(default_factory=Hook)
    pre_rollback: Hook = field(default_factory=Hook)
    post_rollback: Hook = field(default_factory=Hook)
    on_halt: Hook = field(default_factory=Hook)


NoticeEvent = Literal["began", "moved", "succeeded", "rolled_back", "abandoned", "halted"]


@dataclass(frozen=True)
class Notify:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

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
