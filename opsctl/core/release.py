"""A rollout: what somebody asked for, how far it is, and what happened on the way.

The record is the journal. It lives in the cluster, so that another process on another computer can go on
with it; `to_record`/`from_record` are its only wire form. Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from opsctl.core.color import Color
from opsctl.core.sizes import AGENT, Sizes, total


class Kind(StrEnum):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"


class Phase(StrEnum):
    """Where a rollout is. The comment says what is true of traffic while it lasts."""

    MIGRATING = "migrating"  # old has traffic; a command in the new image changes the database
    WARMING = "warming"  # old has traffic; the preview is installed and comes up
    GATING = "gating"  # old has traffic; the preview is ready and must prove itself
    AWAITING_PROMOTION = "awaiting_promotion"  # old has traffic; a person decides
    CUTOVER = "cutover"  # traffic moves in one write
    BAKING = "baking"  # new has traffic; old is kept at full size
    DRAINING = "draining"  # new has traffic; old lets its connections go
    ROLLING_BACK = "rolling_back"  # traffic returns to old, then new is stopped
    ABANDONING = "abandoning"  # old has traffic and keeps it; the preview is stopped


BEFORE_CUTOVER = (Phase.MIGRATING, Phase.WARMING, Phase.GATING, Phase.AWAITING_PROMOTION)


TAKEN_UP = ("resumed", "promoted")
"""Why a phase is entered when a person takes hold of a rollout that was left: its time starts anew."""


ABORTED = "aborted by hand"
"""Why a rollout goes back, or is abandoned, where nothing is wrong with it."""


GUARD = "guard"
"""What a rollback's first entry is called where a guard began it; its detail says why."""


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled_back"
    ABANDONED = "abandoned"  # never had traffic
    HALTED = "halted"  # a person is needed
    AWAITING_PROMOTION = "awaiting_promotion"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Entry:
    """One line of the journal: an intent, its outcome, or a change of phase."""

    at: float
    what: str
    detail: str = ""


@dataclass(frozen=True)
class Rollout:
    """One deploy or rollback. `release` is what stands in `color`: its own number, or the one gone back to."""

    id: int
    kind: Kind
    release: int
    color: Color
    origin: Color | None
    image: str
    settings: Mapping[str, str]
    sizes: Sizes
    started_at: float
    started_by: str
    phase: Phase
    phase_since: float
    values: Mapping[str, Any] = field(default_factory=dict)  # the chart's, whole: going back brings all of it back
    origin_release: int | None = None  # what stood in `origin` when this began, to be put back if somebody deletes it
    origin_sizes: Sizes = field(default_factory=dict)  # and its size, kept while this release can fail; {}: not known
    commit: str = ""  # of the project that it was configured by; empty outside of git
    hold: bool = False  # wait for `promote` after the gate
    migration: str = "none"  # of release.migration.kind: what this release does to the database
    recover: bool = False  # a rollback to a color that is broken too: with fresh pods
    leaving: tuple[str, ...] = ()  # the old color's pods that still have to go while draining
    moved: tuple[tuple[float, int], ...] = ()  # when how many agents were asked to move: the last, and those on the way
    handshake_s: float | None = None  # what a WebSocket took where agents go, before the first was asked to
    policy: Mapping[str, Any] = field(default_factory=dict)  # `release` of the environment file when this began
    unguarded: str = ""  # why it goes on without a guard in the cluster; empty: it has one, or wants none
    taken_over_by: str = ""  # the guard that went on when whoever began it was gone
    outcome: Outcome | None = None
    why: str = ""
    ended_at: float | None = None
    evidence: tuple[str, ...] = ()  # last words of failing pods
    timings: Mapping[str, float] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def open(self) -> bool:
        """Somebody, perhaps dead, is or was at work on it, or it waits for a person's promotion."""
        return self.outcome in (None, Outcome.AWAITING_PROMOTION)

    @property
    def replicas(self) -> int:
        return total(self.sizes)

    @property
    def origin_needed(self) -> Sizes:
        """Pods that the old color needs to take all users back."""
        return self.origin_sizes or self.sizes

    @property
    def leaves(self) -> Color | None:
        """The color that agents have to leave in this phase, if any."""
        return {Phase.DRAINING: self.origin, Phase.ROLLING_BACK: self.color}.get(self.phase)

    @property
    def irreversible(self) -> bool:
        """Its migration took away what the release before needs."""
        return self.migration == "contract"

    @property
    def by_guard(self) -> bool:
        """A rollback that no person asked for: the guard after a release saw it fail."""
        return any(entry.what == GUARD for entry in self.entries)

    def first_in(self, phase: Phase) -> float:
        """When this phase was first entered since a person last took hold of the rollout: deadlines count from here,
        so that what makes a rollout enter a phase again and again cannot put its deadline off."""
        found = self.phase_since if phase is self.phase else self.started_at
        for entry in reversed(self.entries):
            if entry.what == f"phase {phase.value}":
                found = entry.at
            if entry.detail in TAKEN_UP:
                break
        return found

    def noted(self, at: float, what: str, detail: str = "") -> Rollout:
        return replace(self, entries=(*self.entries, Entry(at, what, detail)))

    def entered(self, phase: Phase, at: float, why: str = "") -> Rollout:
        moved = replace(self._clocked(at), phase=phase, phase_since=at, why=why or self.why)
        return moved.noted(at, f"phase {phase.value}", why)

    def ended(self, outcome: Outcome, at: float, why: str) -> Rollout:
        closed = replace(self._clocked(at), phase_since=at, outcome=outcome, why=why, ended_at=at)
        return closed.noted(at, f"outcome {outcome.value}", why)

    def timed(self, name: str, seconds: float) -> Rollout:
        return replace(self, timings={**self.timings, name: round(seconds, 3)})

    def _clocked(self, at: float) -> Rollout:
        """Add the time since the phase began to that phase's sum; a phase may be entered more than once."""
        name = _TIMED.get(self.phase)
        return self.timed(name, self.timings.get(name, 0.0) + at - self.phase_since) if name else self

    def to_record(self) -> dict[str, Any]:
        record = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**record, "entries": [[e.at, e.what, e.detail] for e in self.entries]}


