"""What has to be there before pods can enter the target groups that Terraform made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.checkup import Finding, Level
from opsctl.core.color import Color

GATE_LABEL, GATED = "elbv2.k8s.aws/pod-readiness-gate-inject", "enabled"
"""On a namespace: its pods are ready only once the load balancer, too, finds them healthy, so that none takes another's
place before requests come to it. Where no controller looks for it, the label means nothing."""

_CONTROLLER = "aws-load-balancer-controller"
MANUAL = "docs/infrastructure.md, The way from users to pods"
_STAY = "the load balancer's users stay on the color of its weights: opsctl does not move them yet"


@dataclass(frozen=True)
class Bound:
    """What a cluster has for it. `known`: the kind TargetGroupBinding; `gated`: the namespace has the label, None where
    these credentials may not read it; `install`: what to type where the kind is not known."""

    namespace: str
    known: bool
    gated: bool | None
    install: str = ""


def install_command(outputs: Mapping[str, Any], region: str) -> str:
    """The controller, which reaches no metadata service and so has to be told where it is. It is kept from Services, as
    Terraform gives it no right to make load balancers."""
    cluster, vpc = (outputs.get("cluster") or {}).get("name"), (outputs.get("network") or {}).get("vpc_id")
    told = f"clusterName={cluster or 'CLUSTER'},region={region},vpcId={vpc or 'VPC'},enableServiceMutatorWebhook=false"
    chart = f"{_CONTROLLER} {_CONTROLLER} --repo https://aws.github.io/eks-charts"
    return f"helm upgrade --install {chart} -n kube-system --set {told}"


def judge_bound(found: Bound) -> list[Finding]:
    """Refused is what would leave pods out of reach, or let them take others' place before they are in reach."""
    if not found.known:
        what = "pods cannot enter the load balancer's target groups: the cluster knows no TargetGroupBinding"
        return [Finding("bindings", Level.FAIL, what, found.install)]
    if found.gated is False:
        what = f"pods of namespace {found.namespace} would be ready before the load balancer sends them anything"
        label = f"kubectl label namespace {found.namespace} {GATE_LABEL}={GATED}"
        return [Finding("bindings", Level.FAIL, what, label)]
    what = "" if found.gated else f"whether namespace {found.namespace} is labelled {GATE_LABEL} is not known; "
    return [Finding("bindings", Level.WARN, f"{what}{_STAY}", MANUAL)]


def judge_weights(into: Color, users: Collection[Color]) -> list[Finding]:
    """A release replaces what stands in its color, so nobody may come to that one by the load balancer."""
    if into not in users:
        return []
    what = f"the load balancer sends users to {into}, whose pods this release would replace"
    return [Finding("weights", Level.FAIL, what, f"move its weights to {into.other} first: {MANUAL}")]


def unknown_weights(into: Color, why: str) -> list[Finding]:
    """Nothing is taken down on a guess."""
    what = f"whether the load balancer sends users to {into} is not known: {why}"
    return [Finding("weights", Level.FAIL, what, "credentials with elasticloadbalancing:DescribeRules, then again")]
