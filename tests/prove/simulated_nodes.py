"""KWOK's nodes in the sandbox's cluster: pods that are bound to them become Ready, and run nowhere.

It is built from the pinned module in `kwok/` when a proof first asks for it, into opsctl's cache. What it does to
nodes and pods, its stages, are the module's own files, read where Go keeps the module. Nothing answers at the
address of such a pod: the sandbox's node has no route to it.
"""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox_cluster import Cluster

from opsctl.console import Console
from opsctl.sandbox import process, toolchain
from opsctl.sandbox.toolchain import Program, build

NODES = 5
_MODULE = Path(__file__).parent / "kwok"
_PROGRAM = Program("kwok", str(_MODULE), "sigs.k8s.io/kwok/cmd/kwok", 2)
_STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
_ADDRESSES = "10.245.0.1/20"  # beside those of the sandbox's own pods
_MARK = {"kwok.x-k8s.io/node": "fake"}  # the nodes' annotation, by which KWOK knows them, label and taint
_TAINT = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}
BOUND = {"nodeSelector": _MARK, "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}]}  # of a pod


@contextmanager
def simulated_nodes(cluster: Cluster, folder: Path) -> Iterator[None]:
    """Nodes for as long as the context lasts; delete the pods inside it, as nobody else confirms that they ended."""
    stages = folder / "stages.yaml"
    stages.write_text(_stages())
    kwok = process.start(_argv(cluster, stages), stdout=folder / "kwok.out", stderr=folder / "kwok.log")
    try:
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps({"kind": "List", "apiVersion": "v1", "items": _nodes()}))
        names = [f"node/{node['metadata']['name']}" for node in _nodes()]
        cluster.kubectl("wait", "--for=condition=Ready", "--timeout=50s", *names)
        yield
    finally:
        try:
            cluster.kubectl("delete", "nodes", "--selector", _selector())
        finally:
            _end(kwok)


def _argv(cluster: Cluster, stages: Path) -> list[str]:
    return [
        str(_built()), "--kubeconfig", str(cluster.kubeconfig), "--config", str(stages), "--cidr", _ADDRESSES,
        f"--manage-nodes-with-annotation-selector={_selector()}", "--node-lease-duration-seconds=40",
        "--node-port=0",  # nobody asks these nodes anything
    ]  # fmt: skip


def _built() -> Path:
    pins = b"".join((_MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    into = toolchain.cache() / "prove" / hashlib.sha256(pins).hexdigest()[:16] / "bin"
    if not (into / _PROGRAM.name).exists():
        into.mkdir(parents=True, exist_ok=True)
        build.build(_PROGRAM, into, Console(), "1 of 1")
    return into / _PROGRAM.name


def _stages() -> str:
    module = Path(process.run(["go", "list", "-C", str(_MODULE), "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok"]).strip())
    files = [file for kind in _STAGES for file in sorted((module / "kustomize/stage" / kind).glob("*.yaml"))]
    return "\n---\n".join(file.read_text() for file in files if file.stem != "kustomization")


def _nodes() -> list[dict[str, Any]]:
    marked = {"labels": _MARK, "annotations": _MARK}
    return [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"kwok-{n}", **marked}, "spec": {"taints": [_TAINT]}}
        for n in range(NODES)
    ]


def _selector() -> str:
    return ",".join(f"{key}={value}" for key, value in _MARK.items())


def _end(kwok: subprocess.Popen[bytes]) -> None:
    kwok.send_signal(signal.SIGTERM)
    try:
        kwok.wait(10)
    except subprocess.TimeoutExpired:
        kwok.kill()
        kwok.wait()
