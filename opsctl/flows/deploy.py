"""Starting a rollout: what is asked for, whether it makes sense now, and under whose name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.history import next_number, recorded_release
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.snapshot import Snapshot
from opsctl.errors import Refused, UsageError
from opsctl.flows.access import refuse_while_frozen
from opsctl.flows.boundaries import passed
from opsctl.flows.engine import carry
from opsctl.flows.holding import giving_back, take_turn
from opsctl.flows.patience import answered
from opsctl.ports import ReleasePorts


@dataclass(frozen=True)
class Wanted:
    """What a person asked for. `color` None is the idle one."""

    image: str
    settings: Mapping[str, str]
    replicas: int
    by: str
    color: Color | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # of the chart; color and release are put in when installed
    hold: bool = False
    wait: float = 0.0  # seconds to wait for a lock that somebody else has


def deploy(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Release `wanted` and stay with it until it has an outcome.

    Returns the rollout; its outcome is `unchanged` where the active release is the wanted one already.
    Raises UsageError (into the active color), Refused (a freeze; another rollout is unfinished), LockHeld.
    """
    answered(ports.cluster.ensure_namespace, ports)
    take_turn(ports, f"deploys {wanted.image}", wanted.wait)
    with giving_back(ports.lock):
        answered(lambda: refuse_while_frozen(ports), ports)
        return deploy_under_lock(wanted, ports, policy)


def deploy_under_lock(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> Rollout:
    """As `deploy`, whatever freeze there is. The lock is held by the caller."""
    before, past = answered(lambda: (ports.cluster.read(), ports.journal.rollouts()), ports)
    refuse_while_open(past)
    started = _rollout(wanted, before, past, ports.clock.now())
    answered(lambda: _prepare(ports), ports)
    passed("after addresses")
    if started.outcome is Outcome.UNCHANGED:
        return started
    return begin(started, before, ports, policy)


def begin(rollout: Rollout, before: Snapshot, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Put a rollout on record, then carry it to its outcome. The lock is held by the caller."""
    rollout = replace(rollout, policy=rollout.policy or asdict(policy))
    answered(lambda: _put_on_record(rollout, ports), ports)
    passed("after record")
    ports.watching.began(rollout, before)
    return carry(rollout, ports, policy)


def _prepare(ports: ReleasePorts) -> None:
    ports.lock.check()
    ports.charts.prepare()


def _put_on_record(rollout: Rollout, ports: ReleasePorts) -> None:
    ports.lock.check()
    ports.journal.save(rollout)


def refuse_while_open(past: list[Rollout]) -> None:
    unfinished = next((rollout for rollout in past if rollout.open), None)
    if unfinished is None:
        return
    if unfinished.outcome is Outcome.AWAITING_PROMOTION:
        hint = "opsctl promote moves traffic to it, opsctl abort drops it"
    else:
        hint = "opsctl resume goes on with it, opsctl abort goes back"
    raise Refused(
        f"rollout {unfinished.id} to {unfinished.color} is unfinished ({unfinished.phase.value})",
        state="Nothing was changed.", hint=hint,
    )  # fmt: skip


def _rollout(wanted: Wanted, before: Snapshot, past: list[Rollout], now: float) -> Rollout:
    active = before.active
    number = next_number(before, past)
    rollout = Rollout(
        id=number, kind=Kind.DEPLOY, release=number, color=_color(wanted, active), origin=active, image=wanted.image,
        settings=dict(wanted.settings), values=dict(wanted.values), replicas=wanted.replicas,
        started_at=now, started_by=wanted.by, phase=Phase.WARMING, phase_since=now, hold=wanted.hold,
        origin_release=before.colors[active].release if active else None,
        origin_replicas=before.colors[active].desired if active else 0,
    )  # fmt: skip
    current = recorded_release(before.colors[active].release, past) if active else None
    if current and _same(current, wanted):
        return _unchanged(current, active, now)
    if active is not None and wanted.color is active:
        raise UsageError(
            f"{active} has the users; a release goes into the idle color",
            state="Nothing was changed.", hint=f"opsctl deploy --color {active.other}, or without --color",
        )  # fmt: skip
    return rollout


def _same(current: Rollout, wanted: Wanted) -> bool:
    """Image, settings, and all else that the chart is told: a change of memory is a release too."""
    return (current.image, current.settings, current.values) == (wanted.image, wanted.settings, wanted.values)


def _color(wanted: Wanted, active: Color | None) -> Color:
    return wanted.color or (active.other if active else Color.BLUE)


def _unchanged(current: Rollout, active: Color | None, now: float) -> Rollout:
    return replace(
        current, color=active or current.color, outcome=Outcome.UNCHANGED, ended_at=now, timings={},
        why=f"release {current.release} has this image and settings",
    )  # fmt: skip
