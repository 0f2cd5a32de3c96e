"""The bucket of Terraform's state has to be there before Terraform can remember anything: made once, first."""

from __future__ import annotations

from opsctl.core.plan import PlanSummary
from opsctl.core.plan_reading import from_events
from opsctl.core.saved_plan import Kind
from opsctl.flows.infra_apply import raise_unless_complete, run
from opsctl.flows.infra_plan import state_is_there
from opsctl.ports.provisioning import InfraPorts


def ensure_state_bucket(ports: InfraPorts) -> None:
    """Make it, after asking, where it is missing or was left half made. Its own state stays on this computer.

    Nothing needs that state again: the bucket is never changed or destroyed by opsctl.
    """
    if not ports.bucket.unfinished and state_is_there(ports):
        return
    summary = _plan(ports)
    ports.operator.show(f"state bucket {ports.bucket.name}, made once and first", summary)
    if not summary.empty:
        ports.operator.approve(Kind.APPLY, summary)
        ports.bucket.began()
        file = ports.plans.scratch()
        raise_unless_complete(*run(ports, ports.bootstrap, summary, file, file.with_name("state-bucket.jsonl"), {}))
    ports.bucket.finished()


def _plan(ports: InfraPorts) -> PlanSummary:
    with ports.operator.working("plan", "the state bucket, which does not exist yet") as on_event:
        ports.bootstrap.prepare()
        return from_events(ports.bootstrap.plan(ports.plans.scratch(), on_event).events)
