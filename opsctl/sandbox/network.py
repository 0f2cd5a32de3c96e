"""The one thing that a sandbox adds to the host's network: a veth pair with a /30 of its own.

Addresses come from 198.18.0.0/15, which is set aside for test benches and so meets neither an office's nor a cloud's.
The folder's key picks the place, so a sandbox keeps its address; a place that is taken is passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from pathlib import Path

from opsctl.errors import OpsError
from opsctl.sandbox import process

POOL = IPv4Network("198.18.0.0/15")
_PLACES = 2 ** (30 - POOL.prefixlen)
_TRIES = 64


@dataclass(frozen=True)
class Link:
    """The veth pair: `host` and `node` are the two addresses of one /30."""

    interface: str
    host: str
    node: str


def link(interface: str, key: str, taken: list[IPv4Network]) -> Link:
    """The first free /30 from the place that `key` (hex digits) picks. Raises OpsError when none is free."""
    first = int(key, 16)
    for step in range(_TRIES):
        base = POOL.network_address + 4 * ((first + step) % _PLACES)
        if not any(net.overlaps(IPv4Network((base, 30))) for net in taken):
            return around(interface, str(base + 2))
    raise OpsError(
        f"no free addresses for the sandbox: {_TRIES} networks in {POOL} are in use",
        hint="ip route shows by what; opsctl sandbox down stops sandboxes that are not needed",
    )


def around(interface: str, node: str) -> Link:
    """The link whose inner end has the address `node`."""
    return Link(interface, str(IPv4Address(node) - 1), node)


def taken(without: str) -> list[IPv4Network]:
    """Networks that this host has routes to, those of the interface `without` left out. Default routes do not count."""
    routes = json.loads(process.run(["ip", "-j", "-4", "route", "show", "table", "all"]))
    found = [
        IPv4Network(route["dst"], strict=False)
        for route in routes
        if route["dst"] != "default" and route.get("dev") != without
    ]
    return list(collapse_addresses(net for net in found if net.prefixlen > 4))


def exists(interface: str) -> bool:
    return Path("/sys/class/net", interface).exists()


def attach(link: Link, pid: int) -> None:
    """Join host and node by the veth pair. `pid` is the node's first process; its end of the pair is called node0."""
    if not exists(link.interface):
        pair = ["ip", "link", "add", link.interface, "type", "veth", "peer", "name", "node0", "netns", str(pid)]
        process.run(pair)
    process.run(["ip", "addr", "replace", f"{link.host}/30", "dev", link.interface])
    process.run(["ip", "link", "set", link.interface, "up"])


def detach(interface: str) -> None:
    """Remove the pair. It goes by itself, a moment after the node's namespace; this does not wait for that."""
    if exists(interface):
        try:
            process.run(["ip", "link", "delete", interface])
        except OpsError:
            if exists(interface):  # else it went by itself between the two lines above
                raise
