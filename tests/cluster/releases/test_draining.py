"""Agents move to a new release, and back, no faster than the budget says, and never to where there is no room."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from load_meter import USUAL, Load
from release_world import World, await_true

from opsctl.core.sockets import places_of
from opsctl.sandbox.node import inside

pytestmark = pytest.mark.cluster

RATES = {"endpoint": 8, "terminate": 4}  # agents a second
BATCH = 8
LATE = 8  # agents that an earlier portion's random pauses may add to a span
PLACES = places_of(100)
_ENVIRONMENT = """\
extends: rehearsal.yaml
release:
  bake_seconds: 2
  drain: {{method: {method}, reconnects_per_second: {rate}, batch: {batch}, quiet_seconds: 1, deadline: 120}}
"""
_HOLD = """
import sys
from websockets.sync.client import connect
held = [connect(f"ws://{address}:8080/ws") for address in sys.argv[2:] for _ in range(int(sys.argv[1]))]
print(len(held), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def budgeted(world: World, request: pytest.FixtureRequest) -> World:
    """Whoever is released here moves by this method, within the budget."""
    text = _ENVIRONMENT.format(method=request.param, rate=RATES[request.param], batch=BATCH)
    world.add_environment("budgeted", text)
    return world


def _deploy(world: World, *words: str) -> Any:
    own = ("--image", "ai-agent-sdk:1.1.0", "--set", f"RUN={time.time()}", "--output", "json")
    return world.start("deploy", *own, *words, OPSCTL_ENV="budgeted")


def _assert_within_budget(load: Load, method: str) -> None:
    """In any second, and in any five: what the rate allows, one portion, and whoever was late."""
    most, rate = load.report["agents"]["most_reconnects"], RATES[method]
    portion = BATCH if method == "endpoint" else load.report["agents"]["most_on_a_pod"]
    print(f"most reconnects {most}, most on a pod {load.report['agents']['most_on_a_pod']}")
    assert most["1_s"] <= rate + portion + LATE, most
    assert most["5_s"] <= 5 * rate + portion + LATE, most
    assert load.report["agents"]["most_on_a_pod"] <= PLACES
    assert load.report["agents"]["closes"].keys() <= {"1001", "1012"}


@pytest.mark.parametrize(("budgeted", "method"), [(m, m) for m in RATES], indirect=["budgeted"])
def test_there_and_back(budgeted: World, method: str) -> None:
    """By `terminate` a pod's agents go together; the next pod waits until the budget has paid for them."""
    with budgeted.load() as load:
        deployed = _deploy(budgeted).wait()
        back = budgeted.json("rollback", OPSCTL_ENV="budgeted")
    load.assert_nobody_noticed()
    assert [run.data["outcome"] for run in (deployed, back)] == ["succeeded"] * 2, (deployed, back)
    _assert_within_budget(load, method)
    assert sum(load.report["agents"]["closes"].values()) == 2 * USUAL.agents
    for run in (deployed, back):
        print(run.data["timings"], run.stderr)
        least = (USUAL.agents - load.report["agents"]["most_on_a_pod"]) / RATES[method]
        assert run.data["timings"]["drain_s"] > least, "the last portion went before the others were paid for"


@pytest.mark.parametrize("budgeted", ["endpoint"], indirect=True)
def test_whoever_has_moved_to_a_bad_release_comes_back_within_the_budget(budgeted: World) -> None:
    old, new = budgeted.status()["active"], budgeted.idle()
    with budgeted.load() as load:
        running = _deploy(budgeted, "--set", "MISBEHAVE=work_error_when_told")
        none = {"agents": USUAL.agents}
        await_true(lambda: (budgeted.status()["drain"] or none)["agents"] < USUAL.agents, "some to move")
        for pod in budgeted.pods(new):
            path = f"/api/v1/namespaces/{budgeted.namespace}/pods/{pod['metadata']['name']}:8000/proxy/misbehave"
            budgeted.cluster.kubectl("get", "--raw", path)
        ended = running.wait()
        load.await_everybody()
    print(ended)
    assert (ended.exit_code, ended.data["active"]) == (6, old), ended
    assert (load.lost["count"], load.unplanned["count"], load.refused["count"]) == (0, 0, 0)
    _assert_within_budget(load, "endpoint")
    assert load.report["agents"]["open_by_color"] == {old: USUAL.agents}
    assert budgeted.status()["colors"][new]["desired"] == 0


@pytest.mark.parametrize("budgeted", ["terminate"], indirect=True)
def test_a_full_color_is_waited_for(budgeted: World) -> None:
    new = budgeted.idle()
    with budgeted.load() as load:
        held = _deploy(budgeted, "--no-promote").wait()
        assert held.data["outcome"] == "awaiting_promotion", held
        with _full(budgeted, new):
            running = budgeted.start("promote", "--output", "json", OPSCTL_ENV="budgeted")
            await_true(lambda: f"{new} has no free places" in running.narration, "the drain to wait")
            assert budgeted.status()["drain"]["agents"] == USUAL.agents
        ended = running.wait()
        load.await_everybody()
    load.assert_nobody_noticed()
    assert ended.data["outcome"] == "succeeded", ended
    assert load.report["agents"]["open_by_color"] == {new: USUAL.agents}
    assert load.report["agents"]["most_on_a_pod"] <= PLACES


@contextmanager
def _full(world: World, color: str) -> Iterator[None]:
    """Somebody else holds every place of a color."""
    addresses = [pod["status"]["podIP"] for pod in world.pods(color)]
    argv = inside(world.cluster.state.init_pid, [sys.executable, "-c", _HOLD, str(PLACES), *addresses])
    holder = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline().strip() == str(PLACES * len(addresses))
        yield
    finally:
        holder.kill()
        holder.wait()
