"""How many pods a number of agents needs, and how many connections a database offers.

Sources: `docs/configuration.md`. Figures are planning figures, meant to be safe rather than exact.
"""

from __future__ import annotations

from math import ceil

HEADROOM = 1.4  # sockets a color can hold, per agent: reconnects and one lost pod need room
RESERVED_CONNECTIONS = 30  # superuser, monitoring, migrations, a person looking
USABLE_SHARE = 0.8  # of max_connections; the rest is for failover and the unforeseen

# Memory (GiB) → what max_connections really comes to, below AWS's formula as the system takes its part.
_CONNECTIONS = {2: 205, 4: 413, 8: 856, 16: 1700, 32: 3400, 64: 4750}
_SIZES = {"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16, "12xlarge": 24, "16xlarge": 32}
_GIB_OF_LARGE = {"t": 8, "m": 8, "r": 16}  # memory of the `large` of each family


def pods_for(agents: int, connections: int, zones: int) -> int:
    """Pods a color: 1.4 sockets an agent, and all agents still find room when one of `zones` is lost."""
    survivors = ceil(agents / connections)
    one_zone_lost = zones * ceil(survivors / (zones - 1))
    return max(2, with_headroom(agents, connections), one_zone_lost)


def with_headroom(agents: int, connections: int) -> int:
    """Pods that hold 1.4 sockets an agent. In tenths, as 1.4 * 50 is a little more than 70 in floating point."""
    return -(-agents * round(HEADROOM * 10) // (connections * 10))


def connections_of(instance_class: str) -> int | None:
    """max_connections to plan with for an RDS class such as db.m7g.xlarge; None where this table cannot tell."""
    memory = memory_of(instance_class)
    return _CONNECTIONS[min(memory, 64)] if memory else None


def memory_of(instance_class: str) -> int | None:
    """GiB of an RDS class such as db.m7g.xlarge; None where this table cannot tell."""
    _, family, size = instance_class.split(".", 2) if instance_class.count(".") == 2 else ("", "", "")
    small = {"small": 2, "medium": 4}.get(size) if family.startswith("t") else None
    return small or _GIB_OF_LARGE.get(family[:1], 0) * _SIZES.get(size, 0) or None
