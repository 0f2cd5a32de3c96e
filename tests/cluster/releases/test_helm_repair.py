"""A real Helm, killed between two objects of an installation and of an upgrade: the next run mends what it left."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeWatching
from fault_proxy import FaultProxy
from release_world import await_true
from sandbox_cluster import Cluster

from opsctl.config import load
from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.errors import ToolFailed, Unreachable
from opsctl.render.values import app_values
from opsctl.tools.cluster.helm_records import LONGEST_S, HelmRecords
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig
from opsctl.tools.helm import Helm, HelmCharts
from opsctl.tools.scaffold import scaffold
from opsctl.wiring import release_ports

pytestmark = pytest.mark.cluster

RELEASE = "ai-agent-sdk-blue"


class Bench:
    """A namespace, Helm on it directly, and Helm on it through a proxy that can hold a request."""

    def __init__(self, cluster: Cluster, namespace: str, folder: Path, proxy: FaultProxy) -> None:
        self.cluster, self.namespace, self.folder, self.proxy = cluster, namespace, folder, proxy
        scaffold(folder)
        self.environment = _environment(folder, cluster, namespace)
        cluster.kubectl("create", "namespace", namespace)
        charts = release_ports(folder, self.environment, FakeWatching()).charts
        assert isinstance(charts, HelmCharts)
        self.charts = charts

    def install(self, image: str, later: float = 0.0) -> None:
        """As opsctl does it, `later` seconds from now."""
        records = HelmRecords(self.charts.records.api, self.charts.records.names, lambda: time.time() + later)
        replace(self.charts, records=records, still_ours=lambda: None).install(_rollout(self.environment, image))

    def kill_between_two_objects(self, image: str) -> None:
        """Whatever Helm writes before the Deployment is written, the Deployment is not."""
        held = self.proxy.add("hold", "(POST|PATCH) .*/deployments", times=1000)
        values = self.folder / "values.json"
        values.write_text(json.dumps(_values(self.environment, image)))
        helm = Helm(self.charts.helm.program, self.proxy.kubeconfig(self.folder / "proxied"), None, self.namespace)
        process = subprocess.Popen(helm.upgrade_command(RELEASE, "app", values).argv)
        try:
            await_true(lambda: bool(held.struck), "Helm to write the Deployment")
        finally:
            process.kill()
            process.wait()
        self.proxy.faults.clear()

    def statuses(self) -> list[str]:
        """Of Helm's records, the first one first."""
        labels = [item["metadata"]["labels"] for item in self._items("secrets", f"owner=helm,name={RELEASE}")]
        return [found["status"] for found in sorted(labels, key=lambda found: int(found["version"]))]

    def images(self) -> list[str]:
        found = self._items("deployments", "app.kubernetes.io/name=ai-agent-sdk")
        return [item["spec"]["template"]["spec"]["containers"][0]["image"] for item in found]

    def _items(self, kind: str, selector: str) -> list[dict[str, Any]]:
        words = ("get", kind, "-n", self.namespace, "--selector", selector, "-o", "json")
        found: list[dict[str, Any]] = json.loads(self.cluster.kubectl(*words))["items"]
        return found


def _environment(project: Path, cluster: Cluster, namespace: str) -> Environment:
    found = load(project, "sandbox").environment
    kubernetes = replace(found.kubernetes, kubeconfig=str(cluster.kubeconfig), context=cluster.state.context)
    return replace(found, application=replace(found.application, namespace=namespace), kubernetes=kubernetes)


def _values(environment: Environment, image: str) -> dict[str, Any]:
    return {**app_values(environment, Color.BLUE, image, {}), "color": "blue", "release": {"id": "1"}}


def _rollout(environment: Environment, image: str) -> Rollout:
    return Rollout(
        id=1, kind=Kind.DEPLOY, release=1, color=Color.BLUE, origin=None, image=image, settings={}, sizes={AGENT: 1},
        started_at=0, started_by="ana", phase=Phase.WARMING, phase_since=0,
        values=app_values(environment, Color.BLUE, image, {}),
    )  # fmt: skip


@pytest.fixture
def bench(
    cluster: Cluster, new_namespace: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setenv("PATH", cluster.environment()["PATH"])
    with FaultProxy(connect_by_kubeconfig(cluster.kubeconfig, cluster.state.context)) as proxy:
        yield Bench(cluster, new_namespace(), tmp_path, proxy)


def _mended(bench: Bench, image: str) -> None:
    """Helm alone is refused; opsctl waits while somebody may be at work, then clears and installs."""
    left = bench.statuses()[-1]
    with pytest.raises(ToolFailed, match="another operation"):
        bench.charts.helm.upgrade(RELEASE, "app", _values(bench.environment, image))
    with pytest.raises(Unreachable, match=rf"Helm may be at work on {RELEASE} since \d+ s \({left}\)"):
        bench.install(image)
    bench.install(image, later=LONGEST_S)
    assert bench.images() == [image]


def test_killed_between_two_objects_of_an_installation(bench: Bench) -> None:
    bench.kill_between_two_objects("ai-agent-sdk:1.0.0")
    assert bench.statuses() == ["pending-install"]
    assert bench.images() == []
    _mended(bench, "ai-agent-sdk:1.1.0")
    assert bench.statuses() == ["deployed"]


def test_killed_between_two_objects_of_an_upgrade(bench: Bench) -> None:
    bench.install("ai-agent-sdk:1.0.0")
    bench.kill_between_two_objects("ai-agent-sdk:1.1.0")
    assert bench.statuses() == ["deployed", "pending-upgrade"]
    _mended(bench, "ai-agent-sdk:1.2.0")
    assert bench.statuses() == ["superseded", "deployed"]
