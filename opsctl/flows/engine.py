"""The loop that carries a rollout: look, decide, write what was decided.

All judgement is in `core.rollout`; nothing here knows a phase's meaning. Each step may be done twice, so that
`resume` after a crash at any point simply enters the loop again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Wait
from opsctl.core.drain import charged
from opsctl.core.environment import Release as Policy
from opsctl.core.observation import Observation
from opsctl.core.recorded import restored
from opsctl.core.release import BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.rollout import decide, may_stop
from opsctl.errors import Halted, Interrupted, LockHeld, ToolFailed, Unreachable
from opsctl.flows.forgetting import forget_settings
from opsctl.flows.hooking import after_outcome, beside, tell, went_on
from opsctl.flows.patience import Patience
from opsctl.flows.watch import Watcher
from opsctl.flows.writing import recorded, write
from opsctl.ports.release import ReleasePorts

TICK_S = 0.05  # between two looks while there is nothing to do and nothing stirs


def carry(rollout: Rollout, ports: ReleasePorts, policy: Policy, watcher: Watcher | None = None) -> Rollout:
    """Bring a rollout to its outcome. The lock is held by the caller, who may have looked with `watcher` before.

    It is judged by the policy that it began with; `policy` is for what its record does not say.

    Raises Interrupted (Ctrl-C, SIGTERM: traffic is on no color known to be bad, the record says where to go on),
    LockHeld (the lock was lost: nothing is written any more), Halted (the cluster takes no writes, so that not
    even the outcome can be recorded, or refuses them).
    """
    policy = restored(policy, rollout.policy)
    watcher = watcher or watcher_of(rollout, ports, policy)
    with _asked_to_stop() as asked:
        try:
            ended, active = _to_outcome(rollout, ports, policy, watcher, asked)
            return after_outcome(ended, active, ports, policy, asked)
        finally:
            ports.hooks.end()


def _to_outcome(
    rollout: Rollout, ports: ReleasePorts, policy: Policy, watcher: Watcher, asked: list[int]
) -> tuple[Rollout, Color | None]:
    """Also who has the users at its end, where that is known."""
    patience, active = Patience(policy.silence_limit), None
    try:
        while rollout.outcome is None:
            watcher.enters(rollout.phase)
            watcher.load(rollout.color if rollout.kind is Kind.DEPLOY and rollout.phase is Phase.GATING else None)
            seen, decision = _decided(rollout, watcher, policy, ports)
            active = seen.snapshot.active if seen.snapshot else None
            tell(ports)
            ports.watching.saw(rollout, seen, decision)
            if asked and may_stop(rollout, seen):
                raise _interrupted(rollout, seen, ports)
            if rollout.phase in BEFORE_CUTOVER and ports.lock.rival():
                raise _superseded(rollout, ports)
            before = beside(rollout, active, ports, policy)
            rollout = _carry_out(decision, before, seen, policy, ports, patience)
            went_on(before, rollout, active, ports)
        with suppress(Unreachable, ToolFailed):  # it sees the outcome and ends by itself
            ports.guard.remove()
        if rollout.outcome is Outcome.SUCCEEDED:
            forget_settings(ports)
    finally:
        watcher.load(None)
        ports.watching.ended(rollout)
    return rollout, active


def watcher_of(rollout: Rollout, ports: ReleasePorts, policy: Policy) -> Watcher:
    """Of a new release every restart counts."""
    return Watcher(ports, policy, rollout.color if rollout.kind is Kind.DEPLOY else None)


def _decided(rollout: Rollout, watcher: Watcher, policy: Policy, ports: ReleasePorts) -> tuple[Observation, Decision]:
    """To wait may be decided on a snapshot that is not quite new; to write may not."""
    seen = watcher.look()
    decision = decide(rollout, seen, policy, ports.clock.now())
    if isinstance(decision, Wait):
        return seen, decision
    seen = watcher.look_before_writing(seen)
    return seen, decide(rollout, seen, policy, ports.clock.now())


def _carry_out(
    decision: Decision, rollout: Rollout, seen: Observation, policy: Policy, ports: ReleasePorts, patience: Patience
) -> Rollout:
    if isinstance(decision, Wait):
        ports.changes.wait(TICK_S)
        return rollout
    if isinstance(decision, Act):
        rollout = charged(rollout, decision.step, seen, policy, ports.clock.now())
    try:
        written = write(decision, rollout, seen, ports)
    except Unreachable as error:
        _wait_for_answers(error, decision, rollout, seen, ports, patience)
        return rollout  # nothing is assumed: the next look tells whether it was done
    except ToolFailed as error:
        raise Halted(
            error.message, state=f"Traffic is {_whereabouts(seen)}; the rollout stays unfinished on record.",
            hint=f"{error.hint + '; ' if error.hint else ''}opsctl status, then opsctl resume or opsctl abort",
        ) from error  # fmt: skip
    patience.done()
    return written


def _wait_for_answers(
    error: Unreachable, decision: Decision, rollout: Rollout, seen: Observation, ports: ReleasePorts, patience: Patience
) -> None:
    waited = patience.failed(ports.clock.now())
    if waited > patience.limit or (isinstance(decision, End) and seen.snapshot is None):
        why = decision.why if isinstance(decision, End) else f"in vain for {waited:.0f} s: {error.message}"
        raise Halted(
            why, state="Whether the last write was done is not known; the rollout stays unfinished on record.",
            hint="opsctl status; when the cluster answers: opsctl resume",
        ) from error  # fmt: skip
    ports.watching.saw(rollout, seen, Wait(f"for {waited:.0f} s: {error.message}"))
    ports.clock.sleep(patience.pause())


def _superseded(rollout: Rollout, ports: ReleasePorts) -> Interrupted:
    rival = ports.lock.rival()
    with suppress(Unreachable, LockHeld):
        recorded(rollout.noted(ports.clock.now(), "superseded", rival), ports)
    return Interrupted(
        f"superseded: {rival}",
        state=f"Users stay on {rollout.origin or 'nothing'}; the newer release drops this one's preview.",
        hint="opsctl status --watch",
    )


def _whereabouts(seen: Observation) -> str:
    return f"on {seen.snapshot.active or 'nobody'}" if seen.snapshot else "where it was (the cluster is silent)"


def _interrupted(rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Interrupted:
    with suppress(Unreachable, LockHeld):  # a note for people; the record says how far it is without
        recorded(rollout.noted(ports.clock.now(), "interrupted"), ports)
    return Interrupted(
        f"interrupted while {rollout.phase.value}",
        state=f"Traffic is {_whereabouts(seen)}; both colors keep their size.",
        hint="opsctl resume goes on, opsctl abort goes back",
    )


@contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """Note SIGINT and SIGTERM, so that a step is never cut in half.

    A lost terminal is nobody's wish to stop: while a release can still fail, its guard goes on without one.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # only the main thread is sent signals
        yield asked
        return

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
