"""A release outlives its operator: opsctl is killed under load, and the guard in the cluster goes on for it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from release_world import Ended, Running, World, await_true

pytestmark = pytest.mark.cluster

GUARDED = "guarded"
BACK_WITHIN_S = 10.0  # from kill -9 right after cutover until users are where they were
FINISHED_WITHIN_S = 60.0


@pytest.fixture
def guarded(world: World) -> Iterator[World]:
    world.add_environment(GUARDED, "extends: rehearsal.yaml\nrelease: {guard: in_cluster}\n")
    yield world
    await_true(lambda: not guards(world), "the guard to be gone", 30)


def guards(world: World) -> list[dict[str, Any]]:
    """Pods of guards that are not on their way out."""
    found = world._list("pods", "app.kubernetes.io/name=ai-agent-sdk-guard")
    return [
        pod for pod in found if "deletionTimestamp" not in pod["metadata"] and pod["status"]["phase"] != "Succeeded"
    ]


def deploy(world: World, version: str, misbehave: str = "", **release: Any) -> Running:
    if release:
        keys = ", ".join(f"{key}: {value}" for key, value in release.items())
        world.add_environment(GUARDED, f"extends: rehearsal.yaml\nrelease: {{guard: in_cluster, {keys}}}\n")
    words = ["--image", f"ai-agent-sdk:{version}", "--set", f"RUN=guarded-{time.time()}"]
    words += ["--set", f"MISBEHAVE={misbehave}"] if misbehave else []
    return world.start("deploy", *words, "--output", "json", OPSCTL_ENV=GUARDED)


def kill_after_cutover(world: World, running: Running) -> float:
    """When opsctl was killed."""
    await_true(lambda: baking(world), "the bake")
    running.signal(signal.SIGKILL)
    assert running.wait(5).exit_code == -signal.SIGKILL
    return time.time()


def record(world: World) -> dict[str, Any]:
    items = world._list("configmaps", "opsctl/record=rollout")
    return max((json.loads(item["data"]["rollout.json"]) for item in items), key=lambda found: found["id"])


def baking(world: World) -> bool:
    found = record(world)
    return found["outcome"] is None and found["phase"] == "baking"


def guard_log(world: World) -> str:
    selector = "app.kubernetes.io/name=ai-agent-sdk-guard"
    return str(world.cluster.kubectl("logs", "-n", world.namespace, "--selector", selector, "--tail", "100"))


def ended_by_the_guard(world: World, outcome: str) -> dict[str, Any]:
    try:
        await_true(lambda: record(world)["outcome"] is not None, "the guard to end the release", FINISHED_WITHIN_S)
    finally:
        print(guard_log(world))
    found = record(world)
    print(json.dumps({key: found[key] for key in ("outcome", "why", "taken_over_by", "timings", "entries")}, indent=1))
    assert found["outcome"] == outcome, found
    assert found["taken_over_by"].startswith("guard@ai-agent-sdk-guard-")
    return found


def took(found: dict[str, Any], what: str) -> float:
    return float(next(at for at, entry, _ in found["entries"] if entry == what))


def test_a_bad_release_goes_back_though_its_operator_is_dead(guarded: World) -> None:
    old, new = guarded.status()["active"], guarded.idle()
    with guarded.load() as load:
        running = deploy(guarded, "1.2.0", "error_after_traffic=1", bake_seconds=60)
        killed = kill_after_cutover(guarded, running)
        found = ended_by_the_guard(guarded, "rolled_back")
        time.sleep(1.0)  # some more users, all of whom have to be where they were before
    back = took(found, f"done switch {new} to {old}") - killed
    print(f"back {back:.1f} s after kill -9; trouble for {load.trouble_seconds():.1f} s")
    assert load.bad["count"] > 0, "the fault never reached a user, so nothing was proved"
    assert load.bad["last"] - killed < BACK_WITHIN_S
    # Six seconds of 500s, about when the guard acts, and Kubernetes takes the pods out itself: then nobody answers.
    assert load.lost["by"].keys() <= {"refused"}, load.lost
    assert load.unplanned["count"] == 0, load.unplanned
    await_true(lambda: guarded.status()["guard"] is None, "the guard to end, having done its work", 10)
    status = guarded.status()
    assert (status["active"], status["phase"], status["lock"]) == (old, None, None)
    assert "guard@" in guarded.opsctl("history").stdout
    told = guarded.json("report").data
    decisions = [decided["decision"] for decided in told["decisions"]]
    assert decisions[0] == "go on to gating", "what the dead operator saw is kept"
    assert "go on to rolling_back" in decisions, "and so is what its guard saw"


def test_a_good_release_is_finished(guarded: World) -> None:
    new = guarded.idle()
    with guarded.load() as load:
        kill_after_cutover(guarded, deploy(guarded, "1.1.0", bake_seconds=8))
        status = guarded.status()
        assert status["guard"]["ready"] is True
        ended_by_the_guard(guarded, "succeeded")
    load.assert_nobody_noticed()
    assert guarded.status()["active"] == new


def test_nothing_is_done_while_the_operator_lives(guarded: World) -> None:
    new = guarded.idle()
    running = deploy(guarded, "1.2.0", bake_seconds=5)
    await_true(lambda: bool(guards(guarded)), "the guard to start")
    ended = running.wait()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (0, "succeeded", new), ended
    assert record(guarded)["taken_over_by"] == ""
    assert record(guarded)["unguarded"] == ""


def test_an_interrupted_release_that_turns_bad_goes_back(guarded: World) -> None:
    """As where a CI job is cancelled: it gives its lock back, and leaves the release open."""
    old = guarded.status()["active"]
    with guarded.load() as load:
        running = deploy(guarded, "1.1.0", "error_after_traffic=4", bake_seconds=60)
        await_true(lambda: baking(guarded), "the bake")
        running.signal(signal.SIGTERM)
        assert running.wait(20).exit_code == 130
        ended_by_the_guard(guarded, "rolled_back")
    assert load.trouble_seconds() < BACK_WITHIN_S
    assert guarded.status()["active"] == old


def test_a_guard_that_cannot_run_is_said_and_the_release_goes_on(guarded: World) -> None:
    new = guarded.idle()
    ended: Ended = deploy(guarded, "1.2.0", bake_seconds=2, guard_image="opsctl:none").wait()
    assert (ended.exit_code, ended.data["active"]) == (0, new), ended
    assert "image opsctl:none cannot be pulled" in " ".join(ended.stderr.split())
    assert "opsctl resume" in ended.stderr


def test_a_guard_that_is_deleted_comes_back(guarded: World) -> None:
    new = guarded.idle()
    kill_after_cutover(guarded, deploy(guarded, "1.1.0", bake_seconds=30))
    (first,) = guards(guarded)
    guarded.cluster.kubectl("delete", "pod", first["metadata"]["name"], "-n", guarded.namespace, "--wait=false")
    ended_by_the_guard(guarded, "succeeded")
    assert guarded.status()["active"] == new
    assert record(guarded)["taken_over_by"] != f"guard@{first['metadata']['name']}"


def test_it_may_do_what_it_must_and_nothing_else(guarded: World) -> None:
    """Asked of the real cluster, about the guard's service account."""

    def may(verb: str, resource: str, name: str = "", group: str = "") -> bool:
        where = {"namespace": guarded.namespace, "verb": verb, "group": group, "resource": resource, "name": name}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": f"system:serviceaccount:{guarded.namespace}:ai-agent-sdk-guard",
                "resourceAttributes": where,
            },
        }
        said = guarded.cluster.kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(review))
        return bool(json.loads(said)["status"]["allowed"])

    running = deploy(guarded, "1.2.0", bake_seconds=5)
    await_true(lambda: bool(guards(guarded)), "the guard to start")
    own_record = f"opsctl-ai-agent-sdk-rollout-{record(guarded)['id']}"
    app, lease = "ai-agent-sdk", "opsctl-ai-agent-sdk"
    own = [("patch", "services", app), ("patch", "deployments", f"{app}-blue", "apps"), ("list", "pods"),
           ("update", "leases", lease, "coordination.k8s.io"), ("update", "configmaps", own_record)]  # fmt: skip
    other = [("get", "secrets", "x"), ("list", "secrets"), ("create", "pods"), ("patch", "services", "x"),
             ("patch", "deployments", "x", "apps"), ("delete", "deployments", f"{app}-blue", "apps"),
             ("list", "configmaps"), ("update", "configmaps", "x"), ("delete", "configmaps", own_record),
             ("update", "leases", "x", "coordination.k8s.io"), ("create", "jobs", "", "batch"),
             ("create", "roles", "", "rbac.authorization.k8s.io"), ("list", "nodes")]  # fmt: skip
    assert [words for words in own if not may(*words)] == []
    assert [words for words in other if may(*words)] == []
    assert running.wait().exit_code == 0
