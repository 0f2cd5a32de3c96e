"""Terraform's outputs → what the charts are told: where the application's data is, and where its users come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Outputs where nothing was provisioned."""

_PLACES = {
    "DATABASE_HOST": ("database", "address"),
    "DATABASE_PORT": ("database", "port"),
    "DATABASE_NAME": ("database", "name"),
    "DATABASE_USER": ("database", "user_name"),
    "REDIS_HOST": ("cache", "address"),
    "REDIS_READER_HOST": ("cache", "reader_address"),
    "REDIS_PORT": ("cache", "port"),
    "REDIS_USER": ("cache", "user_name"),
    "REDIS_NAME": ("cache", "id"),
    "SECRETS_PREFIX": ("secrets", "prefix"),
}
"""Which output, and what of it; docs/app-contract.md explains each."""


def places(outputs: Mapping[str, Any], told: Collection[str] = ()) -> dict[str, str]:
    """The variables that `outputs` have a value for, without those that the application is `told` otherwise."""
    found = {name: (outputs.get(output) or {}).get(part) for name, (output, part) in _PLACES.items()}
    return {name: str(value) for name, value in found.items() if value is not None and name not in told}


def target_groups(outputs: Mapping[str, Any]) -> dict[str, str]:
    """ARNs of the load balancer's target groups by service and color, such as api-blue; empty without a way in."""
    return dict((outputs.get("edge") or {}).get("target_group_arns") or {})
