"""How much of a release was opsctl's own time, by the release's record."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any


def own_seconds(whole: float, record: Mapping[str, Any]) -> float:
    """`whole` seconds, start of Python included, less the waits that the journal shows.

    Waits are for pods: after each step of warming and draining until the next entry; and the seconds that the policy
    has for gate and bake. What a gate or a bake took beyond these is opsctl's own, as is the time of every step.
    """
    phase, waited = "warming", 0.0
    for (at, what, _), (until, _, _) in pairwise(record["entries"]):
        phase = what.removeprefix("phase ") if what.startswith("phase ") else phase
        if not what.startswith("intent "):
            waited += _wait(phase, until - at, record["policy"])
    return whole - waited


def _wait(phase: str, seconds: float, policy: Mapping[str, Any]) -> float:
    if phase in ("warming", "draining"):
        return seconds
    least = 3 * policy["probe_interval"]  # a bake lasts for three readings of users' requests at least
    limit = {"gating": policy["gate_seconds"], "baking": max(policy["bake_seconds"], least)}.get(phase, 0.0)
    return min(seconds, float(limit))
