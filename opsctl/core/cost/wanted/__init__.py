"""What an environment file asks for, as far as it costs something: the same resources that Terraform would plan.

For a look without credentials. A file for each group of sections; a test plans a real stack and compares.
"""

from __future__ import annotations

from opsctl.core.cost.resources import Resource
from opsctl.core.cost.wanted import compute, data, edge, guards, network
from opsctl.core.environment import Environment


def wanted(environment: Environment) -> list[Resource]:
    sections = (
        network.network,
        compute.cluster,
        compute.registry,
        data.database,
        data.cache,
        data.backup,
        edge.edge,
        guards.secrets,
        guards.observability,
        guards.security,
    )
    return [resource for section in sections for resource in section(environment)]
