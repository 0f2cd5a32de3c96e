"""Taking hold of rollouts: promote one that waits, abort or resume an unfinished one, roll back a finished one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from opsctl.core.decisions import End, Enter
from opsctl.core.environment import Release as Policy
from opsctl.core.history import has_served, next_number, recorded_release, rollback_target
from opsctl.core.release import GUARD, TAKEN_UP, Kind, Outcome, Phase, Rollout
from opsctl.core.rollout import abort as abort_decision
from opsctl.core.sizes import grown
from opsctl.core.snapshot import Snapshot
from opsctl.errors import Halted, Refused, ToolFailed, Unreachable, UsageError
from opsctl.flows.access import refuse_while_frozen
from opsctl.flows.deploy import begin, deploy_under_lock, mend_addresses
from opsctl.flows.holding import holding
from opsctl.flows.patience import answered
from opsctl.flows.planning import Wanted, refuse_missing_secrets, refuse_while_open
from opsctl.ports.release import ReleasePorts


def promote(ports: ReleasePorts, policy: Policy) -> Rollout:
    """Go on with a rollout that waits for a person. It passes the gate again: old evidence proves nothing now.

    Raises UsageError where none waits, Refused in a freeze.
    """
    with holding(ports, "promotes a release"):
        refuse_while_frozen(ports)
        waiting = _unfinished(ports)
        if waiting.outcome is not Outcome.AWAITING_PROMOTION:
            raise UsageError(
                f"rollout {waiting.id} does not wait for promotion, it was left while {waiting.phase.value}",
                state="Nothing was changed.", hint="opsctl resume",
            )  # fmt: skip
        return _go_on(replace(waiting, hold=False), Phase.GATING, "promoted", ports, policy)


def abort(ports: ReleasePorts, policy: Policy) -> Rollout:
    """Before cutover drop the preview, after it go back to the old color."""
    with holding(ports, "aborts a release"):
        unfinished = replace(_unfinished(ports), outcome=None, ended_at=None)
        decision = abort_decision(unfinished)
        if isinstance(decision, Enter):
            return _go_on(unfinished, decision.phase, decision.why, ports, policy)
        assert isinstance(decision, End)
        raise Halted(
            decision.why,
            state="Traffic stays where it is.",
            hint="opsctl resume goes on with it; once it has its outcome, opsctl deploy",
        )


def resume(ports: ReleasePorts, policy: Policy) -> Rollout:
    """Go on with what a dead process, an interrupt or a halt left. The record says what for, the cluster how far."""
    with holding(ports, "resumes a release"):
        rollout = _resumable(ports)
        if rollout.outcome is Outcome.AWAITING_PROMOTION:
            raise UsageError(
                f"rollout {rollout.id} waits for a person",
                state="Nothing was changed.", hint="opsctl promote, or opsctl abort",
            )  # fmt: skip
        return _go_on(rollout, rollout.phase, "resumed", ports, policy)


def rollback(ports: ReleasePorts, policy: Policy, by: str, why: str = "") -> Rollout:
    """Back to the release that served before the active one; seconds if the other color still has it.

    `why` is put on record where it was not a person who wanted it.

    Raises UsageError where there is nothing to go back to, Refused while a rollout is unfinished.
    """
    with holding(ports, "rolls back"):
        before, past = answered(lambda: (ports.cluster.read(), ports.journal.rollouts()), ports)
        refuse_while_open(past)
        now = ports.clock.now()
        back = _rollback_rollout(before, past, by, now)
        _see_that_pods_can_start(back, before, ports)
        return begin(back.noted(now, GUARD, why) if why else back, before, ports, policy)


def recover(ports: ReleasePorts, policy: Policy, by: str) -> Rollout:
    """As `rollback`, where the color to go back to is broken too: its pods are replaced by fresh ones, which then
    have to prove themselves like a release's. Users stay where they are until they have."""
    with holding(ports, "recovers"):
        before, past = answered(lambda: (ports.cluster.read(), ports.journal.rollouts()), ports)
        refuse_while_open(past)
        back = _rollback_rollout(before, past, by, ports.clock.now())
        _see_that_pods_can_start(back, before, ports)
        broken = tuple(pod.name for pod in before.colors[back.color].living)
        return begin(replace(back, recover=True, leaving=broken), before, ports, policy)


