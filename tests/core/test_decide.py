"""`decide`, one small file a case: tests/cases/release/*.yaml says what is given and what must come of it.

Not said in a case: a deploy of release 2 (new:2, two pods) from blue to green, in its phase for one second, traffic
where that phase has it, both colors whole and healthy, the front door fine and answered by whoever has traffic; no pod
holds an agent, and each takes 98. `proved`: so many seconds ago, or later, every pod of a color has answered well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import POLICY
from ruamel.yaml import YAML

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter, Noted, Unguarded, Wait
from opsctl.core.environment import Services, Websocket
from opsctl.core.health import ColorHealth, Judgement, Service, Verdict
from opsctl.core.hook import HookEnd, HookName, HookState
from opsctl.core.observation import Observation
from opsctl.core.recorded import restored
from opsctl.core.release import Entry, Kind, Phase, Rollout
from opsctl.core.rollout import decide
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, GuardState, MigrationState, Pod, Snapshot, TrafficState
from opsctl.core.sockets import PROBE_PLACES

NOW = 1000.0
CASES = sorted((Path(__file__).parents[1] / "cases" / "release").glob("*.yaml"))
NO_SOCKETS = {f"{color}-{number}": 0 for color in Color for number in range(6)}
_WITH_TRAFFIC = (Phase.BAKING, Phase.DRAINING)
_GIVEN = {
    "phase",
    "kind",
    "origin",
    "for",
    "hold",
    "leaving",
    "traffic",
    "second",
    "blue",
    "green",
    "door",
    "answered",
    "origin_replicas",
    "guard",
    "entries",
    "sockets",
    "looking_for",
    "why",
    "migration",
    "migrated",
    "hooks",
    "moved",
    "handshakes",
    "proved",
}
_COLOR = {"release", "desired", "ready", "settled", "restarts", "waiting", "message", "pod_release", "terminating",
          "verdict", "detail", "healthy_for", "slots", "websocket", "metrics"}  # fmt: skip


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = YAML(typ="safe").load(path)
    given, then = case["given"], case["then"]
    assert given.keys() <= _GIVEN | {"silent_for", "policy"}, "a key that nobody reads proves nothing"
    policy = restored(POLICY, given.get("policy", {}))
    decision = decide(rollout(given), observation(given), policy, NOW)
    found = as_case(decision)
    why = then.pop("why", "")
    left = then.pop("left", "")
    assert left in getattr(decision, "why", "")
    assert {key: found.get(key) for key in then} == then, f"decided {found}"
    assert why in found.get("why", "")
    assert found.keys() - {"why", "leaving"} == then.keys() - {"leaving"}


def test_every_phase_has_cases() -> None:
    told = {YAML(typ="safe").load(path)["given"]["phase"] for path in CASES}
    assert told == {phase.value for phase in Phase}


def rollout(given: Mapping[str, Any]) -> Rollout:
    origin = given.get("origin", "blue")
    return Rollout(
        id=2, kind=Kind(given.get("kind", "deploy")), release=2, color=Color.GREEN,
        origin=Color(origin) if origin else None, image="new:2", settings={}, sizes={AGENT: 2}, started_at=0.0,
        started_by="ana", phase=Phase(given["phase"]), phase_since=NOW - given.get("for", 1.0),
        origin_release=1 if origin else None, origin_sizes={AGENT: given.get("origin_replicas", 2)},
        hold=given.get("hold", False), migration=given.get("migration", "none"),
        leaving=tuple(given.get("leaving", ())), handshake_s=given.get("handshakes", {}).get("before"),
        moved=tuple((NOW - told["ago"], told["agents"]) for told in given.get("moved", ())),
        why=given.get("why", "trouble"),
        entries=tuple(Entry(NOW - told["ago"], told["what"], told.get("why", "")) for told in given.get("entries", ())),
    )  # fmt: skip


def observation(given: Mapping[str, Any]) -> Observation:
    door = Judgement(Verdict(given.get("door", "healthy")), "refused" if "door" in given else "HTTP 200")
    if "silent_for" in given:
        return Observation(NOW, None, {}, {}, door, silent_since=NOW - given["silent_for"], silence="timed out")
    told = {Color.BLUE: {"release": 1, "ready": 2, **given.get("blue", {})},
            Color.GREEN: {"release": 2, "ready": 2, **given.get("green", {})}}  # fmt: skip
    assert all(found.keys() <= _COLOR for found in told.values())
    health = {
        color: ColorHealth(Verdict(c.get("verdict", "healthy")), c.get("detail", ""), services(c))
        for color, c in told.items()
    }
    answered = Color(given["answered"]) if "answered" in given else None
    return Observation(
        NOW, Snapshot(NOW, routers(given), {c: state(c, found) for c, found in told.items()},
                      guard(given), migration(given)),
        health, {color: NOW - found.get("healthy_for", 0.0) for color, found in told.items()}, door, answered,
        sockets=given.get("sockets", NO_SOCKETS),
        handshakes=dict.fromkeys(Color, given["handshakes"]["now"]) if "handshakes" in given else {},
        looking_since=NOW - given.get("looking_for", NOW),
        hooks=hooks(given),
        proved_since={Color(name): NOW - ago for name, ago in given.get("proved", {}).items()},
    )  # fmt: skip


def services(told: Mapping[str, Any]) -> dict[Service, Judgement]:
    """Of those that a case tells about; `suspect` is healthy with a first sign of trouble."""
    found = {service: told[service.value] for service in Service if service.value in told}
    return {
        service: Judgement(Verdict.HEALTHY if word == "suspect" else Verdict(word), "HTTP 503", NOW - 1)
        for service, word in found.items()
    }


def guard(given: Mapping[str, Any]) -> GuardState | None:
    told = given.get("guard")
    return GuardState(told.get("rollout", 2), "guard-0", told["ready"], told.get("trouble", "")) if told else None


def migration(given: Mapping[str, Any]) -> MigrationState | None:
    told = given.get("migrated")
    return MigrationState(told.get("rollout", 2), "job-0", told.get("ended"), told.get("trouble", "")) if told else None


def routers(given: Mapping[str, Any]) -> tuple[TrafficState, ...]:
    """One; a second where the case says where it points."""
    first = TrafficState("service", traffic(given))
    second = given.get("second")
    return (first, TrafficState("service agents", Color(second) if second else None)) if "second" in given else (first,)


def hooks(given: Mapping[str, Any]) -> dict[HookName, HookState]:
    """Those of this process, by how they ended; one without an end has run for so many seconds."""
    told = given.get("hooks", {}).items()
    return {HookName(name): HookState(NOW - how.get("for", 1.0), HookEnd(how["end"]) if "end" in how else None,
                                      how.get("why", "")) for name, how in told}  # fmt: skip


def traffic(given: Mapping[str, Any]) -> Color | None:
    usual = "green" if Phase(given["phase"]) in _WITH_TRAFFIC else given.get("origin", "blue")
    name = given.get("traffic", usual)
    return Color(name) if name else None


def state(color: Color, told: Mapping[str, Any]) -> ColorState:
    """Pods are called blue-0, blue-1, …: the ready ones first, then others up to the wanted size, then ending ones."""
    desired, ending = told.get("desired", 2), told.get("terminating", 0)
    image = "new:2" if color is Color.GREEN else "old:1"
    made_for = told.get("pod_release", told["release"])
    one = Pod("", True, told.get("restarts", 0), image, in_service=True, release=made_for)
    late = replace(one, ready=False, in_service=False, waiting=told.get("waiting", ""), message=told.get("message", ""))
    living = [one if number < told["ready"] else late for number in range(desired)]
    pods = [*[replace(late, terminating=True)] * ending, *living]
    named = tuple(replace(pod, name=f"{color}-{number}") for number, pod in enumerate(pods))
    services = Services(websocket=Websocket(max_connections=told.get("slots", 98) + PROBE_PLACES))
    sizes = {AGENT: desired} if told["release"] is not None else {}
    return ColorState(color, told["release"], image, sizes, told.get("settled", True), named, services)


def as_case(decision: Decision) -> dict[str, Any]:
    match decision:
        case Wait(why):
            parts = why.split(" · ")
            return {"wait": parts[1] if "agents left" in parts[0] else parts[0]}
        case Enter(phase, why, leaving):
            return {"enter": phase.value, "why": why, "leaving": list(leaving)}
        case Act(step, why):
            return {"act": str(step), **({"why": why} if why else {})}
        case Unguarded(why):
            return {"unguarded": why}
        case Noted(what, why):
            return {"noted": what, "why": why}
        case End(outcome, why):
            return {"end": outcome.value, "why": why}
