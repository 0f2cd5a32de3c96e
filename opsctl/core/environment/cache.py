"""The cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT

Eviction = Literal[
    "volatile-lru",
    "volatile-lfu",
    "volatile-ttl",
    "volatile-random",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "noeviction",
]


@dataclass(frozen=True)
class Cache:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    enabled: bool = True
    """Whether there is a cache at all; without one the containers are told of none."""
    engine: Literal["valkey", "redis"] = "valkey"
    """Both speak Redis' protocol; Valkey is a fifth cheaper and goes on getting versions."""
    engine_version: Literal["7.1", "7.2", "8.0", "8.1", "8.2"] = "8.2"
    """7.1 is Redis', the others are Valkey's; patches follow automatically."""
    node_type: Annotated[str, Predicate(formats.cache_type)] = "cache.m7g.large"
    """ElastiCache node type; three quarters of its memory hold data, 4.8 GiB of 6.4 by default."""
    replicas: Annotated[int, Ge(0), Le(5)] = 2
    """Nodes beside the primary, each in another zone; one of them takes over when it fails."""
    snapshot_days: Annotated[int, Ge(0), Le(35)] = 7
    """How long daily snapshots are kept, days; 0 makes none."""
    maxmemory_policy: Eviction = "volatile-lru"
    """What goes when memory is full: by default only keys with an expiry, as sessions and counters may have none."""
