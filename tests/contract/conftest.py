"""Each release port twice: as the fake that fast tests use, and as it is on a real cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeWatching, World
from sandbox_cluster import Cluster, cluster, new_namespace

from opsctl.config import load
from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.lease import LeaseState
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.ports.access import AccessPorts
from opsctl.ports.release import ReleasePorts
from opsctl.render.values import app_values
from opsctl.tools.scaffold import scaffold
from opsctl.wiring import access_ports, release_ports

__all__ = ["cluster", "new_namespace"]

DEAD_S = 60.0  # how long ago the holder of a dead lock was heard of


class FakeSide:
    """The simulated cluster."""

    image, missing = "good:1", "missing:1"

    def __init__(self) -> None:
        self.world = World()

    def process(self) -> ReleasePorts:
        return self.world.ports()

    def rollout(self, number: int, image: str) -> Rollout:
        return _rollout(number, image)

    def access(self) -> AccessPorts:
        return self.world.access()

    def rob(self) -> None:
        """Somebody writes himself into the lease, whoever has it."""
        assert self.world.lease
        self.world.lease = replace(self.world.lease, holder="eve@host:1")

    def leave_dead_lock(self, reason: str) -> None:
        then = self.world.clock.now() - DEAD_S
        self.world.lease = LeaseState("gone@host:1", reason, then, then)

    def pass_time(self) -> None:
        self.world.clock.sleep(0.05)


class RealSide:
    """A namespace of the sandbox's cluster, through the adapters that `opsctl` itself uses."""

    image, missing = "ai-agent-sdk:1.0.0", "ai-agent-sdk:9.9.9"

    def __init__(self, cluster: Cluster, namespace: str, project: Path) -> None:
        self.cluster, self.namespace, self.project = cluster, namespace, project
        scaffold(project)
        self.environment = _environment(project, cluster, namespace)
        cluster.kubectl("create", "namespace", namespace)

    def process(self) -> ReleasePorts:
        ports = release_ports(self.project, self.environment, FakeWatching())
        ports.lock.holder = f"{ports.lock.holder}-{id(ports)}"  # type: ignore[attr-defined]  # as if of its own pid
        return ports

    def rollout(self, number: int, image: str) -> Rollout:
        found = _rollout(number, image)
        return replace(found, values=app_values(self.environment, Color.BLUE, image, found.settings))

    def access(self) -> AccessPorts:
        return access_ports(self.project, self.environment)

    def rob(self) -> None:
        patch = '{"spec": {"holderIdentity": "eve@host:1"}}'
        self.cluster.kubectl(
            "patch", "lease", "opsctl-ai-agent-sdk", "-n", self.namespace, "--type", "merge", "-p", patch
        )

    def leave_dead_lock(self, reason: str) -> None:
        then = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - DEAD_S))
        self.cluster.kubectl(
            "apply", "-f", "-", stdin=_LEASE.format(namespace=self.namespace, reason=reason, then=then)
        )

    def pass_time(self) -> None:
        time.sleep(0.05)


_LEASE = """\
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {{name: opsctl-ai-agent-sdk, namespace: {namespace}, annotations: {{opsctl/reason: {reason}}}}}
spec: {{holderIdentity: "gone@host:1", leaseDurationSeconds: 5, acquireTime: "{then}", renewTime: "{then}"}}
"""


def _rollout(number: int, image: str) -> Rollout:
    return Rollout(
        id=number, kind=Kind.DEPLOY, release=number, color=Color.BLUE, origin=None, image=image,
        settings={"LEVEL": "info"}, sizes={AGENT: 2}, started_at=1.5, started_by="ana@host", phase=Phase.WARMING,
        phase_since=1.5,
    )  # fmt: skip


def _environment(project: Path, cluster: Cluster, namespace: str) -> Environment:
    found = load(project, "sandbox").environment
    return replace(
        found,
        application=replace(found.application, namespace=namespace),
        kubernetes=replace(found.kubernetes, kubeconfig=str(cluster.kubeconfig), context=cluster.state.context),
        workload=replace(found.workload, pre_stop_seconds=0, drain_seconds=1, grace_seconds=16),
    )


Side = FakeSide | RealSide


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.cluster)])
def side(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Side:
    if request.param == "fake":
        return FakeSide()
    real: Cluster = request.getfixturevalue("cluster")
    monkeypatch.setenv("PATH", real.environment()["PATH"])
    return RealSide(real, request.getfixturevalue("new_namespace")(), tmp_path)


@pytest.fixture
def eventually(side: Side) -> Callable[..., Any]:
    """Ask again until the answer is true, and return it; time passes as it does on this side."""

    def ask(question: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
        deadline = time.monotonic() + seconds
        for _ in range(10_000):
            found = question()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited {seconds} s in vain for: {what}"
            side.pass_time()
        raise AssertionError(f"asked 10,000 times in vain for: {what}")

    return ask


@pytest.fixture
def process(side: Side) -> Iterator[Callable[[], ReleasePorts]]:
    """Start a process; what it holds is given back at the end."""
    started: list[ReleasePorts] = []

    def start() -> ReleasePorts:
        started.append(side.process())
        return started[-1]

    yield start
    for ports in started:
        ports.lock.release()
