"""One apply, as it is remembered: who changed the infrastructure, when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class ApplyOutcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class ApplyRecord:
    """`at` is when it ended, seconds since the epoch; `plan` is the saved plan's number, `kind` apply or destroy.

    `halfway` are addresses that this apply or an earlier one began to create and nobody has finished since.
    `durations` is how long each kind of step took in this environment, this apply and earlier ones (core/durations.py).
    """

    environment: str
    account: str
    kind: str
    at: float
    by: str
    plan: int
    commit: str
    outcome: ApplyOutcome
    added: int
    changed: int
    destroyed: int
    seconds: float
    halfway: tuple[str, ...] = ()
    durations: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class LastApply:
    """`known` is False where the state bucket gave no answer: `record` is then what this computer remembers."""

    record: ApplyRecord | None
    known: bool


def completed(record: ApplyRecord) -> ApplyRecord:
    """What failed turned out to be there."""
    return replace(record, outcome=ApplyOutcome.SUCCEEDED, halfway=())


def to_json(record: ApplyRecord) -> dict[str, Any]:
    """For whoever reads it; the history of durations is not of this apply."""
    return {name: value for name, value in stored_json(record).items() if name != "durations"}


def stored_json(record: ApplyRecord) -> dict[str, Any]:
    return {**asdict(record), "ended_at": datetime.fromtimestamp(record.at, UTC).isoformat(timespec="seconds")}


def from_json(found: Mapping[str, Any]) -> ApplyRecord:
    names = ApplyRecord.__dataclass_fields__
    values = {name: value for name, value in found.items() if name in names}
    durations = {kind: tuple(seconds) for kind, seconds in values.get("durations", {}).items()}
    known = {"outcome": ApplyOutcome(values["outcome"]), "halfway": tuple(values.get("halfway", ()))}
    return ApplyRecord(**{**values, **known, "durations": durations})


def last_apply_json(last: LastApply | None) -> dict[str, Any] | None:
    """`known` false: the state bucket gave no answer, and this is what this computer remembers."""
    if last is None or (last.known and last.record is None):
        return None
    return {"known": last.known, **(to_json(last.record) if last.record else {})}


def in_words(last: LastApply, now: float) -> str:
    """One line for `status`: what was done last, how long ago, by whom."""
    record = last.record
    if record is None:
        return "never applied" if last.known else "unknown: the state bucket gave no answer"
    doubt = "" if last.known else " (as far as this computer knows; the state bucket gave no answer)"
    done = f"{record.added} added, {record.changed} changed, {record.destroyed} destroyed"
    result = "" if record.outcome is ApplyOutcome.SUCCEEDED else f", {record.outcome}"
    verb = "destroyed" if record.kind == "destroy" else "applied"
    return f"{verb} {ago(now - record.at)} by {record.by}{result}: {done}{doubt}"


def ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return "just now"
