"""Before anything is done: a dry run that writes nothing, and a color that the cluster would not let in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fault_proxy import FaultProxy
from release_world import World, await_true

from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig

pytestmark = pytest.mark.cluster

QUOTA = "tight"
NEW = ("--image", "ai-agent-sdk:1.1.0", "--set", "LEVEL=debug")


@pytest.fixture
def overheard(world: World) -> Iterator[FaultProxy]:
    """A way to the API that remembers what was asked of it."""
    state = world.cluster.state
    with FaultProxy(connect_by_kubeconfig(world.cluster.kubeconfig, state.context)) as proxy:
        kubeconfig = proxy.kubeconfig(world.folder / "overheard.json")
        text = f'extends: rehearsal.yaml\nkubernetes: {{kubeconfig: "{kubeconfig}", context: sandbox}}\n'
        world.add_environment("overheard", text)
        yield proxy


@pytest.fixture
def tight(world: World) -> Iterator[World]:
    """A quota that leaves room for one more pod, once Kubernetes has counted."""
    own = ("-n", world.namespace)
    world.cluster.kubectl("create", "quota", QUOTA, f"--hard=pods={len(world.pods('blue')) + 1}", *own)

    def counted() -> bool:
        found = json.loads(world.cluster.kubectl("get", "quota", QUOTA, *own, "-o", "json"))
        return "pods" in found.get("status", {}).get("used", {})

    await_true(counted, "the quota to be counted")
    yield world
    world.cluster.kubectl("delete", "quota", QUOTA, *own)


def test_a_dry_run_asks_and_writes_nothing(world: World, overheard: FaultProxy) -> None:
    ended = world.json("deploy", *NEW, "--dry-run", OPSCTL_ENV="overheard")
    assert ended.exit_code == 0, ended
    assert (ended.data["color"], ended.data["settings_changed"], ended.data["refused"]) == (
        "green",
        ["LEVEL", "RUN"],
        [],
    )
    assert ended.data["findings"][0]["level"] == "ok", ended.data
    assert {call.partition(" ")[0] for call in overheard.calls} == {"GET"}, overheard.calls
    assert any(call.startswith("GET /api/v1/nodes") for call in overheard.calls), "nobody looked for room"
    assert len(world.json("history").data) == 1


def test_what_no_quota_lets_in_is_refused_beforehand(tight: World) -> None:
    dry = tight.json("deploy", *NEW, "--dry-run")
    refused = tight.json("deploy", *NEW)
    assert (dry.exit_code, refused.exit_code) == (8, 8), (dry, refused)
    words = f"quota {QUOTA} leaves room for 1 more pods, 2 needed"
    assert dry.data["refused"] == [words]
    assert words in refused.data["error"]["message"]
    status = tight.status()
    assert (status["active"], status["phase"], status["lock"]) == ("blue", None, None)
    assert status["colors"]["green"]["release"] is None


def test_a_release_says_that_both_colors_fit(world: World) -> None:
    ended = world.opsctl("deploy", *NEW)
    assert ended.exit_code == 0, ended
    assert "✓ pre-flight  room for " in ended.stderr, ended
