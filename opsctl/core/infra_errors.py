"""Terraform's diagnostics as an operator's sentences. The only place that recognises any of its wording.

Where the wording changes, the general sentence with Terraform's own words remains.
"""

from __future__ import annotations

from collections.abc import Sequence

from opsctl.core.apply_events import StateLock, Trouble, parse_lock
from opsctl.core.aws_errors import MEANING, REMEDY, Cause, cause, passing
from opsctl.errors import LockHeld, OpsError, Refused, TerraformFailed

_SHOWN = 5
_RELEASING = "releasing the state lock"
_STORING = ("Failed to save state", "Failed to persist state to backend")


def explain(doing: str, troubles: Sequence[Trouble], *, state: str, hint: str = "") -> OpsError:
    """The error for what Terraform reported while `doing`; `state` and `hint` say where things stand then."""
    met = (trouble for trouble in troubles if _RELEASING not in trouble.summary)
    lock = next(filter(None, (parse_lock(f"{trouble.summary}\n{trouble.detail}") for trouble in met)), None)
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
    if any(trouble.summary == "Cannot import non-existent remote object" for trouble in troubles):
        hint = "remove what is named above from imports.json beside the rendered directory, then the same command again"
    cards = tuple(card(trouble) for trouble in troubles)
    message = f"{doing} failed: {describe(troubles)}"
    return TerraformFailed(message, cards, passing=passing(troubles), state=state, hint=hint or _hint(troubles))


def state_unstored(troubles: Sequence[Trouble]) -> bool:
    """Whether the backend did not take the state, which Terraform then leaves in a file."""
    return any(trouble.summary.startswith(_STORING) for trouble in troubles)


def lock_kept(troubles: Sequence[Trouble]) -> bool:
    return any(_RELEASING in trouble.summary for trouble in troubles)


def lock_held(lock: StateLock) -> LockHeld:
    operation = {"OperationTypePlan": "a plan", "OperationTypeApply": "an apply"}.get(lock.operation, lock.operation)
    return LockHeld(
        f"Terraform's state is locked: {lock.who} runs {operation} since {lock.created}",
        state="Nothing was changed.",
        hint=f"opsctl lock show says whether it lives; if it is dead: opsctl lock release --terraform (lock {lock.id})",
    )


def describe(troubles: Sequence[Trouble]) -> str:
    """One trouble in line, several as a list below; more than five are counted."""
    if len(troubles) == 1:
        return sentence(troubles[0])
    first = sorted(troubles, key=lambda trouble: not trouble.summary.startswith(_STORING))
    shown = [f"\n    {sentence(trouble)}" for trouble in first[:_SHOWN]]
    more = f"\n    and {len(troubles) - _SHOWN} more" if len(troubles) > _SHOWN else ""
    return f"{len(troubles)} errors{''.join(shown)}{more}"


def sentence(trouble: Trouble) -> str:
    """Where, and what: AWS's refusal in short where it was one, with its kind and what would help; else Terraform's
    words."""
    aws = trouble.aws
    where = trouble.address or trouble.place
    said = trouble.summary
    if aws:
        answer = f"HTTP {aws.status}" if aws.status else "no answer"
        said = f"AWS {aws.service} refused {aws.operation}: {aws.code or 'no code'} ({answer})\n      {trouble.summary}"
    elif trouble.detail:
        said = f"{trouble.summary}: {' '.join(trouble.detail.split())}"
    return (f"{where}: {said}" if where else said) + _cause_lines(trouble)


def _cause_lines(trouble: Trouble) -> str:
    found = cause(trouble)
    if found is Cause.REAL:
        return ""
    return f"\n      {found}: {MEANING[found]}\n      remedy: {REMEDY[found]}"


def card(trouble: Trouble) -> dict[str, str]:
    """The same for scripts."""
    aws, found = trouble.aws, cause(trouble)
    return {
        "address": trouble.address,
        "place": trouble.place,
        "cause": str(found),
        "service": aws.service if aws else "",
        "operation": aws.operation if aws else "",
        "code": aws.code if aws else "",
        "said": f"{trouble.summary}: {trouble.detail}".rstrip(": "),
        "remedy": REMEDY[found],
    }


def _hint(troubles: Sequence[Trouble]) -> str:
    """The remedy of all, where it is one; else what is named above is for a person to put right."""
    causes = {cause(trouble) for trouble in troubles}
    if len(causes) == 1 and Cause.REAL not in causes:
        return REMEDY[causes.pop()]
    return "correct what is named above, then try again"
