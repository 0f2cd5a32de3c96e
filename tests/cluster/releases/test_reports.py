"""What is told of a real release that failed: real samples of both colors, in figures that add up."""

from __future__ import annotations

from typing import Any

import pytest
from release_world import World, await_true

pytestmark = pytest.mark.cluster


def _lanes(found: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {(lane["source"], lane["color"]): lane for lane in found["samples"]["lanes"]}


def _failed_release(world: World) -> dict[str, Any]:
    with world.load():
        ended = world.deploy("1.2.0", misbehave="error_after_traffic=2")
    assert ended.data["outcome"] == "rolled_back", ended
    reported = world.opsctl(*ended.data["report"].split()[1:], "-o", "json", "--file", str(world.folder / "r.html"))
    assert reported.exit_code == 0, reported
    return {"ended": ended.data, **reported.data}


def test_a_release_that_failed_is_told_with_samples_of_both_colors(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    found = _failed_release(world)
    lanes = _lanes(found)
    print({key: (lane["asked"], lane["failed"], lane["unknown"]) for key, lane in lanes.items()})

    for lane in lanes.values():
        assert sum(point["asked"] for point in lane["points"]) == lane["asked"]
        assert sum(phase["failed"] for phase in lane["phases"]) == lane["failed"]
    for service in ("api", "websocket", "metrics"):
        assert lanes[service, old]["asked"] > 0 == lanes[service, old]["failed"]
        assert 0 < lanes[service, new]["median_ms"] <= lanes[service, new]["worst_ms"]
    assert 0 < lanes["api", new]["failed"] < lanes["api", new]["asked"]
    assert lanes["front door", old]["asked"] > 10
    assert lanes["front door", new]["failed"] > 0
    assert lanes["users", old]["asked"] > 0 == lanes["users", old]["failed"]
    assert lanes["users", new]["asked"] > 0, "how many failed by its own count depends on when it was asked last"
    assert max(point["sockets"] or 0 for point in lanes["metrics", old]["points"]) > 0

    assert (found["reason"], found["timings"]) == (found["ended"]["reason"], found["ended"]["timings"])
    assert [move["to"] for move in found["moves"]] == [new, old]
    assert found["settings"] == sorted({*found["settings"], "MISBEHAVE"})
    assert "<svg" in (world.folder / "r.html").read_text()


def test_samples_go_with_their_record(world: World) -> None:
    world.deploy("1.3.0", misbehave="crash_at_start")
    number = world.json("history").data[-1]["id"]
    record = f"opsctl-ai-agent-sdk-rollout-{number}"

    def stored() -> list[str]:
        listed = world.cluster.kubectl("get", "configmaps", "-n", world.namespace, "-o", "name").split()
        return [name for name in listed if name.startswith(f"configmap/{record}")]

    assert len(stored()) == 2
    world.cluster.kubectl("delete", "configmap", record, "-n", world.namespace)
    await_true(lambda: stored() == [], "Kubernetes to collect the samples")
