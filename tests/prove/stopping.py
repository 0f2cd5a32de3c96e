"""One case of the matrix on the real cluster, with users: cut a release short, let somebody go on, look at the end."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import Any

from brief_world import BriefWorld
from matrix import BEFORE_RECORD, Case
from release_world import Ended, Running, await_true

from opsctl.core.lease import DURATION_S
from opsctl.core.release import ABORTED
from opsctl.flows.boundaries import VARIABLE

LOCKED, NOTHING_TO_STEER, INTERRUPTED = 5, 2, 130
_LOCK_S = 30.0  # far more than a dead process keeps the lock
_FAULT = "break_metrics_after_traffic=0.5"  # a failure that users do not feel
_WORDS = {
    "deploy": ("deploy",),
    "guarded deploy": ("deploy",),
    "migrating deploy": ("deploy", "--migration", "expand"),
    "hooked deploy": ("deploy",),
    "asking deploy": ("deploy",),
    "failing deploy": ("deploy", "--set", f"MISBEHAVE={_FAULT}"),
    "rollback": ("rollback",),
}
_ENVIRONMENTS = {  # a plain one, and one whose API can be away
    "guarded deploy": ("guarded", "proxied-guarded"),
    "hooked deploy": ("hooked", "proxied-hooked"),
    "asking deploy": ("asking", "proxied-asking"),
}
_UNGUARDED = ("brief", "proxied")


@dataclass(frozen=True)
class Found:
    """How a case ended: what was printed last, who serves by Kubernetes' word, and how long it took, in seconds."""

    outcome: str
    active: str
    seconds: float
    requests: int


def run(case: Case, world: BriefWorld, away_s: float) -> Found:
    """Raises AssertionError where a user noticed, something is left undone, or what is said is not what is."""
    started = time.monotonic()
    old = _prepared(case, world)
    with world.load() as load:
        ended = _cut_short(case, world, away_s)
        last = _gone_on(case, world, ended)
    load.assert_nobody_noticed()
    found = _checked(case, world, last)
    wanted = _wanted(case, old, last)
    assert (found[0], found[1]) in wanted, f"{found}, not one of {wanted}: {ended}\n{last}"
    return Found(*found, time.monotonic() - started, load.report["requests"]["total"]["answered"])


def _prepared(case: Case, world: BriefWorld) -> str:
    """The active color. A step that makes the idle color larger is only taken where somebody made it small."""
    status = world.status()
    old = str(status["active"])
    idle = {"blue": "green", "green": "blue"}[old]
    if case.release == "deploy":
        world.cluster.kubectl("scale", f"deployment/ai-agent-sdk-{idle}", "--replicas=0", "-n", world.namespace)
    if case.release == "rollback" and not status["rollback"]["ready"]:
        served = world.deploy("1.0.0")
        assert served.exit_code == 0, served
        return str(served.data["active"])
    return old


def _words(case: Case) -> list[str]:
    """A release that there has not been; `RUN` makes it one."""
    words = list(_WORDS[case.release])
    if "deploy" in words:
        words += ["--image", "ai-agent-sdk:1.2.0", "--set", f"RUN={time.time()}"]
    return words


def _cut_short(case: Case, world: BriefWorld, away_s: float) -> Ended:
    if case.fault == "away":
        return _without_the_api(case, world, away_s)
    environment, _ = _ENVIRONMENTS.get(case.release, _UNGUARDED)
    stop = {"OPSCTL_ENV": environment, VARIABLE: f"{case.fault}:{case.boundary}"}
    running = world.start(*_words(case), "--output", "json", **stop)
    ended = running.wait(90)
    if case.fault == "kill":
        assert ended.exit_code == -signal.SIGKILL, f"{case.boundary} was never passed: {ended}"
    return ended


def _without_the_api(case: Case, world: BriefWorld, away_s: float) -> Ended:
    """Refused and frozen in turn: a server that is gone, and one that says nothing."""
    file = world.folder / f"pause-{time.monotonic_ns()}"
    _, environment = _ENVIRONMENTS.get(case.release, _UNGUARDED)
    stop = {"OPSCTL_ENV": environment, VARIABLE: f"pause={file}:{case.boundary}"}
    running = world.start(*_words(case), "--output", "json", **stop)
    await_true(lambda: file.exists() or running.process.poll() is not None, case.boundary, 90)
    assert file.exists(), f"{case.boundary} was never passed: {running.wait()}"
    (world.proxy.refuse if case.steer == "resume" else world.proxy.freeze)()
    file.unlink()
    _pass_time(running, away_s)
    world.proxy.heal()
    return running.wait(90)


def _pass_time(running: Running, seconds: float) -> None:
    """The absence itself is what is tested, so it is waited for; an opsctl that ends meanwhile need not be."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and running.process.poll() is None:
        time.sleep(0.05)


def _gone_on(case: Case, world: BriefWorld, ended: Ended) -> Ended:
    """What a person on another computer types, until nothing is left to do."""
    if case.fault != "kill" and ended.exit_code not in (INTERRUPTED, 1, 7, -signal.SIGTERM):
        return ended
    steered = _steered(world, case.steer)
    if steered.exit_code == NOTHING_TO_STEER and case.boundary in BEFORE_RECORD:
        return _steered(world, *_words(case))
    return steered


def _steered(world: BriefWorld, *words: str) -> Ended:
    """Again while the dead still have the lock."""
    until = time.monotonic() + _LOCK_S
    while (ended := world.elsewhere(*words)).exit_code == LOCKED:
        assert time.monotonic() < until, ended
    return ended


def _await_lock_run_out(world: BriefWorld) -> None:
    """Whoever ends while the API is away cannot give the lock back; but nobody renews it any more."""

    def run_out() -> bool:
        lock = world.status()["lock"]
        return lock is None or time.time() > lock["expires"]

    await_true(run_out, "the lock to run out", 3 * DURATION_S)


def _checked(case: Case, world: BriefWorld, last: Ended) -> tuple[str, str]:
    """Outcome and active color, having made sure that all who say something say the same."""
    status: dict[str, Any] = world.status()
    newest = world.json("history").data[-1]
    active = world.selected()
    assert (status["active"], status["phase"]) == (active, None), status
    if case.fault == "away":
        _await_lock_run_out(world)
    else:
        assert status["lock"] is None, status
    assert status["colors"][active]["verdict"] == "healthy", status
    if "outcome" in last.data:
        assert (last.data["outcome"], last.data["active"]) == (newest["outcome"], active), last
    return str(newest["outcome"]), active


def _wanted(case: Case, old: str, last: Ended) -> set[tuple[str, str]]:
    """Where it may end: on the new color, or, if a person said so or it fails, back on the old one."""
    new = {"blue": "green", "green": "blue"}[old]
    if case.release == "failing deploy":
        return {("rolled_back", old)}
    aborted = case.steer == "abort" and case.fault != "away" and last.data.get("reason") == ABORTED
    return {("abandoned", old), ("rolled_back", old)} if aborted else {("succeeded", new)}
