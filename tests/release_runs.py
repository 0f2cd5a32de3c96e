"""Starting releases in a simulated cluster, and looking at how they ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fakes import POLICY, World

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.release import Rollout, from_record
from opsctl.core.sizes import AGENT
from opsctl.flows.deploy import deploy
from opsctl.flows.planning import Wanted


def wanted(image: str, **other: Any) -> Wanted:
    return Wanted(**{"image": image, "settings": {}, "sizes": {AGENT: 2}, "by": "ana@build-7", **other})


def release(world: World, image: str, policy: Policy = POLICY, **other: Any) -> Rollout:
    """Deploy, as a process of its own."""
    return deploy(wanted(image, **other), world.ports(), policy)


def last_record(world: World) -> Rollout:
    return from_record(json.loads(world.records[max(world.records)][1]))


def sizes(world: World) -> dict[Color, int]:
    return {color: deployment.replicas for color, deployment in world.deployments.items()}


def once(at: str, act: Callable[[], object]) -> Callable[[str], None]:
    """For `World.at_point`: do something the first time that a call is passed."""
    done: list[str] = []

    def passed(point: str) -> None:
        if point == at and not done:
            done.append(point)
            act()

    return passed
