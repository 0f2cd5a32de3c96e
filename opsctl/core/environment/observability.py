"""What is watched, what is promised of it, and who is told when the promise is at risk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, LogDays

Email = Annotated[str, Predicate(formats.email)]
Percent = Annotated[float, Ge(0.1), Le(100)]
Audience = Literal["operations", "development", "executive", "security", "finance"]
AUDIENCES: tuple[Audience, ...] = ("operations", "development", "executive", "security", "finance")


@dataclass(frozen=True)
class Slo:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    availability: Annotated[float, Ge(99), Le(99.99)] = 99.9
    """Percent of requests in 30 days that are not answered with 5xx; the burn-rate alarms follow from it."""
    latency_seconds: Annotated[float, Ge(0.05), Le(60)] = 2.0
    """An answer that takes longer is slow; the application's histogram needs a bucket of exactly this."""
    latency_share: Annotated[float, Ge(94), Le(99.9)] = 95.0
    """Percent of requests in 30 days that are not slow; below 94 a burn of 14.4 could never be seen."""
    least_requests: Annotated[int, Ge(1), Le(1_000_000)] = 100
    """A window with fewer requests raises no alarm; of 100, a single failure is 1 %, which pages nobody at 99.9."""


@dataclass(frozen=True)
class Alerts:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    page_emails: list[Email] = field(default_factory=list)
    """Who is woken, such as a pager's own address. Each confirms a message from AWS once."""
    ticket_emails: list[Email] = field(default_factory=list)
    """Who looks into it in working hours; they get what pages, too."""
    page_webhook: Annotated[str, Predicate(formats.webhook)] | None = None
    """HTTPS address that SNS calls for a page. It is kept in Terraform's state, so it must not be a secret."""


@dataclass(frozen=True)
class Thresholds:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    websocket_ticket: Percent = 80.0
    """Percent of all pods' WebSocket places in use that makes a ticket."""
    websocket_page: Percent = 90.0
    """Percent of all pods' WebSocket places in use that pages."""
    database_connections_ticket: Percent = 70.0
    """Percent of the database's connections in use that makes a ticket."""
    database_connections_page: Percent = 85.0
    """Percent of the database's connections in use that pages."""
    database_cpu: Percent = 80.0
    """Percent of the database's CPU, for 15 minutes."""
    database_free_memory: Percent = 10.0
    """Percent of the database's memory that has to be free."""
    database_free_storage: Percent = 15.0
    """Percent of the database's storage at the start that has to be free."""
    cache_cpu: Percent = 80.0
    """Percent of a cache node's engine CPU, for 15 minutes."""
    cache_memory: Percent = 75.0
    """Percent of a cache node's memory in use."""
    load_balancer_errors: Percent = 0.5
    """Percent of requests that the load balancer itself answers with 5xx."""
    cdn_errors: Percent = 1.0
    """Percent of requests that CloudFront answers with 5xx."""
    rate_limited: Percent = 5.0
    """Percent of requests that are answered with 429, for 10 minutes."""


@dataclass(frozen=True)
class Observability:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    log_days: LogDays = 90
    """How long logs of the application and its nodes can be searched, days; audit logs have keys of their own."""
    log_shipper: Literal["fluent_bit", "none"] = "fluent_bit"
    """Who brings them: Fluent Bit, by EKS's CloudWatch add-on without its paid metrics, or a collector of your own."""
    probe_seconds: Literal[0, 10, 30] = 30
    """Route 53 asks the API's public health path this often from several regions, and pages; 0 asks nobody."""
    silent_minutes: Literal[5, 10, 15, 30, 60] = 15
    """It pages when EKS's own figures, logs or alerts of Prometheus, which never stop, are not heard for so long."""
    prometheus: Literal["managed", "remote_write", "none"] = "managed"
    """Amazon Managed Prometheus with rules that follow from the SLO, filled by AWS's scraper or by one of your own."""
    grafana: Literal["managed", "none"] = "none"
    """Amazon Managed Grafana. It needs IAM Identity Center, and is paid for each person that looks."""
    grafana_admin_groups: list[Annotated[str, Predicate(formats.group_id)]] = field(default_factory=list)
    """Groups of IAM Identity Center that administer Grafana, by their ids."""
    dashboards: list[Audience] = field(default_factory=lambda: list(AUDIENCES))
    """Dashboards of CloudWatch, one for each of these."""
    slo: Slo = field(default_factory=Slo)
    alerts: Alerts = field(default_factory=Alerts)
    thresholds: Thresholds = field(default_factory=Thresholds)
