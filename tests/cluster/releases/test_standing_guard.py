"""After a release has succeeded: its guard, a rollback that halts, and the way out where both colors are broken."""

from __future__ import annotations

import json

import pytest
from release_world import World, await_true

pytestmark = pytest.mark.cluster

BACK_WITHIN_S = 8.0


def _tell(world: World, color: str) -> None:
    """Every pod of a color begins to misbehave as it was told to when it is asked to."""
    for pod in world.pods(color):
        if pod["metadata"].get("deletionTimestamp"):
            continue  # of the release before, and gone any moment
        path = f"/api/v1/namespaces/{world.namespace}/pods/{pod['metadata']['name']}:8000/proxy/misbehave"
        world.cluster.kubectl("get", "--raw", path)


def test_a_release_that_turns_bad_after_its_success_is_rolled_back(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    with world.load() as load:
        deployed = world.deploy("1.2.0", misbehave="error_when_told")
        assert deployed.data["outcome"] == "succeeded", deployed
        guard = world.start("guard", "--for", "5m", "--output", "json")
        await_true(lambda: f"release {deployed.data['release']}: 0:" in guard.narration, "the guard looks")
        _tell(world, new)
        ended = guard.wait()
    assert (ended.exit_code, ended.data["active"]) == (6, old), ended
    assert "✗ guard" in ended.stderr
    assert ended.seconds < 30, "sick pods let go as well as others"
    assert load.trouble_seconds() < BACK_WITHIN_S
    assert (load.lost["count"], load.unplanned["count"]) == (0, 0)


def test_where_both_are_broken_rollback_halts_and_recover_helps(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    assert world.deploy("1.1.0", misbehave="error_when_told").data["outcome"] == "succeeded"
    assert world.deploy("1.2.0", misbehave="error_when_told").data["outcome"] == "succeeded"
    for color in (old, new):
        _tell(world, color)
    halted = world.json("rollback")
    assert (halted.exit_code, halted.data["active"]) == (7, old), halted
    assert f"{new} is not healthy" in halted.data["reason"]
    recovered = world.json("rollback", "--recover")
    assert (recovered.exit_code, recovered.data["outcome"], recovered.data["active"]) == (0, "succeeded", new), (
        recovered
    )
    assert json.loads(world.json("status").stdout)["colors"][new]["verdict"] == "healthy"
