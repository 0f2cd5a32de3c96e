"""Environment → terraform.tfvars.json: one object a section, with the attribute names of the environment file.

Terraform drops a misspelt attribute of an object without a word; tests/render compares both sides.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce
from operator import getitem
from typing import Any

from opsctl.core.capacity import connections_of, memory_of
from opsctl.core.derive import resource_prefix
from opsctl.core.environment import Environment, Services
from opsctl.core.required_tags import required_tags
from opsctl.core.slo import burn_alarms

MODULES = (
    "network",
    "cluster",
    "registry",
    "database",
    "backup",
    "cache",
    "observability",
    "secrets",
    "security",
    "ci",
    "edge",
    "cost",
)
"""Sections that are a Terraform module's, under the same name."""

# Keys of these sections that concern something else.
_NOT_TERRAFORMS = (
    "ci.approvals",
    "ci.artifact_days",
    "ci.branch",
    "ci.deploy_on",
    "ci.image_scan_limit",
    "ci.required_checks",
    "cost.assumed",
    "cost.compliance",
    "cost.cost_center",
    "cost.data_class",
    "cost.owner",
    "cost.savings_percent",
    "database.pool_max",
    "database.pool_min",
    "database.pool_timeout",
)


def tfvars(environment: Environment) -> dict[str, Any]:
    """Values of the root module's variables. `context.account_id` is None while the account is open."""
    sections = {name: asdict(getattr(environment, name)) for name in MODULES}
    for path in _NOT_TERRAFORMS:
        *parents, last = path.split(".")
        reduce(getitem, parents, sections).pop(last)
    sections["observability"] |= _watched(environment)
    ours = {"context": _context(environment), "state": asdict(environment.state)}
    return {**ours, "services": _services(environment), **sections}


def _watched(environment: Environment) -> dict[str, Any]:
    """What alarms judge by and no key says itself: it follows from keys of several sections."""
    instance_class = environment.database.instance_class
    return {
        "burn_alarms": {name: asdict(alarm) for name, alarm in burn_alarms(environment.observability.slo).items()},
        "database_connections": connections_of(instance_class),
        "database_memory_gb": memory_of(instance_class),
        "scrape": _scrape(environment.services),
    }


def _scrape(services: Services) -> dict[str, Any]:
    """Where the application tells its metrics, and what in them is no user's request."""
    return {
        "port": services.metrics.port,
        "path": services.metrics.path,
        "quiet_paths": sorted({services.api.health_path, services.websocket.health_path}),
        "sockets_per_pod": services.websocket.max_connections,
    }


def _context(environment: Environment) -> dict[str, Any]:
    return {
        "name": resource_prefix(environment),
        "application": environment.application.name,
        "environment": environment.name,
        "stage": environment.stage,
        "namespace": environment.application.namespace,
        "account_id": environment.aws.account_id,
        "region": environment.aws.region,
        "dr_region": environment.aws.dr_region,
        "permissions_boundary_arn": environment.aws.permissions_boundary_arn,
        "tags": environment.aws.tags | required_tags(environment.cost),
    }


def _services(environment: Environment) -> dict[str, Any]:
    """What the load balancer and the web ACL have to know of the application."""
    services = environment.services
    return {
        "rate_limit_per_minute": environment.application.rate_limit_per_minute,
        "api": {"port": services.api.port, "health_path": services.api.health_path},
        "websocket": {
            "port": services.websocket.port,
            "path": services.websocket.path,
            "health_path": services.websocket.health_path,
        },
        "metrics": {"path": services.metrics.path},
    }
