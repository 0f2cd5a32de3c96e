"""Worlds in which releases begin."""

from __future__ import annotations

import pytest
from fakes import World
from release_runs import release

from opsctl.core.color import Color


@pytest.fixture
def empty() -> World:
    """Nothing was ever released."""
    return World()


@pytest.fixture
def served(empty: World) -> World:
    """Release 1 (good:1) serves on blue; green is empty."""
    release(empty, "good:1")
    empty.points.clear()
    empty.writes.clear()
    assert empty.active is Color.BLUE
    return empty


@pytest.fixture
def warm(served: World) -> World:
    """Release 2 (good:2) serves on green; release 1 stands by on blue."""
    release(served, "good:2")
    served.points.clear()
    served.writes.clear()
    assert served.active is Color.GREEN
    return served
