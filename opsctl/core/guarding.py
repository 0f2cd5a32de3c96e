"""On guard after a release has succeeded: what to do about what is seen. Pure, as `core.rollout` is.

A release that was fine for its whole bake can still turn bad an hour later. So its guard looks often at first
and more rarely the longer nothing was wrong, closely again at any doubt, and goes back for the same reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.observation import Observation
from opsctl.core.phases.serving import trouble_with_active
from opsctl.core.release import Rollout

FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0
SLOWS_S = 60.0  # of quiet make each rest one second longer


@dataclass(frozen=True)
class Rest:
    """All is well: nothing need be looked at for so long, unless the cluster stirs."""

    seconds: float


@dataclass(frozen=True)
class LookClosely:
    """Something is not proved just now."""

    why: str


@dataclass(frozen=True)
class GoBack:
    why: str


@dataclass(frozen=True)
class Over:
    why: str


Guarding = Rest | LookClosely | GoBack | Over


def on_guard(guarded: Rollout, seen: Observation, started: float, seconds: float, now: float) -> Guarding:
    """What the guard of a release that serves does next. It was `started` then and lasts for `seconds`."""
    if seen.snapshot is None:
        return LookClosely(f"no answer from the cluster: {seen.silence}")
    active = seen.snapshot.active
    if active is not guarded.color:
        return Over(f"somebody moved users to {active or 'nobody'}")
    trouble = trouble_with_active(guarded, seen)
    if trouble:
        return GoBack(trouble)
    if now - started >= seconds:
        return Over(f"nothing was wrong for {seconds:.0f} s")
    if not seen.healthy(guarded.color) or seen.answered is not guarded.color:
        return LookClosely(seen.health[guarded.color].detail)
    return Rest(min(LONGEST_REST_S, FIRST_REST_S + (now - started) / SLOWS_S))
