"""A newer release takes the place of an older one that has not moved traffic yet.

Whoever is at the older one is asked, on its own lock, to give way; its next heartbeat finds the wish, it stops
before its next write and gives the lock back. A dead one's lock is taken. Then its preview is abandoned as
`abort` does, and the newer release begins, all under one lock, so that nobody comes in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from opsctl.core.environment import Release as Policy
from opsctl.core.release import BEFORE_CUTOVER, Outcome, Phase, Rollout
from opsctl.errors import Halted, LockHeld, OpsError, UsageError
from opsctl.flows.access import refuse_while_frozen
from opsctl.flows.deploy import begin, deploy_under_lock
from opsctl.flows.holding import giving_back, take_turn
from opsctl.flows.patience import answered
from opsctl.flows.planning import Wanted
from opsctl.ports.release import ReleasePorts

GIVES_WAY_S = 60.0  # a holder may be in the middle of a step, such as Helm's


def supersede(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> Rollout:
    """As `deploy`, but an open rollout before its cutover is abandoned first, whether its process lives or not.

    Raises UsageError where the open rollout has moved traffic, LockHeld where a person has the lock, or its holder
    does not give way, Halted where the open rollout could not be abandoned.
    """
    ports.cluster.ensure_namespace()
    refuse_while_frozen(ports)
    with _insisting(f"{wanted.by} deploys {wanted.image}", ports) as ask:
        take_turn(ports, f"deploys {wanted.image}", max(wanted.wait, GIVES_WAY_S), ask)
    with giving_back(ports.lock):
        answered(lambda: refuse_while_frozen(ports), ports)  # it may have begun while we waited
        _abandon_open(wanted, ports, policy)
        return deploy_under_lock(wanted, ports, policy)


@contextmanager
def _insisting(rival: str, ports: ReleasePorts) -> Iterator[Callable[[LockHeld], None]]:
    """What to do at each refusal of the lock. A wish that led nowhere is taken back: nobody waits for it any more."""

    def ask(held: LockHeld) -> None:
        holder = ports.lock.show()
        if holder and holder.until is not None:
            raise held
        _open_before_cutover(ports)
        if holder and holder.rival != rival:
            ports.lock.ask(rival)

    try:
        yield ask
    except OpsError:
        with suppress(OpsError):  # why it led nowhere is what is told
            ports.lock.retract()
        raise


def _open_before_cutover(ports: ReleasePorts) -> Rollout | None:
    """The rollout to supersede, if any."""
    found = next((rollout for rollout in ports.journal.rollouts() if rollout.open), None)
    if found and found.phase not in (*BEFORE_CUTOVER, Phase.ABANDONING):
        raise UsageError(
            f"rollout {found.id} cannot be superseded any more: it is {found.phase.value}",
            state="Nothing was changed.", hint="opsctl deploy --wait 10m, or end it: opsctl abort, opsctl resume",
        )  # fmt: skip
    return found


def _abandon_open(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> None:
    older = _open_before_cutover(ports)
    if older is None:
        return
    reopened = replace(older, outcome=None, ended_at=None)
    given_up = reopened.entered(Phase.ABANDONING, ports.clock.now(), f"superseded by {wanted.by}")
    ended = begin(given_up, ports.cluster.read(), ports, policy)
    if ended.outcome is not Outcome.ABANDONED:
        raise Halted(ended.why, state="The newer release was not begun.", hint="opsctl status")
