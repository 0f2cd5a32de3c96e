"""What cluster tests, the demo and the meter rely on in the sandbox's cluster, beyond being Kubernetes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from opsctl.sandbox import api

pytestmark = pytest.mark.cluster

DEADLINE_S = 60.0


@pytest.fixture
def namespace(cluster: Any, new_namespace: Callable[[], str]) -> str:
    name = new_namespace()
    cluster.kubectl("create", "namespace", name)
    return name


def _pod(name: str, version: str) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1}
    container = {"name": "agent", "image": f"ai-agent-sdk:{version}", "readinessProbe": probe}
    metadata = {"name": name, "labels": {"app": "agent", "name": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def test_each_image_tells_its_version_and_runs_as_nobody(cluster: Any, namespace: str) -> None:
    client = api.connect(cluster.kubeconfig)
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        name = f"agent-{version.replace('.', '-')}"
        cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(_pod(name, version)))
        cluster.kubectl("wait", "-n", namespace, f"pod/{name}", "--for=condition=Ready", "--timeout=60s")
        _, body = client.call("GET", f"/api/v1/namespaces/{namespace}/pods/http:{name}:8000/proxy/version")
        assert body["version"] == version
        assert cluster.kubectl(
            "exec", "-n", namespace, name, "--", "python3", "-c", "import os; print(os.getuid())"
        ) == ("10001\n")


def test_a_switched_service_answers_from_the_other_pod_at_once(cluster: Any, namespace: str) -> None:
    """With kube-proxy's own default the second of two quick switches takes up to 0.8 s; ours must not."""
    client = api.connect(cluster.kubeconfig)
    ports = [{"port": 8000}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"}}
    service["spec"] = {"type": "NodePort", "selector": {"name": "old"}, "ports": ports}  # type: ignore[assignment]
    listed = {"apiVersion": "v1", "kind": "List", "items": [_pod("old", "1.0.0"), _pod("new", "1.1.0"), service]}
    cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(listed))
    cluster.kubectl("wait", "-n", namespace, "pod", "--all", "--for=condition=Ready", "--timeout=60s")
    path = f"/api/v1/namespaces/{namespace}/services/front"
    port = client.get(path)["spec"]["ports"][0]["nodePort"]

    _await_version(cluster.state.address, port, "1.0.0")
    times = [_switch(client, path, cluster.state.address, port, to) for to in ("new", "old", "new", "old")]

    assert sorted(times)[1] < 0.5, times


def _switch(client: api.Api, path: str, address: str, port: int, to: str) -> float:
    """Seconds from the write to the first answer of the other pod."""
    service = client.get(path)
    service["spec"]["selector"] = {"name": to}
    begin = time.monotonic()
    assert client.call("PUT", path, service)[0] == 200
    _await_version(address, port, {"old": "1.0.0", "new": "1.1.0"}[to])
    return time.monotonic() - begin


def _await_version(address: str, port: int, version: str) -> None:
    import http.client

    deadline = time.monotonic() + DEADLINE_S
    while True:
        connection = http.client.HTTPConnection(address, port, timeout=2)
        try:
            connection.request("GET", "/version")
            if json.loads(connection.getresponse().read())["version"] == version:
                return
        except OSError:
            pass  # refused, until kube-proxy has seen the first endpoint
        finally:
            connection.close()
        assert time.monotonic() < deadline, f"no answer from {version} in {DEADLINE_S} s"
