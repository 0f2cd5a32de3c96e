"""Releases that break once they have users: how long until these are back, per kind of failure, by the load meter.

Beside them the bound that physics sets: a script that asks as often as it can, sees the first bad answer, and writes
the active Service back at once. It knows that the old color is fine and needs nobody's leave; opsctl does not.
"""

from __future__ import annotations

import http.client
import math
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from brief_world import BriefWorld
from load_meter import Load

from opsctl.tools.cluster.api import MERGE, Api
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig

KINDS = ("error", "slow", "crash", "refuse_websocket", "break_metrics")
BOUND = "script, error"
_BREAKS_AFTER_S = 1.0
_ROLLED_BACK = 6
_SETTLE_S = 2.0
_LONGEST_S = 30.0


def run(kind: str, world: BriefWorld) -> dict[str, Any]:
    """One bad release. Raises AssertionError where users are not back on the old color."""
    old = world.selected()
    with world.load() as load:
        ended = world.deploy("1.2.0", misbehave=f"{kind}_after_traffic={_BREAKS_AFTER_S:g}")
        time.sleep(_SETTLE_S)  # what users met late counts too
    assert ended.exit_code == _ROLLED_BACK, ended
    assert (ended.data["outcome"], ended.data["active"], world.selected()) == ("rolled_back", old, old), ended
    timings = ended.data["timings"]
    return {"kind": kind, "trouble_s": load.trouble_seconds(), **_met(load), **_told(timings)}


def _met(load: Load) -> dict[str, Any]:
    counts = {"bad": load.bad, "lost": load.lost, "unplanned": load.unplanned, "refused": load.refused}
    return {name: span["count"] for name, span in counts.items()}


def _told(timings: dict[str, float]) -> dict[str, float]:
    return {name: timings[name] for name in ("detect_s", "rollback_s")}


def run_bound(world: BriefWorld) -> dict[str, Any]:
    """The same failure, met by the script. The release waits for a promotion that the script makes by hand."""
    old = world.selected()
    waiting = world.deploy("1.2.0", "--no-promote", misbehave=f"error_after_traffic={_BREAKS_AFTER_S:g}")
    assert waiting.data["outcome"] == "awaiting_promotion", waiting
    try:
        with world.load() as load:
            _script(world, old, str(waiting.data["color"]))
            time.sleep(_SETTLE_S)
    finally:
        assert world.json("abort").exit_code == _ROLLED_BACK
    assert load.bad["count"], "the failure reached nobody, so nothing was measured"
    return {"kind": BOUND, "trouble_s": load.trouble_seconds(), **_met(load)}


def _script(world: BriefWorld, old: str, new: str) -> None:
    state = world.cluster.state
    api = Api(connect_by_kubeconfig(Path(state.kubeconfig), state.context))
    path = f"/api/v1/namespaces/{world.namespace}/services/ai-agent-sdk"
    service = api.get(path)
    port = next(p["nodePort"] for p in service["spec"]["ports"] if p["name"] == "api")
    address = api.get("/api/v1/nodes")["items"][0]["status"]["addresses"][0]["address"]
    _select(api, path, new)
    until = time.monotonic() + _LONGEST_S
    while _status(address, port) == 200:
        assert time.monotonic() < until, "the release never broke"
    _select(api, path, old)


def _select(api: Api, path: str, color: str) -> None:
    api.request("PATCH", path, {"spec": {"selector": {"opsctl/color": color}}}, kind=MERGE)


def _status(address: str, port: int) -> int:
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/work", headers={"Connection": "close"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def table(records: Sequence[dict[str, Any]]) -> str:
    """Seconds from the first trouble that a user met to the last, per kind."""
    head = (
        f"{'bad after cutover':<18} {'runs':>4} {'back':>4} {'median':>8} {'p99':>8} {'detect':>8}  users met, in all"
    )
    kinds = [kind for kind in (*KINDS, BOUND) if any(r["name"].startswith(f"{kind} ") for r in records)]
    return "\n".join([head, *(_row(kind, records) for kind in kinds)])


def _row(kind: str, records: Sequence[dict[str, Any]]) -> str:
    own = [record for record in records if record["name"].startswith(f"{kind} ")]
    good = [record for record in own if record["ok"]]
    spans = sorted(record["trouble_s"] for record in good) or [float("nan")]
    detected = [record["detect_s"] for record in good if "detect_s" in record]
    met = {name: sum(record[name] for record in good) for name in ("bad", "lost", "unplanned", "refused")}
    words = ", ".join(f"{count} {name}" for name, count in met.items() if count) or "nothing"
    return (
        f"{kind:<18} {len(own):>4} {len(good):>4} {median(spans):>7.2f}s {percentile(spans, 0.99):>7.2f}s "
        f"{f'{median(detected):.2f}s' if detected else '-':>8}  {words}"
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above; of few values the largest."""
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
