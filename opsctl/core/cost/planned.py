"""`terraform show -json` of a plan → the resources that are there before it, and those that are there after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsctl.core.cost.resources import Resource

Shown = Mapping[str, Any]


def before_and_after(plan: Shown, regions: Mapping[str, str]) -> tuple[list[Resource], list[Resource]]:
    """`regions` are those of the provider's aliases, such as {"dr": "us-west-2"}."""
    aliases = dict(_aliases(plan.get("configuration", {}).get("root_module", {})))
    before, after = list[Resource](), list[Resource]()
    for found in plan.get("resource_changes", ()):
        if found.get("mode") != "managed" or found.get("deposed"):
            continue
        region = regions.get(aliases.get(_declared(found), ""), "")
        for side, into in (("before", before), ("after", after)):
            attributes = found["change"].get(side)
            if attributes is not None:
                into.append(Resource(_module(found), found["type"], attributes, region=region))
                into += _copies(into[-1])
    return before, after


def _copies(found: Resource) -> Iterator[Resource]:
    """A secret is charged for in each region that it is copied to."""
    for copy in found.attributes.get("replica") or ():
        yield Resource(found.module, found.type, region=copy["region"])


def _module(found: Shown) -> str:
    """`network` of module.network.aws_vpc.this."""
    return str(found.get("module_address", "")).partition("module.")[2].partition(".")[0].partition("[")[0]


def _declared(found: Shown) -> tuple[str, ...]:
    """The address without keys: where in the configuration it stands."""
    modules = [part.partition("[")[0] for part in str(found.get("module_address", "")).split(".module.")]
    names = [name.removeprefix("module.") for name in modules if name]
    return (*names, found["type"], str(found.get("name", "")))


def _aliases(module: Shown, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each resource's place and its provider's alias, which modules here call as the root does."""
    for resource in module.get("resources", ()):
        key = str(resource.get("provider_config_key", "")).rpartition(":")[2]
        yield (*path, resource["type"], resource["name"]), key.partition(".")[2]
    for name, call in module.get("module_calls", {}).items():
        yield from _aliases(call.get("module", {}), (*path, name))
