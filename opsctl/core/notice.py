"""Notices: what others are told about a release, and which moments they are told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from opsctl.core.color import Color
from opsctl.core.release import Kind, Outcome, Phase, Rollout

SCHEMA = 1
"""Of the payload; a key that is added leaves it as it is, one that changes its meaning or goes raises it."""


class Event(StrEnum):
    BEGAN = "began"
    MOVED = "moved"  # users are on the new color
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled_back"
    ABANDONED = "abandoned"
    HALTED = "halted"


@dataclass(frozen=True)
class Undelivered:
    """`target` says whom without any secret: a host, or a topic."""

    target: str
    why: str


def event_of(before: Rollout, after: Rollout) -> Event | None:
    """What others are told of when a rollout went on from `before` to `after`."""
    if after.outcome and after.outcome is not before.outcome:
        return _ENDS.get(after.outcome)
    moved = after.phase is Phase.BAKING and before.phase is not Phase.BAKING
    return Event.MOVED if moved else None


def begins(rollout: Rollout) -> bool:
    """Nobody has been at it before: who goes on with a rollout tells nobody anew that it began."""
    return not any(entry.what.startswith("phase ") for entry in rollout.entries)


def payload(event: Event, environment: str, rollout: Rollout, active: Color | None, at: float) -> dict[str, Any]:
    """Plain data for JSON. Times are seconds since the epoch, UTC; `active` is None where nobody knows."""
    return {
        "schema": SCHEMA,
        "event": event.value,
        "at": round(at, 3),
        "text": _sentence(event, environment, rollout),
        "environment": environment,
        "rollout": rollout.id,
        "kind": rollout.kind.value,
        "release": rollout.release,
        "color": rollout.color.value,
        "origin": rollout.origin.value if rollout.origin else None,
        "active": active.value if active else None,
        "image": rollout.image,
        "phase": rollout.phase.value,
        "outcome": rollout.outcome.value if rollout.outcome else None,
        "why": rollout.why,
        "by": rollout.started_by,
        "started_at": rollout.started_at,
    }


def _sentence(event: Event, environment: str, rollout: Rollout) -> str:
    """For chats that show `text`."""
    verb = "release" if rollout.kind is Kind.DEPLOY else "going back to release"
    why = f": {rollout.why}" if event in _UNHAPPY and rollout.why else ""
    return f"{environment}: {verb} {rollout.release} ({rollout.image}) {_WORDS[event].format(r=rollout)}{why}"


_ENDS = {
    Outcome.SUCCEEDED: Event.SUCCEEDED,
    Outcome.ROLLED_BACK: Event.ROLLED_BACK,
    Outcome.ABANDONED: Event.ABANDONED,
    Outcome.HALTED: Event.HALTED,
}
_UNHAPPY = (Event.ROLLED_BACK, Event.ABANDONED, Event.HALTED)
_WORDS = {
    Event.BEGAN: "began, for {r.color}",
    Event.MOVED: "has the users, on {r.color}",
    Event.SUCCEEDED: "succeeded on {r.color}",
    Event.ROLLED_BACK: "failed, users are back on {r.origin}",
    Event.ABANDONED: "was abandoned before it had users",
    Event.HALTED: "halted, a person is needed",
}
