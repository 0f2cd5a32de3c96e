"""Releases that fail before they have traffic: users stay where they were and notice nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from load_meter import Load
from release_world import Ended, World

pytestmark = pytest.mark.cluster


@pytest.fixture
def load(world: World) -> Iterator[Load]:
    """Users, during the whole test; at its end nobody may have noticed anything."""
    with world.load() as load:
        yield load
    load.assert_nobody_noticed()
    assert len(load.report["requests"]["total"]["colors"]) == 1, "traffic moved"


def _abandoned(world: World, ended: Ended, active: str) -> dict[str, object]:
    """What holds after each of them."""
    assert ended.exit_code == 6, ended
    assert (ended.data["outcome"], ended.data["active"]) == ("abandoned", active)
    status = world.status()
    assert (status["active"], status["phase"], status["lock"]) == (active, None, None)
    assert status["colors"][active]["verdict"] == "healthy"
    found: dict[str, object] = ended.data
    return found


def test_an_image_that_does_not_exist(world: World, load: Load) -> None:
    active = world.status()["active"]
    ended = world.deploy("9.9.9")
    found = _abandoned(world, ended, active)
    assert "ai-agent-sdk:9.9.9 cannot be pulled" in str(found["reason"])
    assert ended.seconds < 15, "nothing may wait for an image that is not there"


def test_a_crash_at_start_shows_the_pods_last_words(world: World, load: Load) -> None:
    active = world.status()["active"]
    ended = world.deploy("1.1.0", misbehave="crash_at_start")
    found = _abandoned(world, ended, active)
    assert "crashed" in str(found["reason"])
    assert len(found["evidence"]) <= 3  # type: ignore[arg-type]
    assert any(line.endswith("crash, reason crash_at_start") for line in found["evidence"])  # type: ignore[attr-defined]
    assert ended.seconds < 20


def test_a_wrong_setting_shows_what_the_application_says(world: World, load: Load) -> None:
    active = world.status()["active"]
    ended = world.deploy("1.1.0", misbehave="crash_at_stat")
    found = _abandoned(world, ended, active)
    assert any("crash_at_stat" in line for line in found["evidence"])  # type: ignore[attr-defined]


def test_pods_that_never_get_ready(world: World, load: Load) -> None:
    world.add_environment("hasty", "extends: rehearsal.yaml\nrelease: {warm_deadline: 6}\n")
    active = world.status()["active"]
    ended = world.deploy("1.1.0", "--env", "hasty", misbehave="never_ready")
    found = _abandoned(world, ended, active)
    assert "0 of 2 pods ready after 6 s" in str(found["reason"])


def test_trouble_while_gating(world: World, load: Load) -> None:
    """Ready, as its readiness probe is content, but one of three ports does not do its work."""
    active = world.status()["active"]
    ended = world.deploy("1.1.0", misbehave="break_metrics")
    found = _abandoned(world, ended, active)
    assert "metrics" in str(found["reason"])
