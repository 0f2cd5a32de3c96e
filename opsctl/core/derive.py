"""What follows from other keys where the file says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opsctl.core.capacity import pods_for
from opsctl.core.environment import LEAST_RECONNECTS, Environment
from opsctl.core.keys import value_at, with_value

MOVED_IN_S = 100.0  # all agents of a color, where the file does not say how fast


@dataclass(frozen=True)
class Derivation:
    """`value` for the key at `path`, which follows from the keys `sources`."""

    path: str
    value: Any
    sources: tuple[str, ...]


def derive(environment: Environment) -> tuple[Environment, tuple[Derivation, ...]]:
    """Fill in what was left open, and say from what. What needs a missing account number stays None."""
    derivations = tuple(found for found in _derivations(environment) if value_at(environment, found.path) is None)
    for found in derivations:
        environment = with_value(environment, found.path, found.value)
    return environment, derivations


def resource_prefix(environment: Environment) -> str:
    """First part of every cloud object's name: `<application>-<environment>`."""
    return f"{environment.application.name}-{environment.name}"


def _derivations(environment: Environment) -> Iterator[Derivation]:
    application, aws = environment.application, environment.aws
    yield Derivation("application.namespace", application.name, ("application.name",))
    yield Derivation("state.key", f"{environment.name}/terraform.tfstate", ("name",))
    endpoints = "private" if environment.network.nat == "none" else "minimal"
    yield Derivation("network.endpoints", endpoints, ("network.nat",))
    rate = max(LEAST_RECONNECTS, application.agents / MOVED_IN_S)
    yield Derivation("release.drain.reconnects_per_second", rate, ("application.agents",))
    yield Derivation("edge.websocket.deregistration_delay", _last_socket(environment), _LAST_SOCKET_FROM)
    yield Derivation("workload.replicas", _replicas(environment), _REPLICAS_FROM)
    yield from _trusted(environment)
    placed = ("application.name", "aws.account_id", "aws.region")
    if aws.account_id is not None:
        bucket = f"{application.name}-tfstate-{aws.account_id}-{aws.region}"
        yield Derivation("state.bucket", bucket, placed)
    if environment.registry.existing_url is not None:
        yield Derivation("workload.image", environment.registry.existing_url, ("registry.existing_url",))
    elif aws.account_id is not None:
        registry = f"{aws.account_id}.dkr.ecr.{aws.region}.amazonaws.com"
        yield Derivation("workload.image", f"{registry}/{resource_prefix(environment)}", ("name", *placed))


_LAST_SOCKET_FROM = ("workload.pre_stop_seconds", "workload.drain_seconds")


def _last_socket(environment: Environment) -> int:
    """AWS's own default, or longer where the application takes longer to close its connections; AWS's most is 3600."""
    workload = environment.workload
    return min(max(300, workload.pre_stop_seconds + workload.drain_seconds), 3600)


def _trusted(environment: Environment) -> Iterator[Derivation]:
    """Subjects of GitHub's tokens as they are for repositories that were made before June 18, 2026."""
    ci = environment.ci
    if ci.repository is None:
        return
    branch, gate = (
        f"repo:{ci.repository}:ref:refs/heads/{ci.branch}",
        f"repo:{ci.repository}:environment:{environment.name}",
    )
    on_branch, in_gate = ("ci.repository", "ci.branch"), ("ci.repository", "name")
    yield Derivation("ci.subjects.plan", [f"repo:{ci.repository}:pull_request", branch], on_branch)
    yield Derivation("ci.subjects.apply", [gate], in_gate)
    yield Derivation("ci.subjects.push", [branch], on_branch)
    yield Derivation("ci.subjects.deploy", [gate], in_gate)


_REPLICAS_FROM = ("application.agents", "services.websocket.max_connections", "network.zones")


def _replicas(environment: Environment) -> int:
    connections = environment.services.websocket.max_connections
    return pods_for(environment.application.agents, connections, environment.network.zones)
