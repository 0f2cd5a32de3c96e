"""What an operator sees of releases: status, history and logs, in 80 columns, without a terminal."""

from __future__ import annotations

import pytest
from release_world import Ended, World

pytestmark = pytest.mark.cluster

COLUMNS = 80


@pytest.fixture(scope="module")
def failed_release(new_world: World, first_release: Ended) -> Ended:
    """As text: a second release whose pods crash at once, so that there is something to read."""
    words = ("--image", "ai-agent-sdk:1.1.0", "--set", "MISBEHAVE=crash_at_start")
    return new_world.opsctl("deploy", *words)


def _fits(text: str) -> None:
    assert not [line for line in text.splitlines() if len(line) > COLUMNS], text
    assert "\x1b" not in text, "no terminal, so no colour"


def test_a_failed_deploy_says_what_why_and_what_next(failed_release: Ended) -> None:
    assert failed_release.exit_code == 6, failed_release
    said = failed_release.stdout.splitlines()
    assert said[0].startswith("Release 2 failed before it had traffic")
    assert "Users are on blue." in failed_release.stdout
    assert [line.split()[0] for line in said if line.startswith("  ") and line[2] != " "][:2] == ["why", "pod"]
    assert "crash, reason crash_at_start" in failed_release.stdout
    assert said[-1].startswith("  next ")
    _fits(failed_release.stdout)
    _fits(failed_release.stderr)


def test_status_has_the_shape_that_scripts_rely_on(world: World, failed_release: Ended) -> None:
    found = world.status()
    assert found.keys() >= {
        "environment", "active", "phase", "release", "colors", "traffic", "rollback", "lock", "services",
    }  # fmt: skip
    assert (found["environment"], found["active"], found["phase"], found["lock"]) == ("rehearsal", "blue", None, None)
    assert found["release"].keys() >= {"id", "image", "color", "started_at", "outcome"}
    assert (found["release"]["id"], found["release"]["outcome"]) == (2, "abandoned")
    for color in found["colors"].values():
        assert color.keys() >= {"release", "image", "desired", "ready", "restarts", "serving", "verdict"}
    blue, green = found["colors"]["blue"], found["colors"]["green"]
    assert (blue["release"], blue["desired"], blue["ready"], blue["serving"], blue["verdict"]) == (
        1, 2, 2, True, "healthy",
    )  # fmt: skip
    assert (green["release"], green["desired"], green["serving"]) == (2, 0, False)
    assert found["traffic"] == [{"router": "service", "active": "blue", "blue": 100, "green": 0, "agrees": True}]
    assert found["rollback"].keys() == {"ready", "to", "seconds", "why"}
    assert found["rollback"]["ready"] is False
    assert {name: service["verdict"] for name, service in found["services"].items()} == dict.fromkeys(
        ("api", "websocket", "metrics"), "healthy"
    )


def test_status_history_and_logs_fit_80_columns(world: World, failed_release: Ended) -> None:
    status = world.opsctl("status")
    assert status.exit_code == 0, status
    assert "▶ blue   1        2/2    0         ok   ok         ok" in status.stdout
    _fits(status.stdout)
    history = world.opsctl("history")
    assert [line.split()[6] for line in history.stdout.splitlines() if line[:4].strip().isdigit()] == [
        "succeeded", "abandoned",
    ]  # fmt: skip
    _fits(history.stdout)


def test_logs_come_with_their_pod_and_outlive_a_stopped_color(world: World, failed_release: Ended) -> None:
    living = world.opsctl("logs", "--tail", "5")
    names = {pod["metadata"]["name"] for pod in world.pods("blue")}
    assert living.exit_code == 0, living
    assert {line.split("/")[1] for line in living.stdout.splitlines()} == names
    gone = world.opsctl("logs", "--color", "green")
    assert gone.exit_code == 0, gone
    assert "crash, reason crash_at_start" in gone.stdout
    assert "green has no pods" in gone.stderr


def test_json_history_lists_every_rollout(world: World, failed_release: Ended) -> None:
    rows = world.json("history").data
    assert [(row["id"], row["kind"], row["color"], row["outcome"]) for row in rows] == [
        (1, "deploy", "blue", "succeeded"), (2, "deploy", "green", "abandoned"),
    ]  # fmt: skip


def test_nothing_to_go_back_to_is_said(world: World, failed_release: Ended) -> None:
    ended = world.opsctl("rollback")
    assert ended.exit_code == 2, ended
    assert "no earlier release" in ended.stderr
    missing = world.opsctl("rollback", "--to", "77")
    assert (missing.exit_code, "no release 77 that served users is on record" in missing.stderr) == (2, True)


@pytest.mark.parametrize("command", ["status", "deploy", "rollback", "history", "logs"])
def test_without_a_cluster_one_sentence_says_so(world: World, command: str) -> None:
    """A kubeconfig that points nowhere: nothing listens at port 9 of this computer."""
    text = world.cluster.kubeconfig.read_text().replace(world.cluster.state.address, "127.0.0.1").replace(":6443", ":9")
    (world.folder / "nowhere").write_text(text)
    settings = f"extends: rehearsal.yaml\nkubernetes: {{kubeconfig: {world.folder / 'nowhere'}}}\n"
    world.add_environment("nowhere", settings)
    ended = world.opsctl(command, OPSCTL_ENV="nowhere")
    assert ended.exit_code == 1, ended
    assert "no answer from the cluster at https://127.0.0.1:9" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.seconds < 20


def test_without_a_kubeconfig_one_sentence_says_so(world: World) -> None:
    world.add_environment("nofile", "extends: rehearsal.yaml\nkubernetes: {kubeconfig: nowhere-at-all}\n")
    ended = world.opsctl("status", OPSCTL_ENV="nofile")
    assert ended.exit_code == 1, ended
    assert "no way to the cluster" in ended.stderr
    assert "Traceback" not in ended.stderr
