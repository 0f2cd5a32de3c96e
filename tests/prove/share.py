"""opsctl's own share of a release: its time less what it waited for, its memory, and what it asks the API server.

The time is measured at several sizes, as it may not grow as fast as they do.
"""

from __future__ import annotations

import compileall
import os
import time
from pathlib import Path
from typing import Any

from brief_world import BriefWorld
from own_time import own_seconds
from release_world import Running, await_true

import opsctl

OWN_S, PEAK_MIB, CALLS = 2.0, 150.0, 3.0  # seconds; MiB; requests a pod and second
PODS, SIZES = 4, (4, 14, 50)  # a color
_WATCHED_S = 10.0
_SIZED = """\
extends: brief.yaml
database: {{pool_max: 10, instance_class: db.m7g.xlarge}}
workload: {{replicas: {pods}, resources: {{cpu: 10m, memory: 64Mi}}}}
release: {{probe_interval: 1, warm_deadline: 400, gate_deadline: 120}}
"""
_COUNTED = f"extends: proxied.yaml\nworkload: {{replicas: {PODS}}}\nrelease: {{probe_interval: 1, bake_seconds: 25}}\n"


def run(world: BriefWorld, pods: int = PODS) -> dict[str, Any]:
    """A release of so many pods, timed by itself. Raises AssertionError where a limit does not hold."""
    compileall.compile_dir(str(Path(opsctl.__file__).parent), quiet=2)  # as an installation does
    world.add_environment(f"with-{pods}", _SIZED.format(pods=pods))
    running = _start(world, f"with-{pods}")
    started = time.monotonic()
    peak_mib, processor_s, code = _awaited(running)
    assert code == 0, running.narration
    own = own_seconds(time.monotonic() - started, world.newest())
    found = {"own_s": own, "peak_mib": peak_mib, "processor_s": processor_s, "load": os.getloadavg()[0]}
    assert own < OWN_S * pods / PODS, found
    assert peak_mib <= PEAK_MIB, found
    return found


def calls(world: BriefWorld) -> dict[str, Any]:
    """Requests a pod and second that reach the API server in a bake; both colors' pods are watched."""
    world.add_environment("counted", _COUNTED)
    running = _start(world, "counted")
    try:
        await_true(lambda: world.phase() == "baking", "the bake")
        pods = sum(len(world.pods(color)) for color in ("blue", "green"))
        before, started = len(world.proxy.calls), time.monotonic()
        time.sleep(_WATCHED_S)
        asked, seconds = len(world.proxy.calls) - before, time.monotonic() - started
    finally:
        ended = running.wait(120)
    assert ended.exit_code == 0, ended
    found = {"calls": asked, "seconds": seconds, "pods": pods, "per_pod_and_s": asked / seconds / pods}
    assert found["per_pod_and_s"] <= CALLS, found
    return found


def _start(world: BriefWorld, environment: str) -> Running:
    words = ("--image", "ai-agent-sdk:1.2.0", "--set", f"RUN={time.time()}", "--output", "json")
    return world.start("deploy", *words, OPSCTL_ENV=environment)


def _awaited(running: Running) -> tuple[float, float, int]:
    """Peak memory in MiB, processor seconds, exit code; its own and, the larger of both, its children's (Helm)."""
    _, status, usage = os.wait4(running.process.pid, 0)
    running.process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, running.process.returncode
