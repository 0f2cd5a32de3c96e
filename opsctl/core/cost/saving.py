"""What a year's commitment would save on what always runs. opsctl recommends and never buys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsctl.core.cost.estimate import Estimate
from opsctl.core.cost.prices import HOURS
from opsctl.core.environment import Environment

_COMPUTE, _DATABASE = 0.27, 0.20  # one year, nothing upfront
_NEW_ENOUGH = ("rds.db.m7", "rds.db.r7", "rds.db.m8", "rds.db.r8", "valkey.")  # what a database plan covers


@dataclass(frozen=True)
class Saving:
    plan: str
    of: str
    usd: float


def savings(found: Estimate, environment: Environment) -> Iterator[Saving]:
    nodes, covered = environment.cluster.nodes, environment.cost.savings_percent / 100
    price = found.book.of(f"ec2.{nodes.instance_types[0]}")
    if price is not None and covered:
        floor = nodes.min * HOURS * price.usd
        of = f"{covered:.0%} of the {nodes.min} nodes that always run"
        yield Saving("compute savings plan", of, floor * covered * _COMPUTE)
    data = sum(line.usd for line in found.lines if line.price.startswith(_NEW_ENOUGH))
    if data:
        yield Saving("database savings plan", "database and cache", data * _DATABASE)
