"""Is the warning before the alarm, and does each key have an effect?"""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

_LIMITS = "observability.thresholds"


@rule(f"{_LIMITS}.websocket_ticket", f"{_LIMITS}.websocket_page")
def sockets_warn_before_they_page(e: Environment) -> Messages:
    limits = e.observability.thresholds
    if limits.websocket_ticket >= limits.websocket_page:
        yield f"{limits.websocket_ticket:g} % is no warning: {limits.websocket_page:g} % already pages"


@rule(f"{_LIMITS}.database_connections_ticket", f"{_LIMITS}.database_connections_page")
def connections_warn_before_they_page(e: Environment) -> Messages:
    limits = e.observability.thresholds
    if limits.database_connections_ticket >= limits.database_connections_page:
        yield (
            f"{limits.database_connections_ticket:g} % is no warning: {limits.database_connections_page:g} % "
            "already pages"
        )


@rule("observability.grafana_admin_groups", "observability.grafana")
def groups_have_a_grafana(e: Environment) -> Messages:
    if e.observability.grafana_admin_groups and e.observability.grafana == "none":
        yield "nothing to administer: grafana is none"


@rule("observability.log_shipper", "cluster.existing_name")
def existing_cluster_has_its_own_shipper(e: Environment) -> Messages:
    if e.cluster.existing_name is not None and e.observability.log_shipper != "none":
        yield f"none is it; {e.cluster.existing_name} is left as it is, gets no add-on, and brings its logs itself"
