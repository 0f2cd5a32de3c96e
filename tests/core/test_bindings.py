"""Before pods enter a load balancer's target groups: what is refused, and with what to type."""

from __future__ import annotations

import pytest

from opsctl.core.bindings import Bound, install_command, judge_bound
from opsctl.core.checkup import Level

OUTPUTS = {"cluster": {"name": "agents-live"}, "network": {"vpc_id": "vpc-1"}}


@pytest.mark.parametrize(
    ("bound", "level", "says", "remedy"),
    [
        (Bound("apps", False, True, "helm upgrade …"), Level.FAIL, "knows no TargetGroupBinding", "helm upgrade …"),
        (
            Bound("apps", True, False),
            Level.FAIL,
            "pods of namespace apps would be ready before",
            "kubectl label namespace apps elbv2.k8s.aws/pod-readiness-gate-inject=enabled",
        ),
        (Bound("apps", True, None), Level.WARN, "is not known; the load balancer's users stay", "docs/"),
        (Bound("apps", True, True), Level.WARN, "the load balancer's users stay on the color of its weights", "docs/"),
    ],
)
def test_what_is_found(bound: Bound, level: Level, says: str, remedy: str) -> None:
    [found] = judge_bound(bound)
    assert found.level is level
    assert says in found.detail
    assert found.remedy.startswith(remedy)


def test_the_controller_is_told_where_it_is() -> None:
    """Pods reach no metadata service; and nothing else than target groups is its business."""
    words = install_command(OUTPUTS, "eu-west-1").split()
    assert words[:3] == ["helm", "upgrade", "--install"]
    told = "clusterName=agents-live,region=eu-west-1,vpcId=vpc-1,enableServiceMutatorWebhook=false"
    assert words[-2:] == ["--set", told]
