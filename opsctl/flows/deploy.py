"""Starting a rollout: under the lock, checked beforehand, and on record before anything is done."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from opsctl.core.environment import Release as Policy
from opsctl.core.release import Rollout
from opsctl.core.snapshot import Snapshot
from opsctl.errors import Refused, ToolFailed, ToolMissing, Unreachable
from opsctl.flows.access import refuse_while_frozen
from opsctl.flows.boundaries import passed
from opsctl.flows.engine import carry
from opsctl.flows.holding import giving_back, take_turn
from opsctl.flows.hooking import before_deploy, begun
from opsctl.flows.patience import answered
from opsctl.flows.planning import Wanted, planned, preflight
from opsctl.ports.release import ReleasePorts


def deploy(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Release `wanted` and stay with it until it has an outcome.

    Returns the rollout; its outcome is `unchanged` where the active release is the wanted one already.
    Raises UsageError (into the active color), Refused (a freeze; another rollout is unfinished; no room), LockHeld.
    """
    answered(ports.cluster.ensure_namespace, ports)
    take_turn(ports, f"deploys {wanted.image}", wanted.wait)
    with giving_back(ports.lock):
        answered(lambda: refuse_while_frozen(ports), ports)
        return deploy_under_lock(wanted, ports, policy)


def deploy_under_lock(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> Rollout:
    """As `deploy`, whatever freeze there is. The lock is held by the caller."""
    plan = answered(lambda: planned(wanted, ports), ports)
    rollout = plan.rollout
    if rollout.outcome is None:
        answered(lambda: preflight(plan, ports, policy), ports)
        rollout = before_deploy(rollout, plan.before.active, ports, policy)
    answered(lambda: _prepare(ports), ports)
    passed("after addresses")
    if rollout.outcome:
        return rollout
    return begin(rollout, plan.before, ports, policy)


def begin(rollout: Rollout, before: Snapshot, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Put a rollout on record, then carry it to its outcome. The lock is held by the caller."""
    rollout = replace(rollout, policy=rollout.policy or _on_record(policy))
    answered(lambda: _put_on_record(rollout, ports), ports)
    passed("after record")
    ports.watching.began(rollout, before)
    begun(rollout, before.active, ports)
    return carry(rollout, ports, policy)


def _on_record(policy: Policy) -> dict[str, Any]:
    """Whom to tell is left out: an address may be a secret, and a record is read by many."""
    return {key: value for key, value in asdict(policy).items() if key != "notify"}


def mend_addresses(before: Snapshot, ports: ReleasePorts) -> None:
    """Somebody deleted a color's Service: then its pods are ready, and in no service. A deploy prepares in any case.

    A way back must not hang on it: what does not work here is seen by whoever needs it.
    """
    if any(pod.ready and not pod.in_service for state in before.colors.values() for pod in state.living):
        with suppress(Refused, ToolFailed, ToolMissing, Unreachable):
            _prepare(ports)


def _prepare(ports: ReleasePorts) -> None:
    ports.lock.check()
    ports.charts.prepare()


def _put_on_record(rollout: Rollout, ports: ReleasePorts) -> None:
    ports.lock.check()
    ports.journal.save(rollout)
