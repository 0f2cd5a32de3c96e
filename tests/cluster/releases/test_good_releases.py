"""Releases that work, users present throughout: nobody may notice anything."""

from __future__ import annotations

import pytest
from release_world import Ended, World

pytestmark = pytest.mark.cluster


def test_the_first_release_goes_to_blue_and_serves(first_release: Ended) -> None:
    assert first_release.exit_code == 0, first_release
    found = first_release.data
    assert {key: found[key] for key in ("outcome", "active", "release")} == {
        "outcome": "succeeded", "active": "blue", "release": 1,
    }  # fmt: skip
    assert found["timings"].keys() == {"warm_s", "gate_s", "cutover_s", "bake_s"}


def test_a_release_moves_users_to_the_idle_color_and_back_by_hand(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    with world.load() as load:
        released = world.deploy("1.1.0", "--color", new)
        back = world.json("rollback")
        forth = world.json("rollback")
    load.assert_nobody_noticed()
    assert [(run.exit_code, run.data["outcome"], run.data["active"]) for run in (released, back, forth)] == [
        (0, "succeeded", new), (0, "succeeded", old), (0, "succeeded", new),
    ]  # fmt: skip
    print(released.data["timings"], back.data["timings"], forth.data["timings"])
