"""Releases that break once they have users: how long until these are back, per kind of failure, by the load meter.

Beside them the lower bound: a script that hears of the meter's first bad answer and has kubectl write the active
Service back at once. It knows that the old color is fine and needs nobody's leave; opsctl has to find out.
"""

from __future__ import annotations

import json
import math
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from brief_world import BriefWorld
from load_meter import Load
from release_world import Running, await_true

WHOLE_S, PARTIAL_S, KILLED_S = 3.0, 15.0, 10.0  # from a user's first trouble to the last
TIMES_BOUND = 2.0  # the median of a whole color's failure, beside the script's
BOUND = "kubectl script"
_SETTLE_S = 2.0
_LONGEST_S = 30.0
_ENVIRONMENTS = {
    "patient": "extends: brief.yaml\nworkload: {replicas: 4}\nrelease: {bake_seconds: 20}\n",
    "guarded-long": "extends: guarded.yaml\nrelease: {bake_seconds: 60}\n",
}


@dataclass(frozen=True)
class Kind:
    """`meanwhile` is done to a release under way: it returns once opsctl has ended."""

    name: str
    fault: str
    within_s: float = WHOLE_S
    environment: str = "brief"
    meanwhile: Callable[[BriefWorld, Running, str], None] | None = None


def run(kind: Kind, world: BriefWorld) -> dict[str, Any]:
    """One bad release. Raises AssertionError where users are not back on the old color, or not in time."""
    for name, settings in _ENVIRONMENTS.items():
        world.add_environment(name, settings)
    old, new = world.selected(), world.idle()
    words = ("--image", "ai-agent-sdk:1.2.0", "--set", f"MISBEHAVE={kind.fault}", "--set", f"RUN={time.time()}")
    with world.load() as load:
        running = world.start("deploy", *words, "--output", "json", OPSCTL_ENV=kind.environment)
        if kind.meanwhile:
            kind.meanwhile(world, running, new)
        ended = running.wait()
        await_true(lambda: _outcome(world) is not None, "the release to have an outcome")
        time.sleep(_SETTLE_S)  # what users met late counts too
    assert (_outcome(world), world.selected()) == ("rolled_back", old), ended
    assert load.trouble_seconds() <= kind.within_s, f"users were back after {load.trouble_seconds():.2f} s: {ended}"
    return {"trouble_s": load.trouble_seconds(), **_met(load), **_told(world)}


def _tell_one_pod(world: BriefWorld, running: Running, new: str) -> None:
    await_true(lambda: world.selected() == new, "the cutover")
    pod = world.staying_pod(new)
    path = f"/api/v1/namespaces/{world.namespace}/pods/http:{pod}:8000/proxy/misbehave"
    world.cluster.kubectl("get", "--raw", path)


def _kill(world: BriefWorld, running: Running, new: str) -> None:
    await_true(lambda: world.phase() == "baking", "the bake")
    running.signal(signal.SIGKILL)


WHOLE = (
    Kind("500s", "error_after_traffic=1"),
    Kind("slow", "slow_after_traffic=1"),
    Kind("crash of every pod", "crash_after_traffic=1"),
    Kind("WebSocket refused", "refuse_websocket_after_traffic=1"),
    Kind("/metrics broken", "break_metrics_after_traffic=1"),
)
OTHERS = (
    Kind("1 of 20 answers", "some_work_error_after_traffic=1", PARTIAL_S, "patient"),
    Kind("1 of 4 pods", "error_when_told", PARTIAL_S, "patient", _tell_one_pod),
    Kind("500s, kill -9", "error_after_traffic=1", KILLED_S, "guarded-long", _kill),
)


def run_bound(world: BriefWorld) -> dict[str, Any]:
    """The same failure, met by the script. The release waits for a promotion that the script makes by hand."""
    old = world.selected()
    waiting = world.deploy("1.2.0", "--no-promote", misbehave="error_after_traffic=1")
    assert waiting.data["outcome"] == "awaiting_promotion", waiting
    try:
        with world.load() as load:
            _script(world, load, old, str(waiting.data["color"]))
            time.sleep(_SETTLE_S)
    finally:
        assert world.json("abort").exit_code == 0
    assert load.bad["count"], "the failure reached nobody, so nothing was measured"
    return {"trouble_s": load.trouble_seconds(), **_met(load)}


def _script(world: BriefWorld, load: Load, old: str, new: str) -> None:
    _select(world, new)
    assert load.trouble.wait(_LONGEST_S), "the release never broke"
    _select(world, old)


def _select(world: BriefWorld, color: str) -> None:
    patch = json.dumps({"spec": {"selector": {"opsctl/color": color}}})
    world.cluster.kubectl("patch", "service", "ai-agent-sdk", "-n", world.namespace, "--patch", patch)


def _outcome(world: BriefWorld) -> str | None:
    return world.newest()["outcome"]


def _met(load: Load) -> dict[str, Any]:
    counts = {"bad": load.bad, "lost": load.lost, "unplanned": load.unplanned, "refused": load.refused}
    return {name: span["count"] for name, span in counts.items()}


def _told(world: BriefWorld) -> dict[str, float]:
    timings: dict[str, float] = world.newest()["timings"]
    return {name: timings[name] for name in ("detect_s", "rollback_s")}


def missed(records: Sequence[dict[str, Any]]) -> list[str]:
    """Goals over all runs that do not hold; what a single run has to keep fails that run."""
    ours, bound = (_spans(name, records) for name in ("500s", BOUND))
    if not (ours and bound) or median(ours) <= TIMES_BOUND * median(bound):
        return []
    return [f"500s: median {median(ours):.2f} s, over {TIMES_BOUND:g} times the script's {median(bound):.2f} s"]


def table(records: Sequence[dict[str, Any]]) -> str:
    """Seconds from the first trouble that a user met to the last, per kind."""
    head = (
        f"{'bad after cutover':<18} {'runs':>4} {'back':>4} {'median':>8} {'p99':>8} {'detect':>8}  users met, in all"
    )
    names = [*(kind.name for kind in (*WHOLE, *OTHERS)), BOUND]
    return "\n".join([head, *(_row(name, records) for name in names if _of(name, records))])


def _of(name: str, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["name"].rpartition(" ")[0] == name]


def _spans(name: str, records: Sequence[dict[str, Any]]) -> list[float]:
    return sorted(record["trouble_s"] for record in _of(name, records) if record["ok"])


def _row(name: str, records: Sequence[dict[str, Any]]) -> str:
    own = _of(name, records)
    good = [record for record in own if record["ok"]]
    spans = _spans(name, records) or [float("nan")]
    detected = [record["detect_s"] for record in good if "detect_s" in record]
    met = {what: sum(record[what] for record in good) for what in ("bad", "lost", "unplanned", "refused")}
    words = ", ".join(f"{count} {what}" for what, count in met.items() if count) or "nothing"
    return (
        f"{name:<18} {len(own):>4} {len(good):>4} {median(spans):>7.2f}s {percentile(spans, 0.99):>7.2f}s "
        f"{f'{median(detected):.2f}s' if detected else '-':>8}  {words}"
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above; of few values the largest."""
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
