"""Good releases on a computer that is busy with other things: how many are rolled back for nothing.

Also what opsctl's probes cost the application: the processor time of its containers during a bake without users, by
the kernel's own count, less what they take when nobody looks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brief_world import BriefWorld

_LOOK_S = 10.0
MOST_SHARE = 0.02  # of a core


@contextmanager
def busy_computer() -> Iterator[None]:
    """A process a core that never rests, at the priority of everything else."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def run(world: BriefWorld) -> dict[str, Any]:
    """A good release must succeed, and no user notice. Whether the meter kept up is no matter here."""
    with busy_computer():
        ended = world.deploy("1.1.0")
    assert ended.exit_code == 0, f"false alarm: {ended}"
    return {"seconds": ended.seconds, "load": os.getloadavg()[0]}


def cost(world: BriefWorld) -> dict[str, Any]:
    """Shares of a core that one color's pods take: unwatched, and in a bake."""
    world.add_environment("baking", "extends: brief.yaml\nrelease: {bake_seconds: 30, probe_interval: 1}\n")
    idle = _share(world)
    running = world.start("deploy", "--image", "ai-agent-sdk:1.2.0", "--set", f"RUN={time.time()}", OPSCTL_ENV="baking")
    try:
        _await_phase(world, "baking")
        watched = _share(world)
    finally:
        ended = running.wait(120)
    assert ended.exit_code == 0, ended
    assert watched - idle < MOST_SHARE, f"probes cost {watched - idle:.1%} of a core"
    return {"idle_share": idle, "watched_share": watched, "cost_share": watched - idle}


def _await_phase(world: BriefWorld, phase: str) -> None:
    until = time.monotonic() + 60
    while world.phase() != phase:
        assert time.monotonic() < until, f"never {phase}"
        time.sleep(0.2)


def _share(world: BriefWorld) -> float:
    """Processor seconds a second of the pods behind the active Service, over ten seconds."""
    pids = _pids(world)
    before, started = _cpu_seconds(pids), time.monotonic()
    time.sleep(_LOOK_S)
    return (_cpu_seconds(pids) - before) / (time.monotonic() - started)


def _pids(world: BriefWorld) -> list[int]:
    """The active color's application processes, seen from this computer, by a word in their pods' cgroup."""
    uids = {pod["metadata"]["uid"] for pod in world.pods(world.selected())}
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and _pod_uid(entry.name) in uids:
            found.append(int(entry.name))
    assert found, "no process of the active color was found"
    return found


def _pod_uid(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cgroup") as lines:
            text = lines.read()
    except OSError:
        return ""
    return text.partition("/pod")[2][:36]


def _cpu_seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as line:
            fields = line.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
