"""What is seen and what is not believed: failures that no health check shows, of one pod only, and of a moment.

Three pods a color and a long bake: partial trouble may take fifteen seconds to be sure of.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from load_meter import Load
from release_world import Ended, Running, World, await_true

pytestmark = pytest.mark.cluster

PARTIAL_WITHIN_S = 15.0
WHOLE_WITHIN_S = 3.0
_PATIENT = "extends: rehearsal.yaml\nworkload: {replicas: 3}\nrelease: {bake_seconds: 20}\n"
_LOADED = "extends: patient.yaml\nrelease: {gate_seconds: 5, gate_load: 50, gate_load_path: /work}\n"


@pytest.fixture
def patient(world: World) -> World:
    world.add_environment("patient", _PATIENT)
    world.add_environment("loaded", _LOADED)
    return world


def deploy(world: World, fault: str, environment: str = "patient") -> Running:
    words = ["--image", "ai-agent-sdk:1.2.0", "--set", f"MISBEHAVE={fault}", "--set", f"RUN={time.time()}"]
    return world.start("deploy", *words, "--output", "json", OPSCTL_ENV=environment)


def rolled_back(ended: Ended, load: Load, old: str, within: float) -> str:
    """The reason, after checking that users are where they were, and how long they met errors."""
    print(f"errors for {load.trouble_seconds():.2f} s: {ended.data['reason']}")
    assert ended.exit_code == 6, ended
    assert ended.data["active"] == old
    assert load.bad["count"] > 0, "the fault never reached a user, so nothing was proved"
    assert load.trouble_seconds() <= within
    assert load.unplanned["count"] == 0
    return str(ended.data["reason"])


def tell_one_pod(world: World, color: str, words: str = "") -> str:
    """Tell one pod of a color to misbehave, as soon as the color has users for a second; the pod's name."""
    selector = ["get", "service", "ai-agent-sdk", "-n", world.namespace, "-o", "jsonpath={.spec.selector.opsctl/color}"]
    await_true(lambda: world.cluster.kubectl(*selector) == color, "the cutover")
    time.sleep(1.0)
    name = world.staying_pod(color)
    path = f"/api/v1/namespaces/{world.namespace}/pods/http:{name}:8000/proxy/misbehave{words}"
    assert json.loads(world.cluster.kubectl("get", "--raw", path))["pod"] == name
    return name


def test_one_answer_of_twenty_fails_and_every_health_check_is_fine(patient: World) -> None:
    old = patient.status()["active"]
    with patient.load() as load:
        ended = deploy(patient, "some_work_error_after_traffic=1").wait()
    reason = rolled_back(ended, load, old, PARTIAL_WITHIN_S)
    assert "requests: " in reason
    assert "by /metrics" in reason


def test_every_answer_fails_and_every_health_check_is_fine(patient: World) -> None:
    old = patient.status()["active"]
    with patient.load() as load:
        ended = deploy(patient, "work_error_after_traffic=1").wait()
    assert "by /metrics" in rolled_back(ended, load, old, WHOLE_WITHIN_S)


def test_one_pod_of_three_fails(patient: World) -> None:
    old, new = patient.status()["active"], patient.idle()
    with patient.load() as load:
        running = deploy(patient, "error_when_told")
        tell_one_pod(patient, new)
        ended = running.wait()
    reason = rolled_back(ended, load, old, PARTIAL_WITHIN_S)
    assert "HTTP 500 on 1 of 3 pods" in reason or "by /metrics" in reason


def test_a_moment_of_one_pod_rolls_nothing_back(patient: World) -> None:
    """No user is there: it is about probes, which see the pod fail for half a second again and again."""
    new = patient.idle()
    running = deploy(patient, "error_when_told")
    for _ in range(3):
        tell_one_pod(patient, new, "?for=0.5")
    ended = running.wait()
    assert ended.exit_code == 0, ended.data["reason"]
    assert ended.data["active"] == new


def test_load_in_the_gate_finds_what_health_checks_do_not(patient: World) -> None:
    old = patient.status()["active"]
    with patient.load() as load:
        ended = deploy(patient, "some_work_error_after=0", environment="loaded").wait()
    assert ended.exit_code == 6, ended
    assert (ended.data["outcome"], ended.data["active"]) == ("abandoned", old)
    assert "by the gate's load" in ended.data["reason"]
    load.assert_nobody_noticed()


@pytest.fixture
def busy() -> Iterator[None]:
    """Nobody rests while a release is judged: a thread of this process that only computes."""
    over = threading.Event()

    def burn() -> None:
        while not over.is_set():
            sum(range(10_000))

    burner = threading.Thread(target=burn, daemon=True)
    burner.start()
    yield
    over.set()
    burner.join()


def test_a_good_release_on_a_busy_computer_stays(patient: World, busy: None) -> None:
    with patient.load() as load:
        ended = deploy(patient, "").wait()
    assert ended.exit_code == 0, ended.data["reason"]
    assert load.bad["count"] == load.lost["count"] == 0, (load.bad, load.lost)
