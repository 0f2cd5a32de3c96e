"""Drift: compare with AWS, sort out what is let be, remember since when it has been there. Takes no state lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from opsctl.core.drift.finding import findings
from opsctl.core.drift.ignoring import sort_out
from opsctl.core.drift.memory import remember
from opsctl.core.drift.report import DriftReport
from opsctl.core.environment import Ignored
from opsctl.errors import Refused
from opsctl.flows.account import ensure_account
from opsctl.flows.infra_plan import state_is_there
from opsctl.ports.provisioning import DriftMemory, InfraPorts


def look_for_drift(ports: InfraPorts, rules: Mapping[str, Ignored], memory: DriftMemory) -> DriftReport:
    ensure_account(ports)
    plan = _plan(ports)
    found, pending = findings(plan, ports.origin.environment)
    seen, gone = remember(memory.load(), found, ports.now())
    memory.save(seen)
    today = datetime.fromtimestamp(ports.now(), UTC).strftime("%Y-%m-%d")
    return DriftReport(sort_out(found, rules, set(_addresses(plan)), today), seen, tuple(gone.values()), pending)


def _plan(ports: InfraPorts) -> Mapping[str, Any]:
    if not state_is_there(ports):
        raise Refused(
            f"there is nothing to compare: the state bucket {ports.bucket.name} does not exist yet",
            state="Nothing was changed.",
            hint="opsctl provision",
        )
    if ports.stack.unstored():
        raise Refused(
            "the state of an earlier apply here is not stored yet, so what is there is not known",
            state="Nothing was changed.",
            hint="opsctl plan stores it",
        )
    file = ports.plans.scratch()
    try:
        with ports.operator.working("drift", "comparing with AWS") as on_event:
            ports.stack.plan(file, on_event, lock=False)
        return ports.stack.show(file)
    finally:
        ports.plans.discard(file)


def _addresses(plan: Mapping[str, Any]) -> Iterator[str]:
    """Of all resources: those that the configuration has, and those that it had."""
    for found in (*plan.get("resource_changes", ()), *plan.get("resource_drift", ())):
        yield found["address"]
