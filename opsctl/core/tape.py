"""What was seen while a rollout ran: samples second by second, and what was known whenever a phase ended.

Kept beside the rollout's record and apart from it: the record is what a release goes on by, this is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from opsctl.core.decisions import Act, Decision, End, Enter, Unguarded, Wait
from opsctl.core.health import ColorHealth, Judgement
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.series import Series
from opsctl.core.series import from_record as series_from_record

MOST_DECISIONS = 60
DOOR, WHOLE = "front door", "as a whole"


@dataclass(frozen=True)
class Found:
    """One verdict as it stood. `about`: a service, `requests`, a color as a whole, or the front door."""

    about: str
    color: str
    verdict: str
    detail: str
    since: float | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that ended a phase, or mended something, and the verdicts that it rests on."""

    at: float
    phase: str
    what: str
    why: str
    found: Sequence[Found] = ()


@dataclass(frozen=True)
class Tape:
    series: Series = field(default_factory=Series)
    decisions: Sequence[Decided] = ()

    def joined(self, other: Tape) -> Tape:
        """Of two processes that carried one rollout, one after the other."""
        both = sorted({*self.decisions, *other.decisions}, key=lambda decided: decided.at)
        return Tape(self.series.joined(other.series), tuple(both[-MOST_DECISIONS:]))

    def to_record(self) -> dict[str, Any]:
        return {"series": self.series.to_record(), "decisions": [astuple(decided) for decided in self.decisions]}


def from_record(record: Mapping[str, Any]) -> Tape:
    """Read what `to_record` wrote. Raises KeyError, TypeError or ValueError where it is no tape."""
    decisions = [
        Decided(float(at), phase, what, why, tuple(Found(*found) for found in rows))
        for at, phase, what, why, rows in record["decisions"]
    ]
    return Tape(series_from_record(record["series"]), tuple(decisions))


def decided(rollout: Rollout, seen: Observation, decision: Decision) -> Decided | None:
    """None for what is done all the time: waiting, and the steps that the journal has."""
    if isinstance(decision, Wait) or (isinstance(decision, Act) and not decision.why):
        return None
    found = tuple(_verdicts(seen)) if isinstance(decision, Enter | End) else ()
    return Decided(seen.at, rollout.phase.value, _words(decision), decision.why, found)


def _words(decision: Decision) -> str:
    match decision:
        case Enter(phase):
            return f"go on to {phase.value}"
        case End(outcome):
            return f"end: {outcome.value}"
        case Act(step):
            return f"undo: {step}"
        case Unguarded():
            return "go on without a guard"
        case _:
            return "wait"


def _verdicts(seen: Observation) -> Iterator[Found]:
    for color, health in seen.health.items():
        if seen.snapshot and seen.snapshot.colors[color].desired:
            yield from _of_color(color.value, health)
    yield _found(DOOR, "", seen.door)


def _of_color(color: str, health: ColorHealth) -> Iterator[Found]:
    yield Found(WHOLE, color, health.verdict.value, health.detail, health.since)
    for service, judged in health.services.items():
        yield _found(service.value, color, judged)
    yield _found("requests", color, health.rates)


def _found(about: str, color: str, judged: Judgement) -> Found:
    return Found(about, color, judged.verdict.value, judged.detail, judged.since)
