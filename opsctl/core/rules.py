"""Rules that join several keys.

Each rule is a plain function over a complete environment and names the keys that it reads. While one of those
is wrong by itself, the rule is left out, so that every other mistake of a file is still found at once.
Rules that concern one key alone are bounds in `environment.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import ip_network

from opsctl.core.capacity import (
    RESERVED_CONNECTIONS,
    USABLE_SHARE,
    connections_of,
    pods_for,
    with_headroom,
)
from opsctl.core.derive import derive, resource_prefix
from opsctl.core.environment import Environment

SERVICE_RANGE = "172.20.0.0/16"  # addresses of Services inside EKS
RESERVED_VARIABLES = frozenset(
    {"COLOR", "API_PORT", "WS_PORT", "METRICS_PORT", "MAX_CONNECTIONS", "DRAIN_SECONDS", "POOL_MAX"}
)
"""Environment variables of the containers that come from keys of their own."""

_PREFIX_MAX = 48  # an IAM role has 64 characters, the longest suffix takes the rest


@dataclass(frozen=True)
class Finding:
    """What is wrong with `path`; `others` are the keys that it disagrees with."""

    path: str
    message: str
    others: tuple[str, ...] = ()


Messages = Iterator[str]
Check = Callable[[Environment], Messages]


@dataclass(frozen=True)
class Rule:
    paths: tuple[str, ...]
    check: Check

    def findings(self, environment: Environment) -> Iterator[Finding]:
        for message in self.check(environment):
            yield Finding(self.paths[0], message, self.paths[1:])


RULES: list[Rule] = []


def rule(*paths: str) -> Callable[[Check], Check]:
    """Register a rule; findings are reported at the first path."""

    def register(check: Check) -> Check:
        RULES.append(Rule(paths, check))
        return check

    return register


def violations(environment: Environment, wrong: AbstractSet[str] = frozenset()) -> list[Finding]:
    """Every rule that `environment` breaks. `wrong` are keys (or whole sections) whose value cannot be relied on."""
    usable = (r for r in RULES if not any(_touches(path, wrong) for path in r.paths))
    return [finding for r in usable for finding in r.findings(environment)]


def _touches(path: str, wrong: AbstractSet[str]) -> bool:
    return any(path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.") for other in wrong)


# Pods


@rule("workload.grace_seconds", "workload.pre_stop_seconds", "workload.drain_seconds")
def grace_covers_the_drain(e: Environment) -> Messages:
    needed = e.workload.pre_stop_seconds + e.workload.drain_seconds + 15
    if e.workload.grace_seconds < needed:
        yield (
            f"{e.workload.grace_seconds} s is too short: pre_stop {e.workload.pre_stop_seconds} + drain "
            f"{e.workload.drain_seconds} + 15 s to close = {needed}"
        )


@rule("workload.replicas", "application.agents", "services.websocket.max_connections")
def pods_hold_all_agents(e: Environment) -> Messages:
    agents, slots = e.application.agents, e.services.websocket.max_connections
    needed = with_headroom(agents, slots)
    if e.workload.replicas is not None and e.workload.replicas < needed:
        yield (
            f"{e.workload.replicas} pods hold {e.workload.replicas * slots} sockets; {agents} agents need "
            f"1.4 x as many, so {needed} pods"
        )


@rule("workload.replicas", "stage", "application.agents", "services.websocket.max_connections", "network.zones")
def pods_survive_a_zone(e: Environment) -> Messages:
    needed = pods_for(e.application.agents, e.services.websocket.max_connections, e.network.zones)
    given = e.workload.replicas
    enough_today = with_headroom(e.application.agents, e.services.websocket.max_connections)
    if e.stage == "production" and given is not None and enough_today <= given < needed:
        yield (
            f"{given} pods over {e.network.zones} zones cannot hold {e.application.agents} agents when a zone "
            f"is lost; production needs {needed}"
        )


@rule("application.agents", "workload.replicas", "services.websocket.max_connections", "network.zones")
def pods_are_within_bounds(e: Environment) -> Messages:
    pods = pods_for(e.application.agents, e.services.websocket.max_connections, e.network.zones)
    if e.workload.replicas is None and pods > 1000:
        yield f"{e.application.agents} agents need {pods} pods a color; at most 1000 are possible"


@rule(
    "database.pool_max",
    "database.instance_class",
    "workload.replicas",
    "application.agents",
    "services.websocket.max_connections",
    "network.zones",
)
def connections_fit_the_database(e: Environment) -> Messages:
    offered = connections_of(e.database.instance_class)
    pods = derive(e)[0].workload.replicas or 0
    wanted = 2 * pods * e.database.pool_max + RESERVED_CONNECTIONS
    if offered is not None and wanted > USABLE_SHARE * offered:
        yield (
            f"2 colors x {pods} pods x {e.database.pool_max} + {RESERVED_CONNECTIONS} = {wanted} connections; "
            f"{e.database.instance_class} has {offered}, of which {int(USABLE_SHARE * offered)} may be planned"
        )


@rule("services.websocket.port", "services.api.port", "services.metrics.port")
def ports_differ(e: Environment) -> Messages:
    ports = (e.services.api.port, e.services.websocket.port, e.services.metrics.port)
    if len(set(ports)) < 3:
        yield "api {}, websocket {} and metrics {} must be three different ports".format(*ports)


@rule("application.environment")
def variables_are_free(e: Environment) -> Messages:
    taken = sorted(RESERVED_VARIABLES & e.application.environment.keys())
    if taken:
        yield f"{', '.join(taken)}: set by opsctl from keys of its own; remove it here"


# Release


@rule("release.gate_seconds", "release.gate_deadline")
def gate_can_pass(e: Environment) -> Messages:
    if e.release.gate_seconds >= e.release.gate_deadline:
        yield f"{e.release.gate_seconds:g} s cannot be held within gate_deadline {e.release.gate_deadline:g} s"


@rule("release.latency_limit", "release.probe_timeout")
def latency_is_below_the_timeout(e: Environment) -> Messages:
    if e.release.latency_limit > e.release.probe_timeout:
        yield f"{e.release.latency_limit:g} s has no effect: a probe ends after {e.release.probe_timeout:g} s"


@rule("front_door.api_url", "front_door.kind")
def url_is_given(e: Environment) -> Messages:
    if e.front_door.kind == "url" and e.front_door.api_url is None:
        yield "missing; front_door.kind is url, so opsctl must know the address"
    if e.front_door.kind != "url" and e.front_door.api_url is not None:
        yield f"has no effect: front_door.kind is {e.front_door.kind}"


# Infrastructure


@rule("name", "application.name")
def names_fit(e: Environment) -> Messages:
    if len(resource_prefix(e)) > _PREFIX_MAX:
        yield f"{resource_prefix(e)!r} begins every name in AWS; at most {_PREFIX_MAX} characters"


@rule("state.bucket", "application.name", "aws.account_id", "aws.region")
def bucket_name_fits(e: Environment) -> Messages:
    bucket = derive(e)[0].state.bucket
    if bucket is not None and len(bucket) > 63:
        yield f"the derived name {bucket!r} has {len(bucket)} characters, S3 allows 63; write one here"


@rule("cluster.nodes.min", "cluster.nodes.max")
def nodes_are_ordered(e: Environment) -> Messages:
    if e.cluster.nodes.min > e.cluster.nodes.max:
        yield f"{e.cluster.nodes.min} is more than max {e.cluster.nodes.max}"


@rule("cluster.nodes.instance_types", "cluster.nodes.ami_type")
def architecture_fits(e: Environment) -> Messages:
    arm = "ARM_64" in e.cluster.nodes.ami_type
    odd = [name for name in e.cluster.nodes.instance_types if _is_graviton(name) != arm]
    if odd:
        yield f"{', '.join(odd)}: {'not ' if arm else ''}an ARM type, but ami_type is {e.cluster.nodes.ami_type}"


@rule("database.max_storage_gb", "database.storage_gb")
def storage_is_ordered(e: Environment) -> Messages:
    if e.database.max_storage_gb < e.database.storage_gb:
        yield f"{e.database.max_storage_gb} GiB is less than storage_gb {e.database.storage_gb}"


@rule("network.cidr")
def network_avoids_services(e: Environment) -> Messages:
    if ip_network(e.network.cidr).overlaps(ip_network(SERVICE_RANGE)):
        yield f"{e.network.cidr} overlaps {SERVICE_RANGE}, the addresses of Services in the cluster"


@rule("cluster.deployer_role_arns", "cluster.admin_role_arns")
def roles_are_named_once(e: Environment) -> Messages:
    arns = [*e.cluster.admin_role_arns, *e.cluster.deployer_role_arns]
    names = [arn.rsplit("/")[-1] for arn in arns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)}: named twice; a role has one access entry, as admin or as deployer"


@rule("aws.tags")
def tags_are_free(e: Environment) -> Messages:
    taken = sorted({"application", "environment", "managed-by"} & e.aws.tags.keys())
    if taken:
        yield f"{', '.join(taken)}: set by opsctl; remove it here"


# Production


@rule("network.zones", "stage")
def production_has_three_zones(e: Environment) -> Messages:
    if e.stage == "production" and e.network.zones < 3:
        yield f"{e.network.zones} zones; production needs 3"


@rule("network.nat", "stage")
def production_has_a_nat_a_zone(e: Environment) -> Messages:
    if e.stage == "production" and e.network.nat != "per_zone":
        yield f"{e.network.nat}; production needs per_zone, as one NAT gateway is one zone's failure away"


@rule("database.multi_az", "stage")
def production_has_a_standby(e: Environment) -> Messages:
    if e.stage == "production" and not e.database.multi_az:
        yield "false; production needs a standby in another zone"


@rule("database.backup_days", "stage")
def production_keeps_backups(e: Environment) -> Messages:
    if e.stage == "production" and e.database.backup_days < 30:
        yield f"{e.database.backup_days} days; production keeps backups 30 days or more"


@rule("database.deletion_protection", "stage")
def production_is_protected(e: Environment) -> Messages:
    if e.stage == "production" and not e.database.deletion_protection:
        yield "false; production needs it on"


@rule("cluster.log_days", "stage")
def production_keeps_evidence(e: Environment) -> Messages:
    if e.stage == "production" and e.cluster.log_days < 365:
        yield f"{e.cluster.log_days} days; production keeps control-plane logs 365 days or more"


@rule("cluster.public_access_cidrs", "stage")
def production_is_not_open(e: Environment) -> Messages:
    everyone = [cidr for cidr in e.cluster.public_access_cidrs if cidr.endswith("/0")]
    if e.stage == "production" and everyone:
        yield f"{', '.join(everyone)} lets everyone reach the cluster's API; production refuses that"


@rule("aws.emulated", "stage")
def production_is_real(e: Environment) -> Messages:
    if e.stage == "production" and e.aws.emulated:
        yield "true; production cannot live on an emulator"


def _is_graviton(instance_type: str) -> bool:
    """Graviton families carry a g after the generation: m7g, c7gn, r8gd, t4g."""
    return bool(re.match(r"[a-z]+\d+g[a-z]*\.", instance_type))
