"""Environment → values of the charts helm/app (one color) and helm/edge (what both colors share)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from opsctl.core.color import Color
from opsctl.core.contract import contract_text
from opsctl.core.environment import Environment
from opsctl.core.settings import settings_name
from opsctl.core.workloads import parts
from opsctl.render.places import NOTHING, places, target_groups


def app_values(
    environment: Environment,
    color: Color,
    image: str,
    settings: Mapping[str, str],
    outputs: Mapping[str, Any] = NOTHING,
) -> dict[str, Any]:
    """Values of one color running `image`. `settings` are environment variables, referred to by the name of the
    ConfigMap that holds them; those of the contract win. `outputs` are Terraform's, where something was provisioned.

    An empty `image` leaves `image.reference` out, so that the chart's schema asks for it.
    """
    services, workload = environment.services, environment.workload
    return {
        "name": environment.application.name,
        "environment": environment.name,
        "color": color.value,
        "image": {"reference": image} if image else {},
        "release": {"id": ""},
        "ports": _ports(environment),
        "services": contract_text(services),
        "probes": {"apiPath": services.api.health_path, "websocketHealthPath": services.websocket.health_path},
        "workloads": [
            {
                "name": name,
                "services": list(part.services),
                "resources": {"cpu": part.cpu, "memory": part.memory},
                "command": list(part.command),
            }
            for name, part in parts(environment).items()
        ],
        "env": places(outputs, {*settings, *environment.application.secrets}) | _contract(environment),
        "settings": settings_name(environment.application.name, settings),
        "secrets": {name: asdict(secret) for name, secret in environment.application.secrets.items()},
        "termination": {"preStopSeconds": workload.pre_stop_seconds, "graceSeconds": workload.grace_seconds},
    }


def edge_values(environment: Environment, outputs: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """Values of what both colors share. Nobody comes by an emulated load balancer, so it is bound to no pods."""
    return {
        "name": environment.application.name,
        "environment": environment.name,
        "ports": _ports(environment),
        "workloads": [{"name": name, "services": list(part.services)} for name, part in parts(environment).items()],
        "guard": environment.release.guard == "in_cluster" and environment.release.guard_image is not None,
        "targetGroups": {} if environment.aws.emulated else target_groups(outputs),
    }


def released_image(environment: Environment) -> str:
    """`workload.image` if it names one image (a tag or a digest), else "": a repository alone cannot be run."""
    image = environment.workload.image or ""
    return image if ":" in image.rpartition("/")[2] else ""


def _ports(environment: Environment) -> dict[str, int]:
    services = environment.services
    return {"api": services.api.port, "websocket": services.websocket.port, "metrics": services.metrics.port}


def _contract(environment: Environment) -> dict[str, str]:
    """What the application is told; docs/app-contract.md explains each. COLOR is the chart's."""
    services = environment.services
    return {
        "API_PORT": str(services.api.port),
        "WS_PORT": str(services.websocket.port),
        "METRICS_PORT": str(services.metrics.port),
        "MAX_CONNECTIONS": str(services.websocket.max_connections),
        "DRAIN_SECONDS": str(environment.workload.drain_seconds),
        "AUTHENTICATION": environment.application.authentication,
        "POOL_MIN": str(environment.database.pool_min),
        "POOL_MAX": str(environment.database.pool_max),
        "POOL_TIMEOUT": f"{environment.database.pool_timeout:g}",
        "KEEP_ALIVE_SECONDS": str(environment.workload.keep_alive_seconds),
        "PING_SECONDS": str(environment.workload.ping_seconds),
        "RATE_LIMIT_PER_MINUTE": str(environment.application.rate_limit_per_minute),
    }
