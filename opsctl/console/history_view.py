"""The table of past releases and rollbacks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from opsctl.console.layout import clock, indented, settings_words
from opsctl.core.release import Rollout
from opsctl.core.settings import settings_digest


def history_json(rollouts: Sequence[Rollout]) -> list[dict[str, Any]]:
    return [
        {
            "id": rollout.id,
            "kind": rollout.kind.value,
            "release": rollout.release,
            "color": rollout.color.value,
            "image": rollout.image,
            "settings": settings_digest(rollout.settings),
            "started_at": rollout.started_at,
            "started_by": rollout.started_by,
            "taken_over_by": rollout.taken_over_by,
            "phase": rollout.phase.value,
            "outcome": rollout.outcome.value if rollout.outcome else None,
            "reason": rollout.why,
            "seconds": round(rollout.ended_at - rollout.started_at, 1) if rollout.ended_at else None,
            "timings": dict(rollout.timings),
        }
        for rollout in rollouts
    ]


def history_text(rollouts: list[dict[str, Any]]) -> str:
    """Newest last, as a log reads."""
    started = clock(time.time(), "started, %Z")
    head = f"{'id':>4}  {started:<19}  {'what':<8}  {'release':<7}  {'color':<5}  {'outcome':<18}  {'took':>6}"
    return "\n".join([head, *(_history_row(row) for row in rollouts)])


def _history_row(row: Mapping[str, Any]) -> str:
    took = f"{row['seconds']:.0f} s" if row["seconds"] is not None else "-"
    text = (
        f"{row['id']:>4}  {clock(row['started_at'], '%Y-%m-%d %H:%M:%S')}  {row['kind']:<8}  {row['release']:<7}  "
        f"{row['color']:<5}  {row['outcome'] or row['phase']:<18}  {took:>6}"
    )
    reason = f" · {row['reason']}" if row["outcome"] not in ("succeeded", None) and row["reason"] else ""
    ended = f", {row['outcome'] or 'taken over'} by {row['taken_over_by']}" if row["taken_over_by"] else ""
    told = f"{row['image']}{settings_words(row)} by {row['started_by']}{ended}{reason}"
    return "\n".join([text, *indented(told, 6)])
