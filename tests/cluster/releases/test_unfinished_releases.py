"""Releases that stop half-way: by a person's wish, by Ctrl-C, by a dead process, beside another operator."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
from load_meter import Load
from release_world import Running, World, await_true

from opsctl.core.lease import DURATION_S

pytestmark = pytest.mark.cluster


@pytest.fixture
def load(world: World) -> Iterator[Load]:
    """Users, during the whole test; at its end nobody may have noticed anything."""
    with world.load() as load:
        yield load
    load.assert_nobody_noticed()


def test_no_promote_then_promote(world: World, load: Load) -> None:
    old, new = world.status()["active"], world.idle()
    waiting = world.deploy("1.1.0", "--no-promote")
    assert (waiting.exit_code, waiting.data["outcome"], waiting.data["active"]) == (0, "awaiting_promotion", old)
    assert world.status()["phase"] == "awaiting_promotion"
    promoted = world.json("promote")
    assert (promoted.exit_code, promoted.data["outcome"], promoted.data["active"]) == (0, "succeeded", new), promoted


def test_no_promote_then_abort(world: World, load: Load) -> None:
    old, new = world.status()["active"], world.idle()
    waiting = world.deploy("1.2.0", "--no-promote")
    assert waiting.data["outcome"] == "awaiting_promotion", waiting
    refused = world.deploy("1.0.0")
    assert (refused.exit_code, refused.data["error"]["exit_code"]) == (8, 8)
    assert "opsctl promote" in refused.data["error"]["hint"]
    aborted = world.json("abort")
    assert (aborted.exit_code, aborted.data["outcome"], aborted.data["active"]) == (0, "abandoned", old), aborted
    assert world.status()["colors"][new]["desired"] == 0
    assert world.json("promote").exit_code == world.json("abort").exit_code == world.json("resume").exit_code == 2


def test_a_second_operator_is_told_who_holds_the_lock(world: World, load: Load) -> None:
    first = world.start_deploy("1.1.0", misbehave="never_ready")
    await_true(lambda: world.phase() == "warming", "the first operator's release to warm up")
    second = world.json("rollback", home="elsewhere")
    lock = world.status()["lock"]
    first.signal(signal.SIGINT)
    assert first.wait(20).exit_code == 130
    assert second.exit_code == 5, second
    assert f":{first.process.pid} deploys ai-agent-sdk:1.1.0 since " in second.data["error"]["message"]
    assert second.data["error"]["state"] == "Nothing was changed."
    assert lock["holder"].endswith(f":{first.process.pid}")
    assert lock["reason"] == "deploys ai-agent-sdk:1.1.0"
    assert lock["since"] <= lock["renewed"] < lock["expires"] <= time.time() + DURATION_S
    assert world.status()["lock"] is None


def test_ctrl_c_while_warming_then_resume(world: World, load: Load) -> None:
    old, new = world.status()["active"], world.idle()
    running = world.start_deploy("1.2.0")
    await_true(lambda: world.phase() == "warming" and bool(world.pods(new)), "pods of the preview")
    running.signal(signal.SIGINT)
    ended = running.wait(20)
    assert ended.exit_code == 130, ended
    assert ended.data["error"]["hint"].startswith("opsctl resume")
    status = world.status()
    assert (status["active"], status["phase"], status["lock"]) == (old, "warming", None)
    assert "unfinished" in world.opsctl("deploy", "--image", "ai-agent-sdk:1.0.0").stderr
    resumed = world.json("resume", home="elsewhere")
    assert (resumed.exit_code, resumed.data["outcome"], resumed.data["active"]) == (0, "succeeded", new), resumed


def test_ctrl_c_while_baking_then_abort(world: World, load: Load) -> None:
    old, new = world.status()["active"], world.idle()
    running = world.start_deploy("1.1.0")
    await_true(lambda: world.phase() == "baking", "the bake")
    running.signal(signal.SIGTERM)
    ended = running.wait(20)
    assert ended.exit_code == 130, ended
    assert (world.status()["active"], world.status()["phase"]) == (new, "baking")
    aborted = world.json("abort")
    assert (aborted.exit_code, aborted.data["outcome"], aborted.data["active"]) == (0, "rolled_back", old), aborted
    assert aborted.data["reason"] == "aborted by hand"


def test_kill_9_twice_and_each_time_another_computer_goes_on(world: World, load: Load) -> None:
    new = world.idle()
    _kill(world, world.start_deploy("1.2.0"), "gating")
    await_true(lambda: "holder seems gone" in world.opsctl("status").stdout, "the silence to be noticed")
    _kill(world, world.start("resume", home="elsewhere"), "baking")
    resumed = world.json("resume", home="a-third-place")
    assert (resumed.exit_code, resumed.data["outcome"], resumed.data["active"]) == (0, "succeeded", new), resumed
    assert world.status()["lock"] is None


def _kill(world: World, running: Running, phase: str) -> None:
    await_true(lambda: world.phase() == phase, phase)
    running.signal(signal.SIGKILL)
    assert running.wait(5).exit_code == -signal.SIGKILL
