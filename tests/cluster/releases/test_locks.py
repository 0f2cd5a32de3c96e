"""Who may release when others want to as well: two operators, a person's lock, a freeze, a newer release."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator

import pytest
from load_meter import Load
from release_world import Running, World, await_true

from opsctl.core.lease import DURATION_S

pytestmark = pytest.mark.cluster

LEASE = "opsctl-ai-agent-sdk"


@pytest.fixture
def load(world: World) -> Iterator[Load]:
    """Users, during the whole test; at its end nobody may have noticed anything."""
    with world.load() as load:
        yield load
    load.assert_nobody_noticed()


def _stuck_deploy(world: World, *words: str) -> Running:
    """One that warms up for ever, seen at work."""
    running = world.start_deploy("1.1.0", *words, misbehave="never_ready")
    await_true(lambda: world.phase() == "warming", "the release to warm up")
    return running


def _stop(running: Running) -> None:
    running.signal(signal.SIGINT)
    assert running.wait(20).exit_code == 130


def _lease(world: World) -> dict[str, object]:
    listed = world.cluster.kubectl("get", "lease", "-n", world.namespace, "-o", "json")
    found = [item for item in json.loads(listed)["items"] if item["metadata"]["name"] == LEASE]
    return found[0] if found else {}


def test_of_two_at_once_one_releases_and_one_is_told(world: World, load: Load) -> None:
    new = world.idle()
    both = [world.start_deploy("1.1.0"), world.start_deploy("1.2.0")]
    ended = [running.wait() for running in both]
    assert sorted(one.exit_code for one in ended) == [0, 5], ended
    told = next(one for one in ended if one.exit_code == 5)
    assert " deploys ai-agent-sdk:1." in told.data["error"]["message"]
    assert "opsctl deploy --wait 10m" in told.data["error"]["hint"]
    assert world.status()["active"] == new


def test_the_second_may_wait_its_turn(world: World, load: Load) -> None:
    old = world.status()["active"]
    first = world.start_deploy("1.1.0")
    await_true(lambda: bool(_lease(world)), "the first to have the lock")
    second = world.start_deploy("1.2.0", "--wait", "3m").wait()
    assert first.wait(1).exit_code == 0
    assert (second.exit_code, second.data["outcome"], second.data["active"]) == (0, "succeeded", old), second
    assert " deploys ai-agent-sdk:1.1.0 since " in second.stderr
    assert re.search(r"wait +1[78]\d s at most", second.stderr)


def test_ctrl_c_while_waiting_changes_nothing(world: World) -> None:
    first = _stuck_deploy(world)
    second = world.start_deploy("1.2.0", "--wait", "3m")
    await_true(lambda: "s at most; Ctrl-C gives up" in second.narration, "the second to wait")
    second.signal(signal.SIGINT)
    ended = second.wait(5)
    assert (ended.exit_code, ended.data["error"]["state"]) == (130, "Nothing was done."), ended
    assert world.status()["lock"]["reason"] == "deploys ai-agent-sdk:1.1.0"
    _stop(first)


def test_a_lock_that_somebody_deletes_is_made_again(world: World, load: Load) -> None:
    new = world.idle()
    running = world.start_deploy("1.2.0")
    await_true(lambda: world.phase() == "warming", "the release to warm up")
    before = _lease(world)
    world.cluster.kubectl("delete", "lease", LEASE, "-n", world.namespace)
    await_true(lambda: bool(_lease(world)), "the lock to be made again", DURATION_S)
    after = _lease(world)
    assert before["metadata"]["uid"] != after["metadata"]["uid"]  # type: ignore[index]
    assert before["spec"]["holderIdentity"] == after["spec"]["holderIdentity"]  # type: ignore[index]
    second = world.json("rollback", home="elsewhere")
    assert second.exit_code == 5, second
    ended = running.wait()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (0, "succeeded", new), ended
    assert world.status()["lock"] is None


def test_who_was_robbed_stops_before_the_next_write(world: World) -> None:
    running = _stuck_deploy(world)
    patch = '{"spec": {"holderIdentity": "eve@pc:7"}}'
    world.cluster.kubectl("patch", "lease", LEASE, "-n", world.namespace, "--type", "merge", "-p", patch)
    running.signal(signal.SIGINT)  # it would write a note about that
    ended = running.wait(20)
    assert ended.exit_code in (5, 130), ended
    assert world.status()["lock"]["holder"] == "eve@pc:7", "it gave back what was not its own"
    assert world.opsctl("lock", "release").exit_code == 0


def test_a_persons_lock(world: World) -> None:
    taken = world.json("lock", "acquire", "--reason", "moving the database", "--for", "10m")
    assert taken.exit_code == 0, taken
    for words in (["deploy", "--image", "ai-agent-sdk:1.2.0"], ["rollback"], ["lock", "acquire", "--reason", "x"]):
        refused = world.json(*words, home="elsewhere")
        assert refused.exit_code == 5, refused
        assert "moving the database" in refused.data["error"]["message"]
        assert refused.data["error"]["hint"].endswith("opsctl lock release")
    status = world.status()
    assert (status["lock"]["reason"], status["phase"]) == ("moving the database", None)
    assert "moving the database" in " ".join(world.opsctl("lock", "show").stdout.split())
    assert world.opsctl("lock", "release").exit_code == 0
    assert world.status()["lock"] is None


def test_a_dead_process_keeps_its_lock_for_five_seconds(world: World) -> None:
    running = _stuck_deploy(world)
    kept = world.json("lock", "release")
    assert kept.exit_code == 5, kept
    running.signal(signal.SIGKILL)
    running.wait(5)
    released = world.json("lock", "release")
    assert (released.exit_code, released.data["released"]["reason"]) == (0, "deploys ai-agent-sdk:1.1.0"), released
    assert released.seconds < DURATION_S + 5
    assert world.status()["lock"] is None


@pytest.fixture
def frozen(world: World) -> Iterator[World]:
    """Two releases were made, so that there is one to go back to; then the environment was frozen."""
    assert world.deploy("1.1.0").exit_code == 0
    frozen = world.json("freeze", "--reason", "the autumn sale", "--until", "1h")
    assert frozen.exit_code == 0, frozen
    yield world
    assert world.opsctl("unfreeze").exit_code == 0


def test_a_freeze_holds_releases_back_and_nothing_else(frozen: World, load: Load) -> None:
    world = frozen
    active, other = world.status()["active"], world.idle()
    refused = world.deploy("1.2.0")
    assert refused.exit_code == 8, refused
    assert "the autumn sale" in refused.data["error"]["message"]
    assert world.status()["freeze"]["reason"] == "the autumn sale"
    back = world.json("rollback")
    assert (back.exit_code, back.data["active"]) == (0, other), back
    assert world.opsctl("unfreeze").exit_code == 0
    assert world.status()["freeze"] is None
    again = world.deploy("1.2.0")
    assert (again.exit_code, again.data["active"]) == (0, active), again


def test_a_newer_release_supersedes_one_at_work(world: World, load: Load) -> None:
    old, new = world.status()["active"], world.idle()
    older = _stuck_deploy(world)
    newer = world.deploy("1.2.0", "--supersede")
    told = older.wait(1)
    assert told.exit_code == 130, told
    assert "deploys ai-agent-sdk:1.2.0" in told.data["error"]["message"]
    assert told.data["error"]["message"].startswith("superseded: ")
    assert told.data["error"]["state"].startswith(f"Users stay on {old}")
    assert (newer.exit_code, newer.data["outcome"], newer.data["active"]) == (0, "succeeded", new), newer
    rows = world.json("history").data[-2:]
    assert [row["outcome"] for row in rows] == ["abandoned", "succeeded"]
    assert rows[0]["reason"].startswith("superseded by ")
    assert world.status()["lock"] is None


def test_a_newer_release_supersedes_a_dead_one(world: World, load: Load) -> None:
    new = world.idle()
    older = _stuck_deploy(world)
    older.signal(signal.SIGKILL)
    older.wait(5)
    newer = world.deploy("1.2.0", "--supersede")
    assert (newer.exit_code, newer.data["outcome"], newer.data["active"]) == (0, "succeeded", new), newer


def test_what_has_moved_traffic_is_not_superseded(world: World, load: Load) -> None:
    new = world.idle()
    older = world.start_deploy("1.1.0")
    await_true(lambda: world.phase() == "baking", "the bake")
    newer = world.deploy("1.2.0", "--supersede")
    assert newer.exit_code == 2, newer
    assert "cannot be superseded any more" in newer.data["error"]["message"]
    ended = older.wait()
    assert (ended.exit_code, ended.data["active"]) == (0, new), ended
