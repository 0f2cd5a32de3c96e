"""Environment → terraform.tfvars.json: one object a section, with the attribute names of the environment file.

Terraform drops a misspelt attribute of an object without a word; tests/render compares both sides.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from opsctl.core.derive import resource_prefix
from opsctl.core.environment import Environment

_FOR_PODS = {"pool_max"}  # keys of `database` that concern the application, not the instance


def tfvars(environment: Environment) -> dict[str, Any]:
    """Values of the root module's variables. `context.account_id` is None while the account is open."""
    database = asdict(environment.database)
    return {
        "context": _context(environment),
        "network": asdict(environment.network),
        "cluster": asdict(environment.cluster),
        "registry": asdict(environment.registry),
        "database": {key: value for key, value in database.items() if key not in _FOR_PODS},
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
        "tags": dict(environment.aws.tags),
    }
