"""Pods of each color enter that color's target groups: what Kubernetes is asked for, where it knows the kind.

The controller that acts on it is AWS's. Here is only a kind of its name, which this file makes and takes away: no other
file may need it, or look for what is bound, at the same time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeWatching
from release_world import World
from sandbox_cluster import Cluster

from opsctl.config import load
from opsctl.core.color import Color
from opsctl.wiring import release_ports

pytestmark = pytest.mark.cluster

KIND = "targetgroupbindings.elbv2.k8s.aws"
GROUPS = {
    f"{service}-{color}": f"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{service}-{color}/{n}0ecf83"
    for n, (service, color) in enumerate(product(("api", "websocket"), Color))
}
PROVISIONED = {
    "edge": {"target_group_arns": GROUPS},
    "cluster": {"name": "agents-bound"},
    "network": {"vpc_id": "vpc-0a1b2c"},
}
_TEXT = {"type": "string", "minLength": 1}
_SPEC = {
    "type": "object",
    "required": ["serviceRef", "targetGroupARN"],
    "properties": {
        "targetGroupARN": _TEXT,
        "targetType": {"type": "string", "enum": ["instance", "ip"]},
        "serviceRef": {
            "type": "object",
            "required": ["name", "port"],
            "properties": {"name": _TEXT, "port": {"x-kubernetes-int-or-string": True}},
        },
    },
}
_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": KIND},
    "spec": {
        "group": "elbv2.k8s.aws",
        "scope": "Namespaced",
        "names": {"kind": "TargetGroupBinding", "plural": "targetgroupbindings", "singular": "targetgroupbinding"},
        "versions": [
            {
                "name": "v1beta1", "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": _SPEC}}},
            }
        ],
    },
}  # fmt: skip


@contextmanager
def known(cluster: Cluster) -> Iterator[None]:
    """As if the controller were installed."""
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(_DEFINITION))
    try:
        cluster.kubectl("wait", "--for=condition=Established", f"crd/{KIND}", "--timeout=30s")
        yield
    finally:
        cluster.kubectl("delete", "crd", KIND)


@pytest.fixture(scope="module")
def behind(new_world: World) -> World:
    """An environment that AWS does not only pretend to be, with target groups."""
    new_world.add_environment("bound", "extends: rehearsal.yaml\naws: {emulated: false}\n")
    provisioned(new_world.project, PROVISIONED)
    return new_world


def provisioned(project: Path, outputs: dict[str, Any], environment: str = "bound") -> None:
    file = project / ".opsctl" / environment / "outputs.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(outputs))


def bound(cluster: Cluster, namespace: str) -> dict[str, tuple[str, str]]:
    """Service and port by target group, as Kubernetes has them."""
    items = json.loads(cluster.kubectl("get", KIND, "-n", namespace, "-o", "json"))["items"]
    specs = [item["spec"] for item in items]
    assert {spec["targetType"] for spec in specs} <= {"ip"}
    return {spec["targetGroupARN"]: (spec["serviceRef"]["name"], spec["serviceRef"]["port"]) for spec in specs}


def deploy(world: World) -> Any:
    return world.json("deploy", "--image", "ai-agent-sdk:1.0.0", OPSCTL_ENV="bound")


def test_from_refused_to_bound_to_gone(behind: World, cluster: Cluster) -> None:
    refused = deploy(behind)
    assert refused.exit_code == 8, refused
    assert "the cluster knows no TargetGroupBinding" in refused.data["error"]["message"]
    assert "clusterName=agents-bound,region=us-east-1,vpcId=vpc-0a1b2c" in refused.data["error"]["hint"]
    listed = cluster.kubectl("get", "services,deployments,secrets", "-n", behind.namespace, "-o", "name")
    assert listed == "", "nothing is left half done"

    with known(cluster):
        released = deploy(behind)
        assert released.exit_code == 0, released
        assert bound(cluster, behind.namespace) == {
            GROUPS[f"{service}-{color}"]: (f"ai-agent-sdk-{color}", service)
            for service, color in product(("api", "websocket"), Color)
        }
        provisioned(behind.project, {**PROVISIONED, "edge": None})
        assert deploy(behind).data["outcome"] == "unchanged"
        assert bound(cluster, behind.namespace) == {}


def test_each_workload_of_a_color_gets_what_it_offers(behind: World, cluster: Cluster) -> None:
    namespace = f"{behind.namespace}-split"
    text = f"extends: bound.yaml\napplication: {{namespace: {namespace}}}\nworkloads: {{split: true}}\n"
    behind.add_environment("split", text)
    provisioned(behind.project, PROVISIONED, "split")
    ports = release_ports(behind.project, load(behind.project, "split").environment, FakeWatching())
    try:
        with known(cluster):
            ports.cluster.ensure_namespace()
            ports.lock.acquire("binds")
            found = ports.charts.bound()
            assert found
            assert (found.known, found.gated) == (True, True), "the namespace that opsctl makes has the label"
            ports.charts.prepare()
            offered = {"api": "ai-agent-sdk-api", "websocket": "ai-agent-sdk-agents"}
            assert bound(cluster, namespace) == {
                GROUPS[f"{service}-{color}"]: (f"{name}-{color}", service)
                for (service, name), color in product(offered.items(), Color)
            }
    finally:
        ports.lock.release()
        cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
