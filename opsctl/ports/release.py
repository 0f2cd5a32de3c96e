"""All that a release flow is handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opsctl.ports.access import Freezes, Lock
    from opsctl.ports.audience import Notices, Watching
    from opsctl.ports.cluster import Agents, Changes, Charts, Clock, Cluster, Traffic
    from opsctl.ports.evidence import Load, Prober, Queries
    from opsctl.ports.programs import Guard, Hooks, Migrations
    from opsctl.ports.records import Journal, Settings


@dataclass(frozen=True)
class ReleasePorts:
    """What a release flow is handed."""

    clock: Clock
    cluster: Cluster
    agents: Agents
    traffic: Traffic
    charts: Charts
    prober: Prober
    changes: Changes
    load: Load
    queries: Queries
    journal: Journal
    lock: Lock
    guard: Guard
    migrations: Migrations
    hooks: Hooks
    notices: Notices
    settings: Settings
    freezes: Freezes
    watching: Watching
