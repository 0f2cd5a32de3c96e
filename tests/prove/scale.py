"""Two colors of 1,000 pods: one look at them, the memory it takes, and `opsctl status` beside kubectl.

The pods are recorded ones, multiplied, and so is the API server that serves them (tests/api_server.py): no kubelet,
no controllers, no etcd. What is measured is opsctl's part, with probes of every pod going on beside it.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from api_server import ApiServer
from release_commands import ENVIRONMENT
from sandbox_cluster import Cluster

LOOK_S, PEAK_MIB = 2.0, 300.0
PODS, A_SLICE = 1000, 100
_HERE = Path(__file__).parent
_READ = (
    "/apis/apps/v1/namespaces/ai-agent-sdk/deployments", "/api/v1/namespaces/ai-agent-sdk/pods",
    "/apis/discovery.k8s.io/v1/namespaces/ai-agent-sdk/endpointslices",
    "/api/v1/namespaces/ai-agent-sdk/services/ai-agent-sdk", "/api/v1/namespaces/ai-agent-sdk/configmaps",
)  # fmt: skip


def run(cluster: Cluster, pods: int = PODS) -> dict[str, Any]:
    """Raises AssertionError where a look takes too long or too much memory. Times are seconds, memory is MiB."""
    server = ApiServer()
    multiply(server, pods)
    try:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            found = _measured(cluster, server, Path(folder))
    finally:
        server.close()
    assert found["pods"] == 2 * pods, found
    assert max(found["looks_s"]) <= LOOK_S, found
    assert found["peak_mib"] <= PEAK_MIB, found
    return found


def multiply(server: ApiServer, pods: int) -> None:
    """So many pods a color, each ready, in slices of a hundred."""
    for deployment in server.objects["deployments"]:
        deployment["spec"]["replicas"] = pods
        deployment["status"] = dict.fromkeys(
            ("availableReplicas", "readyReplicas", "replicas", "updatedReplicas"), pods
        )
        deployment["status"]["observedGeneration"] = deployment["metadata"]["generation"]
    recorded = {pod["metadata"]["labels"]["opsctl/color"]: pod for pod in server.objects["pods"]}
    own = {color: [_named(pod, f"{color}-{n}") for n in range(pods)] for color, pod in recorded.items()}
    server.objects["pods"] = [pod for found in own.values() for pod in found]
    slices = server.objects["endpointslices"]
    server.objects["endpointslices"] = [part for found in slices for part in _parts(found, own)]


def _named(pod: dict[str, Any], name: str) -> dict[str, Any]:
    made = copy.deepcopy(pod)
    made["metadata"]["name"] = name
    return made


def _parts(found: dict[str, Any], own: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A recorded slice as the many that it would be; the active Service's is of the color that it selected."""
    color = found["metadata"]["labels"].get("opsctl/color") or _color_of(found)
    like, names = found["endpoints"][0], [pod["metadata"]["name"] for pod in own[color]]
    ends = [{**like, "targetRef": {"kind": "Pod", "name": name}} for name in names]
    return [{**found, "endpoints": ends[n : n + A_SLICE]} for n in range(0, len(ends), A_SLICE)]


def _color_of(found: dict[str, Any]) -> str:
    return "blue" if "-blue-" in found["endpoints"][0]["targetRef"]["name"] else "green"


def _measured(cluster: Cluster, server: ApiServer, folder: Path) -> dict[str, Any]:
    (folder / "environments").mkdir()
    application = ENVIRONMENT.replace("name: agent", "name: ai-agent-sdk")
    (folder / "environments" / "test.yaml").write_text(application + "kubernetes: {kubeconfig: kubeconfig}\n")
    (folder / "kubeconfig").write_text(server.kubeconfig())
    env = {**cluster.environment(), "HOME": str(folder), "KUBECONFIG": str(folder / "kubeconfig")}
    looks = json.loads(_printed([sys.executable, str(_HERE / "look.py"), str(folder)], env))
    status_s = _seconds([sys.executable, "-m", "opsctl", "status", "-o", "json", "-C", str(folder)], env)
    kubectl_s = sum(_seconds(["kubectl", "get", "--raw", path], env) for path in _READ)
    return {**looks, "status_s": status_s, "kubectl_raw_s": kubectl_s, "load": os.getloadavg()[0]}


def _printed(argv: list[str], env: dict[str, str]) -> str:
    return subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout


def _seconds(argv: list[str], env: dict[str, str]) -> float:
    started = time.monotonic()
    _printed(argv, env)
    return time.monotonic() - started
