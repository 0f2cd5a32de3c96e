"""What is allowed and yet worth a look: printed by `config check`, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from opsctl.core.capacity import connections_of
from opsctl.core.environment import Environment
from opsctl.core.rules import Finding

_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
_WARN_BEFORE = timedelta(days=90)
# End of standard and of extended support of each EKS version.
_SUPPORT_ENDS = {
    "1.31": (date(2025, 11, 26), date(2026, 11, 26)),
    "1.32": (date(2026, 3, 23), date(2027, 3, 23)),
    "1.33": (date(2026, 7, 29), date(2027, 7, 29)),
    "1.34": (date(2026, 12, 2), date(2027, 12, 2)),
    "1.35": (date(2027, 3, 27), date(2028, 3, 27)),
}


def advice(environment: Environment, today: date) -> list[Finding]:
    """What is allowed and yet worth a look, judged on the day `today`."""
    return [
        *_secrets(environment.application.environment),
        *_support(environment.cluster.version, today),
        *_unknowns(environment),
        *_costs_of_choices(environment),
        *_watching(environment),
    ]


def _support(version: str, today: date) -> Iterator[Finding]:
    if version not in _SUPPORT_ENDS:
        yield Finding("cluster.version", f"no verdict on {version}: its end of support is not in opsctl's table")
        return
    standard, extended = _SUPPORT_ENDS[version]
    if today > extended:
        yield Finding("cluster.version", f"{version} ended on {extended}; AWS upgrades it by itself")
    elif today > standard:
        yield Finding("cluster.version", f"{version} is in paid extended support, which ends on {extended}")
    elif today + _WARN_BEFORE >= standard:
        yield Finding("cluster.version", f"standard support of {version} ends on {standard}; plan the upgrade")


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
