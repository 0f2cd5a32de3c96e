"""An environment's workloads: what each offers, how many pods it has, what they ask for.

There are three services, metrics on every pod, so that there is one way to split them: the API from the WebSocket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.environment import Environment
from opsctl.core.sizes import AGENT, Sizes

API, AGENTS = "api", "agents"
"""The workloads of an application that is split."""

SERVICES: Mapping[str, tuple[str, ...]] = {
    AGENT: ("api", "websocket", "metrics"),
    API: ("api", "metrics"),
    AGENTS: ("websocket", "metrics"),
}
"""What each workload offers."""


@dataclass(frozen=True)
class Part:
    services: tuple[str, ...]
    replicas: int
    cpu: str
    memory: str
    command: tuple[str, ...]


def parts(environment: Environment) -> Mapping[str, Part]:
    """By name; one, `agent`, where the services are not split."""
    replicas, asked = environment.workload.replicas or 1, environment.workload.resources
    if not environment.workloads.split:
        return {AGENT: Part(SERVICES[AGENT], replicas, asked.cpu, asked.memory, ())}
    told = environment.workloads
    return {
        API: Part(
            SERVICES[API], told.api.replicas or replicas, told.api.cpu or asked.cpu,
            told.api.memory or asked.memory, tuple(told.api.command),
        ),
        AGENTS: Part(
            SERVICES[AGENTS], told.agents.replicas or replicas, told.agents.cpu or asked.cpu,
            told.agents.memory or asked.memory, tuple(told.agents.command),
        ),
    }  # fmt: skip


def sizes(environment: Environment) -> Sizes:
    return {name: part.replicas for name, part in parts(environment).items()}


def front(environment: Environment) -> str:
    """The workload that offers the API."""
    return API if environment.workloads.split else AGENT


def asked_for(values: Mapping[str, Any], workload: str) -> Mapping[str, str]:
    """{cpu, memory} that a pod of this workload asks for, by the recorded values; {} where they do not tell."""
    told = [part for part in values.get("workloads", ()) if part["name"] == workload]
    return told[0]["resources"] if told else {}
