"""An apply that failed by what passes by itself goes on: after a new plan, and only within what was approved."""

from __future__ import annotations

from opsctl.core.apply_record import ApplyRecord, completed
from opsctl.core.plan_subset import beyond
from opsctl.core.saved_plan import SavedPlan
from opsctl.errors import Interrupted, TerraformFailed
from opsctl.flows.infra_apply import apply_saved, remember_outputs
from opsctl.flows.infra_plan import plan
from opsctl.ports.provisioning import InfraPorts

_PAUSES = (10.0, 30.0)
"""Seconds before each new try. Providers have tried for minutes by themselves before they report such an error."""


def apply_patiently(ports: InfraPorts, saved: SavedPlan) -> ApplyRecord:
    """Apply it, and what is left of it at most twice again. Raises what does not pass, with its cards."""
    left = saved
    for pause in _PAUSES:
        try:
            return apply_saved(ports, left)
        except TerraformFailed as error:
            if not error.passing:
                raise
            again = _plan_again(ports, saved, error, pause)
        if again is None:
            return _as_completed(ports)
        left = again
    return apply_saved(ports, left)


def _plan_again(ports: InfraPorts, approved: SavedPlan, error: TerraformFailed, pause: float) -> SavedPlan | None:
    """What is left to be done, None where nothing is. Raises `error` where that is not within what was approved."""
    causes = ", ".join(sorted({card["cause"] for card in error.cards}))
    ports.operator.say(
        f"  again    {causes}: that passes; a new plan in {pause:.0f} s goes on, if it only does what was"
    )
    ports.operator.say("           approved")
    try:
        ports.pause(pause)
    except KeyboardInterrupt:
        raise Interrupted(error.message, state=error.state, hint="opsctl provision goes on") from None
    planned = plan(ports, approved.kind)
    more = beyond(planned.summary, approved.summary)
    if planned.saved is None or more:
        raise _not_again(error, more)
    return None if planned.summary.empty else planned.saved


def _not_again(error: TerraformFailed, more: tuple[str, ...]) -> TerraformFailed:
    what = f"A new plan would do what nobody has approved: {', '.join(more)}." if more else "The state is gone."
    return TerraformFailed(
        error.message, error.cards, passing=False, state=f"{error.state} {what}",
        hint="opsctl plan shows what is left; opsctl provision asks for it",
    )  # fmt: skip


def _as_completed(ports: InfraPorts) -> ApplyRecord:
    """The failure was of looking, not of doing: the new plan finds nothing left."""
    last = ports.records.last().record
    assert last is not None, "an apply that failed left a record"
    record = completed(last)
    ports.records.save(record)
    remember_outputs(ports)
    return record
