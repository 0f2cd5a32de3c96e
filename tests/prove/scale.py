"""Two colors of 1,000 pods: one look at them, the memory it takes, and `opsctl status` beside kubectl.

API server, controllers and scheduler are the sandbox's real ones; nodes and pods are simulated (KWOK). Nothing answers
a probe of such a pod, so the verdict on a color, which is on record, is not "healthy".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from release_world import ENVIRONMENT, World, await_true
from sandbox_cluster import Cluster
from simulated_nodes import BOUND, simulated_nodes

LOOK_S, PEAK_MIB, TIMES_KUBECTL = 2.0, 300.0, 2.0
PODS = 1000
_COLORS = ("blue", "green")
_RUNS = 3
_KINDS = "deployments,pods,endpointslices,services,configmaps,leases"
_LOOK = Path(__file__).parent / "look.py"


def run(cluster: Cluster, pods: int = PODS) -> dict[str, Any]:
    """Raises AssertionError where a look or `status` takes too long, or too much memory. Times are seconds, memory is
    MiB."""
    with _fleet(cluster, pods) as world:
        found = _measured(world)
    assert found["pods"] == 2 * pods, found
    assert found["ready"] == dict.fromkeys(_COLORS, pods), found
    assert max(found["looks_s"]) <= LOOK_S, found
    assert found["peak_mib"] <= PEAK_MIB, found
    assert found["status_s"] <= TIMES_KUBECTL * found["kubectl_s"], found
    return found


@contextmanager
def _fleet(cluster: Cluster, pods: int) -> Iterator[World]:
    """A world of two colors of so many ready pods each; all of it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder, simulated_nodes(cluster, Path(folder)):
        world = World(cluster, f"scale-{uuid.uuid4().hex[:8]}", Path(folder))
        try:
            world.create()
            for version in ("1.0.0", "1.1.0"):  # each on real pods, which probes reach: both colors are releases
                ended = world.deploy(version)
                assert ended.exit_code == 0, ended
            _multiply(world, pods)
            yield world
        finally:
            cluster.kubectl("delete", "namespace", world.namespace, "--ignore-not-found", seconds=600)


def _multiply(world: World, pods: int) -> None:
    """Put both colors onto the simulated nodes, make them large, and wait until every pod is ready and in service."""
    kubectl, within = world.cluster.kubectl, ("-n", world.namespace)
    both = [f"deployment/ai-agent-sdk-{color}" for color in _COLORS]
    spec = json.dumps({"spec": {"template": {"spec": BOUND}}})
    for name in both:  # one step after the other: a change of size counts for the template of before, too
        kubectl("patch", name, *within, "--type=merge", "--patch", spec)
        kubectl("rollout", "status", name, *within, "--timeout=50s")
    kubectl("scale", *both, *within, f"--replicas={pods}")
    for name in both:
        kubectl("rollout", "status", name, *within, "--timeout=10m", seconds=620)
    await_true(lambda: _ready(world.status()) == dict.fromkeys(_COLORS, pods), "every pod to be in service", 120)


def _ready(status: dict[str, Any]) -> dict[str, int]:
    return {color: status["colors"][color]["ready"] for color in _COLORS}


def _measured(world: World) -> dict[str, Any]:
    env = {**world.cluster.environment(), "HOME": str(world.folder / "home")}
    looks = json.loads(_printed([sys.executable, str(_LOOK), str(world.project), ENVIRONMENT], env))
    kubectl = ["kubectl", "get", _KINDS, "-n", world.namespace, "-o", "json"]
    pairs = [(world.json("status"), _seconds(kubectl, env)) for _ in range(_RUNS)]
    status = pairs[-1][0].data
    return {
        **looks, "ready": _ready(status), "verdict": {color: status["colors"][color]["verdict"] for color in _COLORS},
        "status_s": median(ended.seconds for ended, _ in pairs), "kubectl_s": median(taken for _, taken in pairs),
        "load": os.getloadavg()[0],
    }  # fmt: skip


def _printed(argv: list[str], env: dict[str, str]) -> str:
    return subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout


def _seconds(argv: list[str], env: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True, timeout=120)
    return time.monotonic() - started
