"""What users reach: names, certificates, load balancer, CloudFront and its web ACL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, LogDays, Name


@dataclass(frozen=True)
class Alb:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    idle_timeout: Annotated[int, Ge(1), Le(4000)] = 300
    """A connection on which nothing moves is closed after this; holds for HTTP and WebSockets alike."""
    client_keep_alive: Annotated[int, Ge(60), Le(604_800)] = 3600
    """A client's connection is closed at the latest after this, but never in the middle of a request."""
    deletion_protection: bool = True
    """AWS refuses to delete the load balancer while this is on."""


@dataclass(frozen=True)
class ApiTargets:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    deregistration_delay: Annotated[int, Ge(0), Le(3600)] = 60
    """A pod that leaves finishes its requests within this."""
    slow_start: Annotated[int, Predicate(formats.slow_start)] = 30
    """A new pod gets its full share of requests after this; 0 sends each request to the least busy pod instead."""


@dataclass(frozen=True)
class WebsocketTargets:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    deregistration_delay: Annotated[int, Ge(0), Le(3600)] | None = None
    """A pod that leaves keeps its connections this long. Default: until it has closed them itself, at least 300."""
    slow_start: Annotated[int, Predicate(formats.slow_start)] = 0
    """As for the API; 0, as the pod with the fewest connections should get the next agent."""


@dataclass(frozen=True)
class HealthCheck:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    interval: Annotated[int, Ge(5), Le(300)] = 10
    """The load balancer asks each pod this often."""
    timeout: Annotated[int, Ge(2), Le(120)] = 5
    """An answer has to come within this."""
    healthy: Annotated[int, Ge(2), Le(10)] = 2
    """Good answers in a row that make a pod healthy."""
    unhealthy: Annotated[int, Ge(2), Le(10)] = 3
    """Bad ones in a row that take it out."""


@dataclass(frozen=True)
class Cloudfront:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    origin_timeout: Annotated[int, Ge(1), Le(120)] = 60
    """CloudFront waits this long for an answer of the API."""
    origin_keep_alive: Annotated[int, Ge(1), Le(120)] = 60
    """CloudFront keeps an idle connection to the load balancer this long."""
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Where edges are used: 100 is North America and Europe, All is everywhere."""
    wait_for_deployment: bool = True
    """A change is done when every edge has it, which takes minutes; false goes on at once."""


@dataclass(frozen=True)
class Waf:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    mode: Literal["count", "block"] = "count"
    """What the rule sets for web pages and SQL do: prompts trip them, so count first and read the log."""
    requests_per_minute_per_ip: Annotated[int, Ge(10), Le(2_000_000_000)] = 1000
    """One address may send this many; offices and clouds share one, so far more than one user may."""
    api_key_header: Annotated[str, Predicate(formats.header)] = "x-api-key"
    """Header that tells users apart; each may send application.rate_limit_per_minute."""


@dataclass(frozen=True)
class Edge:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    kind: Literal["none", "alb", "cloudfront"] = "cloudfront"
    """How users get in: not at all, by a public load balancer, or by CloudFront with a web ACL."""
    origin: Literal["vpc_origin", "public_alb"] = "vpc_origin"
    """How CloudFront gets to the load balancer: in the VPC, or by a public one that lets only CloudFront in."""
    origin_header_version: Annotated[int, Ge(1), Le(1_000_000)] = 1
    """With public_alb: raise it for a new value of the header by which the load balancer knows this distribution."""
    domain: Annotated[str, Predicate(formats.domain)] = "aiagentdevteam.com"
    """Domain that the names below belong to."""
    api_name: Name = "api"
    """Name of the API in the domain."""
    websocket_name: Name = "ws"
    """Name of the WebSocket service in the domain."""
    hosted_zone_id: Annotated[str, Predicate(formats.zone_id)] | None = None
    """Existing Route 53 zone that holds the domain. Default: a zone is made, and its name servers are outputs."""
    certificate_arn: Annotated[str, Predicate(formats.certificate_arn)] | None = None
    """Existing certificate of the load balancer, in the home region. Default: one is made."""
    cdn_certificate_arn: Annotated[str, Predicate(formats.cdn_certificate_arn)] | None = None
    """Existing certificate of CloudFront, in us-east-1. Default: one is made."""
    log_days: LogDays = 365
    """How long access logs and the web ACL's log are kept, days."""
    alb: Alb = field(default_factory=Alb)
    api: ApiTargets = field(default_factory=ApiTargets)
    websocket: WebsocketTargets = field(default_factory=WebsocketTargets)
    health: HealthCheck = field(default_factory=HealthCheck)
    cloudfront: Cloudfront = field(default_factory=Cloudfront)
    waf: Waf = field(default_factory=Waf)
