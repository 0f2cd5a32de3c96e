"""What a killed apply has left: the next plan says it, and takes over into the state what AWS has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from opsctl.core.apply_record import ApplyOutcome
from opsctl.core.saved_plan import SavedPlan
from opsctl.core.unfinished import CutShort, Made, orphans, read
from opsctl.flows.imports import settle_imports
from opsctl.flows.infra_apply import remember
from opsctl.ports.provisioning import InfraPorts

_SHOWN = 10


@dataclass(frozen=True)
class Left:
    """`adopted` have import blocks, as AWS has them and the state does not; of `lost` nobody knows what to import."""

    found: tuple[tuple[SavedPlan, CutShort], ...] = ()
    adopted: tuple[Made, ...] = ()
    lost: tuple[Made, ...] = ()

    @property
    def started(self) -> tuple[CutShort, ...]:
        """Those that changed something."""
        return tuple(cut for _, cut in self.found if cut.applied.started)


def take_up(ports: InfraPorts) -> Left:
    """Look for applies without an end, say what they did, and write import blocks for what the state does not know."""
    found = tuple((plan, read(plan.number, ports.plans.events(plan.number))) for plan in _ended_unseen(ports))
    started = Left(found).started
    if not started:
        settle_imports(ports)
        return Left(found)
    unknown = orphans(started, ports.stack.addresses())
    known = {one.address: ports.import_ids.of(one) for one in unknown}
    adopted = settle_imports(ports, filter(None, known.values()))
    left = Left(found, adopted, tuple(one for one in unknown if known[one.address] is None))
    _say(ports, started, left)
    return left


def close(ports: InfraPorts, left: Left) -> None:
    """On record, once a plan has been made after it: until then the lock of the dead may still stand in the way."""
    for plan, cut in left.found:
        if cut.applied.started:
            outcome = ApplyOutcome.SUCCEEDED if cut.complete else ApplyOutcome.INTERRUPTED
            remember(ports, plan, cut.applied, outcome, 0.0)
        ports.plans.discard(ports.plans.file(plan.number))
        ports.plans.save(replace(plan, ended=ports.now()))


def _ended_unseen(ports: InfraPorts) -> list[SavedPlan]:
    begun = ports.plans.begun()
    running = [plan for plan in begun if ports.plans.running(plan.number)]
    for plan in running:
        ports.operator.say(f"  running  plan {plan.name} is being applied on this computer: opsctl lock show")
    return [plan for plan in begun if plan not in running]


def _say(ports: InfraPorts, started: Iterable[CutShort], left: Left) -> None:
    say = ports.operator.say
    for cut in started:
        applied = cut.applied
        how = "who started it was killed, its Terraform was not" if cut.complete else "it was killed"
        say(f"  cut      the apply of plan {cut.plan:04d} has no end: {how}")
        say(f"           {applied.done} of {applied.planned} steps were done, {len(applied.halfway)} were begun")
        _list(ports, "begun", [f"{address}: nobody knows what AWS has done" for address in applied.halfway])
    _list(ports, "takes in", [f"{one.address}: AWS has {one.id}, the state does not" for one in left.adopted])
    _list(ports, "lost", [f"{one.address}: AWS has {one.id}; import or delete it by hand" for one in left.lost])


def _list(ports: InfraPorts, label: str, lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        ports.operator.say(f"  {label:<8} {line}")
    if len(lines) > _SHOWN:
        ports.operator.say(f"           and {len(lines) - _SHOWN} more")
