"""What no configuration says and an estimate needs: traffic, and how many nodes the pods of both colors fill."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from opsctl.core.environment import Environment
from opsctl.core.room import quantity
from opsctl.core.workloads import Part, parts

RELEASE_HOURS = 30.0  # a month, in which both colors are at full size: an hour a day
_GIB = 2.0**30
_GIB_A_CPU = {"c": 2, "m": 4, "r": 8, "t": 4}
_CPUS = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64}
_FREE_CPU, _FREE_MEMORY = (
    0.90,
    0.80,
)  # of a node, for pods of ours: the kubelet and every node's own agents take the rest


@dataclass(frozen=True)
class Assumed:
    """Monthly figures. `nodes` fit between releases, `peak` while one runs; None where the instance type is unknown."""

    requests_millions: float = 50.0
    answers_gb: float = 200.0
    nat_gb: float = 100.0
    logs_gb: float = 100.0
    images_gb: float = 20.0
    objects_gb: float = 50.0
    load_balancer_units: float = 1.0
    audit_events_millions: float = 2.0
    configuration_items: float = 5000.0
    grafana_editors: float = 2.0
    zones: int = 3
    nodes: int | None = None
    peak: int | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        return (
            f"730 hours; {self.requests_millions:g} million requests, {self.answers_gb:g} GB of answers "
            "(free up to 1,000 GB by CloudFront, up to 100 GB without)",
            f"{self.nat_gb:g} GB through NAT, {self.logs_gb:g} GB of logs, {self.images_gb:g} GB of images, "
            f"{self.objects_gb:g} GB in S3, {self.load_balancer_units:g} load balancer unit",
            f"{self.audit_events_millions:g} million audit events, {self.configuration_items:g} configuration items, "
            f"{self.grafana_editors:g} Grafana editors, where there is what charges for them",
        )


def assume(environment: Environment) -> Assumed:
    found = parts(environment).values()
    kept = environment.release.standby
    standby = [part.replicas if kept == "full" else min(int(kept), part.replicas) for part in found]
    steady = [(part, part.replicas + more) for part, more in zip(found, standby, strict=True)]
    both = [(part, 2 * part.replicas) for part in found]
    node = environment.cluster.nodes.instance_types[0]
    assumed = environment.cost.assumed
    return Assumed(
        requests_millions=assumed.requests_millions,
        answers_gb=assumed.answers_gb,
        nat_gb=assumed.nat_gb,
        logs_gb=assumed.logs_gb,
        zones=environment.network.zones,
        nodes=nodes_for(steady, node),
        peak=nodes_for(both, node),
    )


def nodes_for(pods: list[tuple[Part, int]], instance_type: str) -> int | None:
    """Nodes that hold so many pods of each part; None where opsctl does not know what the instance type offers."""
    size = size_of(instance_type)
    if size is None:
        return None
    cpus, gib = size
    asked_cpu = sum(quantity(part.cpu) * number for part, number in pods)
    asked_gib = sum(quantity(part.memory) * number for part, number in pods) / _GIB
    return max(1, ceil(asked_cpu / (cpus * _FREE_CPU)), ceil(asked_gib / (gib * _FREE_MEMORY)))


def size_of(instance_type: str) -> tuple[int, int] | None:
    """(processors, GiB) of a general type; None for families that have other proportions."""
    match = re.fullmatch(r"([cmrt])\d+[a-z]*\.(\w+)", instance_type)
    if match is None or match[2] not in _CPUS:
        return None
    return _CPUS[match[2]], _CPUS[match[2]] * _GIB_A_CPU[match[1]]


def clipped(wanted: int | None, scaling: Mapping[str, int]) -> int:
    """Between the group's bounds; what it starts with where nothing is known."""
    if wanted is None:
        wanted = scaling["desired_size"]
    return max(scaling["min_size"], min(wanted, scaling["max_size"]))
