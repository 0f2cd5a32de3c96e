"""Is the warning before the alarm?"""

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
