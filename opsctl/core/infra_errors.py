"""Terraform's diagnostics as an operator's sentences. The only place that recognises any of its wording.

Where the wording changes, the general sentence with Terraform's own words remains.
"""

from __future__ import annotations

from collections.abc import Sequence

from opsctl.core.apply_events import StateLock, Trouble, parse_lock
from opsctl.errors import LockHeld, OpsError, Refused, ToolFailed

_SHOWN = 5


def explain(doing: str, troubles: Sequence[Trouble], *, state: str, hint: str = "") -> OpsError:
    """The error for what Terraform reported while `doing`; `state` and `hint` say where things stand then."""
    lock = next(filter(None, (parse_lock(f"{trouble.summary}\n{trouble.detail}") for trouble in troubles)), None)
    if lock is not None:
        return lock_held(lock)
    if any(trouble.summary == "Saved plan is stale" for trouble in troubles):
        message = "the plan is stale: the infrastructure was changed after the plan was made"
        return Refused(message, state=state, hint="opsctl plan makes a new one")
    if any(trouble.summary.startswith("AWS account ID not allowed") for trouble in troubles):
        return Refused(
            "these AWS credentials belong to another account than the environment's aws.account_id",
            state=state,
            hint="choose other credentials (aws.profile), or correct aws.account_id",
        )
    return ToolFailed(f"{doing} failed: {describe(troubles)}", state=state, hint=hint or _hint(troubles))


def lock_held(lock: StateLock) -> LockHeld:
    operation = {"OperationTypePlan": "a plan", "OperationTypeApply": "an apply"}.get(lock.operation, lock.operation)
    return LockHeld(
        f"Terraform's state is locked: {lock.who} runs {operation} since {lock.created}",
        state="Nothing was changed.",
        hint=f"wait; if that run is dead: terraform force-unlock {lock.id} in the rendered directory",
    )


def describe(troubles: Sequence[Trouble]) -> str:
    """One trouble in line, several as a list below; more than five are counted."""
    if len(troubles) == 1:
        return sentence(troubles[0])
    shown = [f"\n    {sentence(trouble)}" for trouble in troubles[:_SHOWN]]
    more = f"\n    and {len(troubles) - _SHOWN} more" if len(troubles) > _SHOWN else ""
    return f"{len(troubles)} errors{''.join(shown)}{more}"


def sentence(trouble: Trouble) -> str:
    """Where, and what: AWS's refusal in short where it was one, else Terraform's words."""
    aws = trouble.aws
    where = trouble.address or trouble.place
    said = trouble.summary
    if aws:
        answer = f"HTTP {aws.status}" if aws.status else "no answer"
        said = f"AWS {aws.service} refused {aws.operation}: {aws.code or 'no code'} ({answer})\n      {trouble.summary}"
    elif trouble.detail:
        said = f"{trouble.summary}: {' '.join(trouble.detail.split())}"
    return f"{where}: {said}" if where else said


def _hint(troubles: Sequence[Trouble]) -> str:
    found = [trouble.aws for trouble in troubles if trouble.aws]
    if any(aws.status == 0 for aws in found):
        return "no answer from AWS: check the network, aws.region and the profile's endpoint_url; then try again"
    if any("AccessDenied" in aws.code or "Unauthorized" in aws.code for aws in found):
        return "these credentials may not do that: grant the action that AWS names, then try again"
    return "correct what is named above, then try again"
