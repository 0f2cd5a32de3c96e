"""Releases that work, users present throughout: nobody may notice anything."""

from __future__ import annotations

import pytest
from release_world import Ended, World

pytestmark = pytest.mark.cluster


def _summary(ended: Ended) -> tuple[int, str, str]:
    return ended.exit_code, ended.data["outcome"], ended.data["active"]


def test_the_first_release_goes_to_blue_and_serves(first_release: Ended) -> None:
    assert first_release.exit_code == 0, first_release
    found = first_release.data
    assert (found["outcome"], found["active"], found["release"]) == ("succeeded", "blue", 1)
    assert found["timings"].keys() == {"warm_s", "gate_s", "cutover_s", "bake_s"}


def test_another_release_into_the_active_color_is_refused(world: World) -> None:
    before = world.status()
    active, idle = before["active"], world.idle()
    refused = world.deploy("1.2.0", "--color", active)
    assert refused.exit_code == 2, refused
    assert f"--color {idle}" in refused.data["error"]["hint"]
    assert refused.data["error"]["state"] == "Nothing was changed."
    assert world.status()["release"] == before["release"]


def test_users_move_to_a_new_release_back_by_hand_and_forth(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    words = ("deploy", "--image", "ai-agent-sdk:1.1.0", "--set", "LEVEL=info")
    with world.load() as load:
        released = world.json(*words, "--color", new)
        ready = world.status()["rollback"]
        back = world.json("rollback")
        forth = world.json("rollback")
        again = [world.json(*words), world.json(*words, "--color", old), world.json(*words, "--color", new)]
    load.assert_nobody_noticed()
    assert [_summary(run) for run in (released, back, forth)] == [
        (0, "succeeded", new), (0, "succeeded", old), (0, "succeeded", new),
    ], [released, back, forth]  # fmt: skip
    assert (ready["ready"], ready["to"]["color"]) == (True, old)
    assert ready["seconds"] <= 3
    assert [_summary(run) for run in again] == [(0, "unchanged", new)] * 3, again
    assert load.stays() == [old, new, old, new], "users were sent to and fro"
    for run in (released, back, forth):
        assert run.data["timings"]["cutover_s"] < 1.0, run.data["timings"]
        assert _phases(run) > 0.8 * (run.data["ended_at"] - run.data["started_at"]), run.data
        assert run.seconds - (run.data["ended_at"] - run.data["started_at"]) < 8, run


def _phases(ended: Ended) -> float:
    return sum(ended.data["timings"].values())