def rollback_to(release: int, ports: ReleasePorts, policy: Policy, by: str) -> Rollout:
    """Deploy a recorded release again, with its settings, into the idle color; with gate and bake."""
    past = answered(ports.journal.rollouts, ports)
    recorded = recorded_release(release, past)
    if recorded is None or not has_served(release, past):
        raise UsageError(
            f"no release {release} that served users is on record",
            state="Nothing was changed.", hint="opsctl history",
        )  # fmt: skip
    wanted = Wanted(
        recorded.image, recorded.settings, recorded.sizes, by, values=recorded.values, commit=recorded.commit
    )
    with holding(ports, f"deploys release {release} again"):
        return deploy_under_lock(wanted, ports, policy)


def _rollback_rollout(before: Snapshot, past: list[Rollout], by: str, now: float) -> Rollout:
    target = rollback_target(before, past)
    if before.active is None or target is None:
        raise UsageError(
            "there is no earlier release to go back to",
            state="Nothing was changed.", hint="opsctl history; opsctl deploy --image …",
        )  # fmt: skip
    serving = recorded_release(before.colors[before.active].release, past)
    if serving and serving.irreversible:
        raise Refused(
            f"release {serving.release} changed the database (migration: contract): release {target.release} may not "
            "work with it",
            state="Nothing was changed.", hint="deploy a release that fits the database",
        )  # fmt: skip
    return Rollout(
        id=next_number(before, past), kind=Kind.ROLLBACK, release=target.release, color=before.active.other,
        origin=before.active, image=target.image, settings=target.settings, values=target.values,
        sizes=grown(target.sizes, before.colors[before.active].sizes), started_at=now, started_by=by,
        commit=target.commit,
        phase=Phase.WARMING, phase_since=now, origin_release=before.colors[before.active].release,
        origin_sizes=before.colors[before.active].sizes,
    )  # fmt: skip


def _see_that_pods_can_start(back: Rollout, before: Snapshot, ports: ReleasePorts) -> None:
    """What somebody deleted is made again; what cannot be is told, unless its pods run, and with them have it."""
    standing = before.colors[back.color]
    if standing.release != back.release or not standing.living:
        answered(lambda: refuse_missing_secrets(back, ports), ports)
    mend_addresses(before, ports)
    with suppress(Refused, ToolFailed, Unreachable):
        ports.settings.ensure(back)


def _unfinished(ports: ReleasePorts) -> Rollout:
    found = next((rollout for rollout in answered(ports.journal.rollouts, ports) if rollout.open), None)
    if found is None:
        raise UsageError("no rollout is unfinished", state="Nothing was changed.", hint="opsctl history")
    return found


def _resumable(ports: ReleasePorts) -> Rollout:
    past = answered(ports.journal.rollouts, ports)
    unfinished = next((rollout for rollout in past if rollout.open), None)
    if unfinished:
        return unfinished
    if past and past[-1].outcome is Outcome.HALTED:
        return replace(past[-1], outcome=None, ended_at=None)
    raise UsageError("no rollout is unfinished", state="Nothing was changed.", hint="opsctl history")


def _go_on(rollout: Rollout, phase: Phase, why: str, ports: ReleasePorts, policy: Policy) -> Rollout:
    now = ports.clock.now()
    on = replace(rollout, outcome=None, ended_at=None, taken_over_by="").entered(phase, now, why)
    on = replace(on, why=rollout.why if why in TAKEN_UP else on.why)  # why users go back stays the reason
    before = answered(ports.cluster.read, ports)
    mend_addresses(before, ports)
    return begin(on, before, ports, policy)
