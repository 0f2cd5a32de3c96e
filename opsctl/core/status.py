"""What `opsctl status` says, as data: the shape that scripts may rely on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from opsctl.core.color import Color
from opsctl.core.drain import seconds_left
from opsctl.core.environment import Release as Policy
from opsctl.core.freeze import Freeze
from opsctl.core.health import ColorHealth, Service, Verdict
from opsctl.core.history import recorded_release, rollback_target
from opsctl.core.lease import LeaseState
from opsctl.core.observation import Observation
from opsctl.core.phases.serving import NO_WAY_BACK
from opsctl.core.recorded import restored
from opsctl.core.release import Phase, Rollout
from opsctl.core.settings import settings_digest
from opsctl.core.sizes import lacking
from opsctl.core.snapshot import ColorState, GuardState, Snapshot, TrafficState
from opsctl.core.sockets import held, open_sockets
from opsctl.core.workloads import asked_for

SWITCH_S = 2.0  # a warm rollback: one healthy look and one write
WARM_S = 15.0  # a guess for pods that have to start first; past releases tell better


@dataclass(frozen=True)
class Seen:
    """One look at an environment, with what the records and the lock say beside it."""

    environment: str
    observation: Observation
    past: Sequence[Rollout]
    lock: LeaseState | None
    policy: Policy
    freeze: Freeze | None = None


def status_json(seen: Seen) -> dict[str, Any]:
    """Keys: environment, active, phase, release, colors, traffic, rollback, lock, guard, drain, freeze, services."""
    snapshot = seen.observation.snapshot
    assert snapshot is not None, "a silent cluster has no status"
    last = seen.past[-1] if seen.past else None
    return {
        "environment": seen.environment,
        "active": snapshot.active,
        "phase": last.phase.value if last and last.open else None,
        "release": _release(last),
        "colors": {color.value: _color(color, seen, snapshot) for color in Color},
        "traffic": [_router(router, snapshot) for router in snapshot.traffic if router.exists],
        "rollback": rollback_readiness(seen),
        "lock": lock_json(seen.lock),
        "guard": _guard(snapshot.guard),
        "drain": _drain(last, seen, snapshot),
        "freeze": freeze_json(seen.freeze),
        "services": _services(seen, snapshot.active),
    }


def rollback_readiness(seen: Seen) -> dict[str, Any]:
    """{ready, to, seconds, why}: whether and how fast `opsctl rollback` would bring users back."""
    snapshot = seen.observation.snapshot
    unfinished = next((rollout for rollout in seen.past if rollout.open), None)
    if snapshot and unfinished:
        return _while_unfinished(unfinished, seen, snapshot)
    target = rollback_target(snapshot, seen.past) if snapshot else None
    if snapshot is None or snapshot.active is None or target is None:
        return {"ready": False, "to": None, "seconds": None, "why": "no earlier release is on record"}
    if seen.lock and seen.lock.until is not None:
        why = f"locked by {seen.lock.holder}: opsctl lock release"
        return {"ready": False, "to": None, "seconds": None, "why": why}
    serving = recorded_release(snapshot.colors[snapshot.active].release, seen.past)
    if serving and serving.irreversible:
        return {"ready": False, "to": None, "seconds": None, "why": NO_WAY_BACK}
    other = snapshot.colors[snapshot.active.other]
    to = {"color": other.color.value, "release": target.release, "image": target.image}
    seconds = round(SWITCH_S + float(target.timings.get("warm_s", WARM_S)), 1)
    if other.release == target.release and seen.observation.healthy(other.color):
        needed, holds = snapshot.colors[snapshot.active].sizes, _held(other, target)
        missing = sum(needed[name] - has for name, has in lacking(other.sizes, needed).items())
        if missing:
            return {"ready": True, "to": to, "seconds": seconds, "why": f"{missing} more pods have to start; {holds}"}
        return {"ready": True, "to": to, "seconds": SWITCH_S, "why": f"{other.color} is warm and healthy; {holds}"}
    if other.release == target.release and other.desired:
        why = f"{other.color} is not healthy: {seen.observation.health[other.color].detail}"
        return {"ready": False, "to": to, "seconds": None, "why": why}
    return {"ready": True, "to": to, "seconds": seconds, "why": "its pods have to start first"}


def _held(state: ColorState, recorded: Rollout) -> str:
    """What a standby costs: the room that its pods take, by what was recorded with their release."""
    asked = [asked_for(recorded.values, name) for name in state.sizes]
    room = f" of {asked[0]['cpu']} CPU and {asked[0]['memory']}" if len(asked) == 1 and asked[0] else ""
    return f"it holds {state.desired} pods{room}"


def _while_unfinished(rollout: Rollout, seen: Seen, snapshot: Snapshot) -> dict[str, Any]:
    """Until a rollout has its outcome, going back is `abort`; it goes back by itself if its color fails."""
    origin = rollout.origin
    if origin is None or snapshot.active is not rollout.color or not seen.observation.healthy(origin):
        why = _carried_by(seen.lock, rollout, seen.observation.at)
        return {"ready": False, "to": None, "seconds": None, "why": why}
    state = snapshot.colors[origin]
    to = {"color": origin.value, "release": state.release, "image": state.image}
    return {"ready": True, "to": to, "seconds": SWITCH_S, "why": "opsctl abort, as the release is unfinished"}


def _carried_by(lock: LeaseState | None, rollout: Rollout, now: float) -> str:
    if lock and lock.until is None and now < lock.expires:
        return f"release {rollout.release} is unfinished, and {lock.holder} is at it"
    return f"release {rollout.release} is unfinished: opsctl resume, or opsctl abort"


def _drain(last: Rollout | None, seen: Seen, snapshot: Snapshot) -> dict[str, Any] | None:
    """{color, agents, seconds}: where agents still have to leave, how many are known of, what the budget takes."""
    color = last.leaves if last and last.open else None
    if last is None or color is None or (last.phase is Phase.ROLLING_BACK and snapshot.active is color):
        return None
    state, policy = snapshot.colors[color], restored(seen.policy, last.policy)
    names = last.leaving if last.phase is Phase.DRAINING else [pod.name for pod in state.pods]
    agents = held(state, seen.observation.sockets, names)
    seconds = seconds_left(last, agents, policy.drain, seen.observation.at)
    return {"color": color.value, "agents": agents, "seconds": round(seconds, 1)}


def _guard(guard: GuardState | None) -> dict[str, Any] | None:
    if guard is None:
        return None
    return {"rollout": guard.rollout, "pod": guard.pod, "ready": guard.ready, "trouble": guard.trouble}


def _release(last: Rollout | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "id": last.release,
        "image": last.image,
        "color": last.color.value,
        "started_at": last.started_at,
        "outcome": last.outcome.value if last.outcome else None,
    }


def _color(color: Color, seen: Seen, snapshot: Snapshot) -> dict[str, Any]:
    state: ColorState = snapshot.colors[color]
    health: ColorHealth = seen.observation.health[color]
    recorded = recorded_release(state.release, seen.past)
    return {
        "release": state.release,
        "image": state.image,
        "settings": settings_digest(recorded.settings) if recorded else "",
        "desired": state.desired,
        "ready": state.ready,
        "workloads": _workloads(state),
        "probed": sum(pod.probed for pod in state.living),
        "restarts": state.restarts,
        "serving": snapshot.active is color,
        "sockets": open_sockets(state, seen.observation.sockets),
        "verdict": health.verdict.value,
        "detail": health.detail,
        "services": _services_of(health),
    }


def _workloads(state: ColorState) -> dict[str, Any]:
    ready = state.ready_sizes
    return {name: {"desired": pods, "ready": ready.get(name, 0)} for name, pods in sorted(state.sizes.items())}


def _router(traffic: TrafficState, snapshot: Snapshot) -> dict[str, Any]:
    share = {color.value: 100 if traffic.active is color else 0 for color in Color}
    return {"router": traffic.router, "active": traffic.active, **share, "agrees": not snapshot.split}


def _services(seen: Seen, active: Color | None) -> dict[str, Any]:
    if active is None:
        return {service.value: {"verdict": Verdict.UNKNOWN.value, "detail": "nobody serves"} for service in Service}
    return _services_of(seen.observation.health[active])


def _services_of(health: ColorHealth) -> dict[str, Any]:
    return {
        service.value: {"verdict": found.verdict.value, "detail": found.detail}
        for service, found in health.services.items()
    }


def lock_json(lock: LeaseState | None) -> dict[str, Any] | None:
    """`until` is null for a process, which renews its lock; `ci` is empty outside CI."""
    if lock is None:
        return None
    return {
        "holder": lock.holder,
        "reason": lock.reason,
        "since": lock.since,
        "renewed": lock.renewed,
        "expires": lock.expires,
        "until": lock.until,
        "ci": lock.ci,
    }


def freeze_json(freeze: Freeze | None) -> dict[str, Any] | None:
    """{reason, by, since, until}"""
    return asdict(freeze) if freeze else None