_TIMED = {
    Phase.MIGRATING: "migrate_s",
    Phase.WARMING: "warm_s",
    Phase.GATING: "gate_s",
    Phase.BAKING: "bake_s",
    Phase.DRAINING: "drain_s",
}
"""Phases that last; cutover and rollback are timed from the write to the first answer instead."""


_LATEST = 4e9  # seconds since the epoch: whoever tells of later times tells of none
_MAPPINGS = ("settings", "values", "sizes", "origin_sizes", "timings", "policy")


def _check(record: Mapping[str, Any]) -> None:
    """Raises ValueError where a part is of another shape than everybody relies on."""
    times = [record["started_at"], record.get("ended_at") or 0, *(entry[0] for entry in record.get("entries", ()))]
    if not all(0 <= float(at) <= _LATEST for at in times):
        raise ValueError("a time that cannot be")
    for key in _MAPPINGS:
        if not isinstance(record.get(key, {}), Mapping):
            raise ValueError(f"{key} is no mapping")
    for seconds in record.get("timings", {}).values():
        float(seconds)


def from_record(record: Mapping[str, Any]) -> Rollout:
    """Read what `to_record` wrote; unknown keys are ignored. Raises KeyError, TypeError or ValueError where it is no
    rollout."""
    _check(record)
    known = {f.name for f in fields(Rollout)}
    values = {key: value for key, value in record.items() if key in known}
    return Rollout(
        **{
            **values,
            "id": int(record["id"]),
            "kind": Kind(record["kind"]),
            "color": Color(record["color"]),
            "origin": Color(record["origin"]) if record["origin"] else None,
            "phase": Phase(record["phase"]),
            "outcome": Outcome(record["outcome"]) if record.get("outcome") else None,
            "sizes": record["sizes"] if "sizes" in record else {AGENT: record["replicas"]},  # as 0.1 wrote it
            "leaving": tuple(record.get("leaving", ())),
            "moved": tuple((float(at), int(agents)) for at, agents in record.get("moved", ())),
            "evidence": tuple(record.get("evidence", ())),
            "entries": tuple(Entry(*entry) for entry in record.get("entries", ())),
        }
    )
