"""What is allowed and yet worth a look: printed by `config check`, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from opsctl.core.capacity import connections_of
from opsctl.core.environment import Environment
from opsctl.core.rules import Finding
from opsctl.core.support import Support, supported

_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)


def advice(environment: Environment, today: date) -> list[Finding]:
    """What is allowed and yet worth a look, judged on the day `today`."""
    return [
        *_secrets(environment.application.environment),
        *(finding for found in supported(environment) for finding in _support(found, today)),
        *_unknowns(environment),
        *_costs_of_choices(environment),
        *_watching(environment),
    ]


def _support(found: Support, today: date) -> Iterator[Finding]:
    path, version = found.path, found.version
    if found.standard is None or found.extended is None:
        yield Finding(path, f"no verdict on {version}: its end of support is not in opsctl's table")
    elif today > found.extended:
        yield Finding(path, f"{version} ended on {found.extended}; AWS upgrades it by itself")
    elif today > found.standard:
        yield Finding(path, f"{version} is in paid extended support, which ends on {found.extended}")
    elif found.near(today):
        yield Finding(path, f"standard support of {version} ends on {found.standard}; plan the upgrade")


def _secrets(variables: Iterable[str]) -> Iterator[Finding]:
    found = [name for name in variables if _SECRET.search(name)]
    if found:
        message = (
            f"{', '.join(found)}: looks like a secret, readable in files and in the cluster; application.secrets is not"
        )
        yield Finding("application.environment", message)


def _unknowns(e: Environment) -> Iterator[Finding]:
    if connections_of(e.database.instance_class) is None:
        message = f"no verdict on connections: opsctl does not know how many {e.database.instance_class} offers"
        yield Finding("database.instance_class", message)
    if e.aws.account_id is None:
        yield Finding("aws.account_id", "still open; plan and provision need it, everything else works without")


def _costs_of_choices(e: Environment) -> Iterator[Finding]:
    if _cut_off(e):
        message = f"{e.network.endpoints}: without NAT, nodes cannot pull images or reach AWS but by your own endpoints"
        yield Finding("network.endpoints", message)
    if e.release.bake_seconds == 0:
        yield Finding("release.bake_seconds", "0: nobody watches a new color after cutover")
    if e.release.standby != "full" and e.release.standby < (e.workload.replicas or 1):
        missing = f"{e.release.standby} of {e.workload.replicas or 1} pods"
        yield Finding(
            "release.standby", f"{missing}: rollback has to start the others first, minutes instead of seconds"
        )


def _cut_off(e: Environment) -> bool:
    network = e.network
    return network.existing.vpc_id is None and network.nat == "none" and network.endpoints not in (None, "private")


def _watching(e: Environment) -> Iterator[Finding]:
    alerts = e.observability.alerts
    if e.stage == "production" and not alerts.page_emails and alerts.page_webhook is None:
        yield Finding("observability.alerts.page_emails", "nobody: an alarm that pages reaches no one in production")
