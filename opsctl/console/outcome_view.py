"""What a command that carries a release says at its end."""

from __future__ import annotations

from typing import Any

from opsctl.console.layout import clock, wrapped
from opsctl.core.color import Color
from opsctl.core.headline import headline
from opsctl.core.release import ABORTED, BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.settings import settings_digest


def rollout_json(rollout: Rollout, active: Color | None) -> dict[str, Any]:
    """The final object of deploy, promote, rollback, resume and abort."""
    return {
        "release": rollout.release,
        "outcome": rollout.outcome.value if rollout.outcome else None,
        "active": active.value if active else None,
        "color": rollout.color.value,
        "image": rollout.image,
        "settings": settings_digest(rollout.settings),
        "reason": rollout.why,
        "unguarded": rollout.unguarded,
        "evidence": list(rollout.evidence),
        "timings": dict(rollout.timings),
        "started_at": rollout.started_at,
        "ended_at": rollout.ended_at,
        "report": None if rollout.outcome is Outcome.UNCHANGED else f"opsctl report {rollout.id}",
    }


def rollout_text(rollout: Rollout, active: Color | None) -> str:
    """The last lines: what state things are in, why, and what to type next."""
    lines = [_sentence(rollout, active)]
    told = (Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.AWAITING_PROMOTION)
    if rollout.outcome not in told and rollout.why != ABORTED:
        lines += wrapped("why", rollout.why + _since(rollout))
        lines += [line for words in rollout.evidence for line in wrapped("pod", words)]
    return "\n".join([*lines, f"  next   {_next(rollout)}"])


def _since(rollout: Rollout) -> str:
    """When the first sign of the trouble was seen; empty where nobody had to look for it."""
    decided = next((entry.at for entry in rollout.entries if entry.what == f"phase {Phase.ROLLING_BACK.value}"), None)
    if decided is None or "detect_s" not in rollout.timings:
        return ""
    at = decided - rollout.timings["detect_s"]
    return f", since {clock(at)}.{int(at % 1 * 1000):03d}"


def _sentence(rollout: Rollout, active: Color | None) -> str:
    users = f"Users are on {active}." if active else "Nobody serves users yet."
    match rollout.outcome:
        case Outcome.SUCCEEDED:
            return f"Release {rollout.release} serves users on {rollout.color} ({rollout.image})."
        case Outcome.UNCHANGED:
            return f"Nothing to do: {rollout.why}. {users}"
        case _:
            return f"{headline(rollout)} {users}"


def _next(rollout: Rollout) -> str:
    match rollout.outcome:
        case Outcome.SUCCEEDED | Outcome.UNCHANGED if rollout.kind is Kind.ROLLBACK or rollout.origin is None:
            return "opsctl status · opsctl deploy"
        case Outcome.SUCCEEDED | Outcome.UNCHANGED:
            return "opsctl status · opsctl rollback"
        case Outcome.AWAITING_PROMOTION:
            return "opsctl promote · opsctl abort"
        case Outcome.HALTED if rollout.kind is Kind.ROLLBACK and rollout.phase in BEFORE_CUTOVER:
            return f"opsctl logs --color {rollout.color} · opsctl rollback --recover starts its pods afresh"
        case Outcome.HALTED if rollout.phase in BEFORE_CUTOVER:
            return "opsctl status · opsctl resume"
        case Outcome.HALTED:
            return "opsctl status · opsctl resume · opsctl rollback"
        case _:
            return f"opsctl logs --color {rollout.color} · opsctl report {rollout.id} · opsctl deploy"
