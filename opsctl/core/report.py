"""What `opsctl report` tells of one rollout: its record and what was seen of it, as plain data.

The page is drawn from this and nothing else, so that whatever the page shows `-o json` has. Of settings only the names
are in it, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from opsctl.core.environment import Release as Policy
from opsctl.core.headline import headline
from opsctl.core.recorded import restored
from opsctl.core.release import GUARD, Kind, Phase, Rollout
from opsctl.core.series import Point, Series, total
from opsctl.core.tape import Decided, Tape
from opsctl.core.verdict_rules import rule_about, rule_of_phase

_MOVED = "done switch "
_GIVING_UP = {
    f"phase {Phase.ROLLING_BACK.value}": "decided to bring users back",
    f"phase {Phase.ABANDONING.value}": "decided to abandon it",
}
_TOLD = (GUARD, "interrupted", "superseded", "taken over", "no guard")


def report_json(environment: str, rollout: Rollout, tape: Tape | None) -> dict[str, Any]:
    """Times are seconds since the epoch, latencies milliseconds. `samples` is None where nothing is left of them."""
    policy = _judged_by(rollout)
    phases = list(_phases(rollout, policy))
    return {
        "environment": environment,
        **_facts(rollout),
        "headline": headline(rollout),
        "first_sign_at": _first_sign(rollout),
        "story": sorted(_story(rollout), key=lambda told: float(told["at"])),
        "timings": dict(rollout.timings),
        "phases": phases,
        "moves": [_move(entry.at, entry.what) for entry in rollout.entries if entry.what.startswith(_MOVED)],
        "last_words": list(rollout.evidence),
        "decisions": [_decision(decided, policy) for decided in tape.decisions] if tape else [],
        "samples": _samples(tape.series, phases) if tape and tape.series.lanes else None,
        "journal": [{"at": entry.at, "what": entry.what, "detail": entry.detail} for entry in rollout.entries],
    }


def _judged_by(rollout: Rollout) -> Policy:
    """What is told of rules only: a record that another opsctl wrote differently is shown all the same."""
    try:
        return restored(Policy(), rollout.policy)
    except (TypeError, ValueError):
        return Policy()


def _facts(rollout: Rollout) -> dict[str, Any]:
    return {
        "rollout": rollout.id,
        "release": rollout.release,
        "kind": rollout.kind.value,
        "color": rollout.color.value,
        "origin": rollout.origin.value if rollout.origin else None,
        "origin_release": rollout.origin_release,
        "outcome": rollout.outcome.value if rollout.outcome else None,
        "phase": rollout.phase.value,
        "reason": rollout.why,
        "users_on": _users_on(rollout),
        "image": rollout.image,
        "settings": sorted(rollout.settings),
        "pods": dict(rollout.sizes),
        "migration": rollout.migration,
        "commit": rollout.commit,
        "started_by": rollout.started_by,
        "taken_over_by": rollout.taken_over_by,
        "unguarded": rollout.unguarded,
        "started_at": rollout.started_at,
        "ended_at": rollout.ended_at,
        "seconds": round(rollout.ended_at - rollout.started_at, 3) if rollout.ended_at else None,
    }


def _users_on(rollout: Rollout) -> str | None:
    """Where its last move brought users; where it moved nobody, they stayed."""
    moves = [_move(entry.at, entry.what)["to"] for entry in rollout.entries if entry.what.startswith(_MOVED)]
    return moves[-1] if moves else (rollout.origin.value if rollout.origin else None)


def _move(at: float, what: str) -> dict[str, Any]:
    """Of `done switch blue to green`."""
    origin, _, to = what.removeprefix(_MOVED).partition(" to ")
    return {"at": at, "from": origin, "to": to}


def _first_sign(rollout: Rollout) -> float | None:
    """When the first failing sample of what brought users back ended."""
    back = next((entry.at for entry in rollout.entries if entry.what == f"phase {Phase.ROLLING_BACK.value}"), None)
    return back - rollout.timings["detect_s"] if back is not None and "detect_s" in rollout.timings else None


def _story(rollout: Rollout) -> Iterator[dict[str, Any]]:
    """What a reader wants to know first, each as a sentence with its time."""
    yield {"at": rollout.started_at, "what": f"{rollout.started_by} started it: {rollout.image} to {rollout.color}"}
    first = _first_sign(rollout)
    if first is not None:
        yield {"at": first, "what": "the first failing answer"}
    for entry in rollout.entries:
        if entry.what.startswith(_MOVED):
            move = _move(entry.at, entry.what)
            yield {"at": entry.at, "what": f"users moved from {move['from']} to {move['to']}"}
        elif entry.what in _GIVING_UP:
            yield {"at": entry.at, "what": f"{_GIVING_UP[entry.what]}: {entry.detail}"}
        elif entry.what in _TOLD:
            yield {"at": entry.at, "what": f"{entry.what}: {entry.detail}" if entry.detail else entry.what}
    if rollout.ended_at:
        yield {"at": rollout.ended_at, "what": headline(rollout)}


def _phases(rollout: Rollout, policy: Policy) -> Iterator[dict[str, Any]]:
    """In order, each until the next begins; a halted or waiting one until it was left."""
    first = Phase.MIGRATING if rollout.migration == "expand" and rollout.kind is Kind.DEPLOY else Phase.WARMING
    begun = [(rollout.started_at, first.value, "")]
    for entry in rollout.entries:
        word, _, name = entry.what.partition(" ")
        if word == "phase":
            begun.append((entry.at, name, entry.detail))
    last = rollout.ended_at or max([rollout.phase_since, *(entry.at for entry in rollout.entries)])
    for (at, phase, why), (until, _, _) in pairwise([*begun, (last, "", "")]):
        yield {
            "phase": phase, "from": at, "to": until, "seconds": round(until - at, 3), "why": why,
            "rule": rule_of_phase(Phase(phase), policy) if phase in set(Phase) else "",  # one of a later opsctl
        }  # fmt: skip


def _decision(decided: Decided, policy: Policy) -> dict[str, Any]:
    verdicts = [
        {
            "about": found.about, "color": found.color or None, "verdict": found.verdict, "detail": found.detail,
            "since": found.since, "rule": rule_about(found.about, policy),
        }
        for found in decided.found
    ]  # fmt: skip
    return {
        "at": decided.at, "phase": decided.phase, "decision": decided.what, "why": decided.why, "verdicts": verdicts,
    }  # fmt: skip


def _samples(series: Series, phases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    lanes = [
        {
            "source": lane.source.value,
            "color": lane.color.value if lane.color else None,
            **_sums(total(points)),
            "phases": list(_by_phase(points, series.step, phases)),
            "points": [{"at": point.at, **_sums(point), "sockets": point.sockets} for point in points],
        }
        for lane, points in series.lanes.items()
    ]
    return {"step_seconds": series.step, "lanes": lanes}


def _by_phase(points: Sequence[Point], step: int, phases: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each point counts once: in the phase that lasts at its middle, what lies outside in the first or the last."""
    sums: dict[int, Point] = {}
    for point in points:
        middle = point.at + step / 2
        index = max((i for i, phase in enumerate(phases) if phase["from"] <= middle), default=0)
        sums[index] = sums.get(index, Point(point.at)).joined(point)
    for index, point in sorted(sums.items()):
        yield {"phase": phases[index]["phase"], **_sums(point), "sockets": point.sockets}


def _sums(point: Point) -> dict[str, Any]:
    return {
        "asked": point.asked,
        "failed": point.failed,
        "unknown": point.unknown,
        "median_ms": None if point.median is None else round(point.median, 1),
        "worst_ms": None if point.worst is None else round(point.worst, 1),
    }
