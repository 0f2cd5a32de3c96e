"""Somebody else's hands in the middle of a release, users present: noticed, named, and users stay served."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from brief_world import BriefWorld
from load_meter import Load
from release_world import Ended, Running, await_true

pytestmark = pytest.mark.cluster

_APP = "ai-agent-sdk"
HALTED = 7


@pytest.fixture(scope="module")
def brief(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BriefWorld]:
    with BriefWorld(cluster, f"tamper-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("brief")) as world:
        world.add_environment("calm", "extends: brief.yaml\nrelease: {bake_seconds: 8}\n")
        yield world


@pytest.fixture
def load(brief: BriefWorld) -> Iterator[Load]:
    """Users, during the whole test; at its end nobody may have noticed anything."""
    with brief.load() as load:
        yield load
    load.assert_nobody_noticed()


def _baking(brief: BriefWorld) -> Running:
    """A release that has the users and whose bake has just begun."""
    words = ("--image", f"{_APP}:1.2.0", "--set", f"RUN={time.time()}", "--output", "json")
    running = brief.start("deploy", *words, OPSCTL_ENV="calm")
    await_true(lambda: brief.phase() == "baking" or running.process.poll() is not None, "the bake")
    return running


def _kubectl(brief: BriefWorld, *words: str) -> None:
    brief.cluster.kubectl(*words, "-n", brief.namespace)


def _served(brief: BriefWorld, ended: Ended, active: str) -> None:
    said = (ended.exit_code, ended.data["outcome"], ended.data["active"])
    assert said == (0, "succeeded", active), str(ended)
    assert brief.selected() == active


def _told(ended: Ended) -> str:
    """The narration, however its lines were folded."""
    return " ".join(ended.stderr.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("scale", "deployment/{old}", "--replicas=0"), "undone: scale"),
        (("delete", "deployment/{old}", "--wait=false"), "undone: restore release"),
    ],
    ids=["scaled to nothing", "deleted"],
)
def test_the_old_color_is_damaged_in_the_bake(brief: BriefWorld, load: Load, words: tuple[str, ...], told: str) -> None:
    """What one would go back to is put back, so that at the end one can go back."""
    old, new = brief.selected(), brief.idle()
    running = _baking(brief)
    _kubectl(brief, *(word.format(old=f"{_APP}-{old}") for word in words))
    ended = running.wait()
    _served(brief, ended, new)
    assert told in _told(ended), ended
    back = brief.json("rollback")
    _served(brief, back, old)


def test_a_pod_of_the_new_color_is_deleted_in_the_bake(brief: BriefWorld, load: Load) -> None:
    """Kubernetes replaces it. A color that lost a pod has not failed; nor is it proved before it is whole again."""
    new = brief.idle()
    running = _baking(brief)
    _kubectl(brief, "delete", "pod", brief.staying_pod(new), "--wait=false")
    _served(brief, running.wait(), new)


def test_the_new_color_is_made_smaller_in_the_bake(brief: BriefWorld, load: Load) -> None:
    new = brief.idle()
    running = _baking(brief)
    _kubectl(brief, "scale", f"deployment/{_APP}-{new}", "--replicas=1")
    ended = running.wait()
    _served(brief, ended, new)
    assert "undone: scale" in _told(ended), ended
    assert brief.status()["colors"][new]["desired"] == 2


def test_the_preview_is_deleted_while_warming(brief: BriefWorld, load: Load) -> None:
    """It has no users: it is installed again, or given up; either way users stay where a healthy color is."""
    old, new = brief.selected(), brief.idle()
    before = {pod["metadata"]["name"] for pod in brief.pods(new)}
    running = brief.start("deploy", "--image", f"{_APP}:1.1.0", "--set", f"RUN={time.time()}", "--output", "json")
    await_true(lambda: any(pod["metadata"]["name"] not in before for pod in brief.pods(new)), "pods of the preview")
    _kubectl(brief, "delete", f"deployment/{_APP}-{new}", "--wait=false")
    ended = running.wait()
    assert ended.data["outcome"] in ("succeeded", "abandoned"), ended
    assert brief.selected() == {"succeeded": new, "abandoned": old}[ended.data["outcome"]]


def test_the_active_service_is_edited_in_the_bake(brief: BriefWorld, load: Load) -> None:
    """Somebody moved the users by hand: opsctl does not fight, stops, says where they are, and can be told to go on."""
    old = brief.selected()
    running = _baking(brief)
    patch = f'{{"spec":{{"selector":{{"opsctl/color":"{old}"}}}}}}'
    _kubectl(brief, "patch", "service", _APP, "--type", "merge", "--patch", patch)
    ended = running.wait()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (HALTED, "halted", old), ended
    assert f"somebody else moved traffic to {old} while baking" in ended.data["reason"]
    assert brief.selected() == old
    status = brief.status()
    assert (status["active"], status["colors"][old]["verdict"], status["lock"]) == (old, "healthy", None)


def test_an_evicted_pod_that_stays_listed_is_in_nobodys_way(brief: BriefWorld, load: Load) -> None:
    """As a full node leaves them: Kubernetes has replaced it. Neither a rollback nor a deploy counts it."""
    old, new = brief.selected(), brief.idle()
    evicted = brief.staying_pod(new)
    _kubectl(brief, "patch", "pod", evicted, "--type", "merge", "--patch", '{"spec":{"activeDeadlineSeconds":1}}')
    await_true(lambda: _phases(brief, new).count("Failed") == 1, "the pod to be over")
    await_true(lambda: brief.status()["colors"][new]["ready"] == 2, "its replacement")
    back = brief.json("rollback")
    _served(brief, back, new)
    again = brief.json("deploy", "--image", f"{_APP}:1.1.0", "--set", f"RUN={time.time()}")
    _served(brief, again, old)
    _kubectl(brief, "delete", "pod", evicted, "--ignore-not-found")


def test_a_deleted_address_of_the_old_color_is_made_again_on_the_way_back(brief: BriefWorld, load: Load) -> None:
    new = brief.idle()
    _kubectl(brief, "delete", "service", f"{_APP}-{new}")
    _served(brief, brief.json("rollback"), new)


def test_the_active_deployment_deleted_leaves_the_warm_color_as_it_is(brief: BriefWorld) -> None:
    """Going back then means the release that still stands, at once; not what was just deleted."""
    active, warm = brief.selected(), brief.idle()
    release = brief.status()["colors"][warm]["release"]
    _kubectl(brief, "delete", f"deployment/{_APP}-{active}")
    back = brief.json("rollback")
    _served(brief, back, warm)
    assert back.data["release"] == release
    assert brief.json("deploy", "--image", f"{_APP}:1.1.0", "--set", f"RUN={time.time()}").exit_code == 0


def test_a_release_that_was_stopped_for_long_waits_for_evidence(brief: BriefWorld, load: Load) -> None:
    """SIGSTOP for far longer than silence_limit, while it bakes: nothing is wrong, and nothing is held against it."""
    new = brief.idle()
    brief.add_environment("hasty", "extends: brief.yaml\nrelease: {bake_seconds: 4, silence_limit: 3}\n")
    words = ("--image", f"{_APP}:1.2.0", "--set", f"RUN={time.time()}", "--output", "json")
    running = brief.start("deploy", *words, OPSCTL_ENV="hasty")
    await_true(lambda: brief.phase() == "baking", "the bake")
    running.signal(signal.SIGSTOP)
    time.sleep(10)  # the pause itself is what is tested
    running.signal(signal.SIGCONT)
    _served(brief, running.wait(), new)


def _phases(brief: BriefWorld, color: str) -> list[str]:
    return [pod["status"]["phase"] for pod in brief.pods(color)]
