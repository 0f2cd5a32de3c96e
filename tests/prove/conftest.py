"""A simulated world where something serves."""

from __future__ import annotations

import pytest
from fakes import World
from release_runs import release


@pytest.fixture
def served() -> World:
    """Release 1 serves on blue; green is empty."""
    world = World()
    release(world, "good:1")
    return world
