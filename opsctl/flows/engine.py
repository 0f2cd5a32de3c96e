"""The loop that carries a rollout: look, decide, write the intent, act, write the outcome.

All judgement is in `core.rollout`; nothing here knows a phase's meaning. Each step may be done twice, so that
`resume` after a crash at any point simply enters the loop again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter, Unguarded, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.history import recorded_release
from opsctl.core.observation import Observation
from opsctl.core.recorded import restored
from opsctl.core.release import BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.rollout import decide, may_stop, refused
from opsctl.core.steps import Install, Restore, Scale, StartGuard, Step, StopPods, Switch
from opsctl.errors import Halted, Interrupted, LockHeld, ToolFailed, Unreachable
from opsctl.flows.boundaries import passed
from opsctl.flows.patience import Patience
from opsctl.flows.watch import Watcher
from opsctl.ports import ReleasePorts

TICK_S = 0.05  # between two looks while there is nothing to do and nothing stirs
ANSWER_WITHIN_S = 1.0  # an application that does not say its color, or is broken, is not waited for longer
ANSWER_TICK_S = 0.005
TRIES, RETRY_S = 3, 0.3  # for a step that the cluster refuses: it may have changed since the look
_STOPPING_FAILED = (Phase.ROLLING_BACK, Phase.ABANDONING)


def carry(rollout: Rollout, ports: ReleasePorts, policy: Policy, watcher: Watcher | None = None) -> Rollout:
    """Bring a rollout to its outcome. The lock is held by the caller, who may have looked with `watcher` before.

    It is judged by the policy that it began with; `policy` is for what its record does not say.

    Raises Interrupted (Ctrl-C, SIGTERM: traffic is on no color known to be bad, the record says where to go on),
    LockHeld (the lock was lost: nothing is written any more), Halted (the cluster takes no writes, so that not
    even the outcome can be recorded), ToolFailed (somebody else wrote the record).
    """
    policy = restored(policy, rollout.policy)
    watcher = watcher or watcher_of(rollout, ports, policy)
    patience = Patience(policy.silence_limit)
    try:
        with _asked_to_stop() as asked:
            while rollout.outcome is None:
                watcher.load(rollout.color if rollout.kind is Kind.DEPLOY and rollout.phase is Phase.GATING else None)
                seen, decision = _decided(rollout, watcher, policy, ports)
                ports.watching.saw(rollout, seen, decision)
                if asked and may_stop(rollout, seen):
                    raise _interrupted(rollout, seen, ports)
                if rollout.phase in BEFORE_CUTOVER and ports.lock.rival():
                    raise _superseded(rollout, ports)
                rollout = _carry_out(decision, rollout, seen, ports, patience)
        with suppress(Unreachable, ToolFailed):  # it sees the outcome and ends by itself
            ports.guard.remove()
    finally:
        watcher.load(None)
        ports.watching.ended(rollout)
    return rollout


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
    decision: Decision, rollout: Rollout, seen: Observation, ports: ReleasePorts, patience: Patience
) -> Rollout:
    if isinstance(decision, Wait):
        ports.changes.wait(TICK_S)
        return rollout
    try:
        written = _write(decision, rollout, seen, ports)
    except Unreachable as error:
        _wait_for_answers(error, decision, rollout, seen, ports, patience)
        return rollout  # nothing is assumed: the next look tells whether it was done
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


def _write(decision: Decision, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    if isinstance(decision, Act):
        return _act(decision, rollout, seen, ports)
    if isinstance(decision, Enter):
        return _enter(decision, rollout, seen, ports)
    if isinstance(decision, Unguarded):
        unguarded = replace(rollout, unguarded=decision.why)
        return _recorded(unguarded.noted(ports.clock.now(), "no guard", decision.why), ports)
    assert isinstance(decision, End)
    if decision.outcome is Outcome.HALTED:
        rollout = replace(rollout, evidence=ports.cluster.last_words(rollout.color))
    return _bounded(rollout.ended(decision.outcome, ports.clock.now(), decision.why), ports)


def _recorded(rollout: Rollout, ports: ReleasePorts) -> Rollout:
    ports.lock.check()
    ports.journal.save(rollout)
    return rollout


def _enter(decision: Enter, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    now = ports.clock.now()
    entered = replace(rollout.entered(decision.phase, now, decision.why), leaving=decision.leaving)
    if decision.phase is Phase.ROLLING_BACK:
        entered = _detected(entered, seen, now)
    return _bounded(entered, ports)


def _bounded(rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """Record a change of phase or an outcome: the newest entry says which."""
    what = rollout.entries[-1].what
    passed(f"before {what}")
    recorded = _recorded(rollout, ports)
    passed(f"after {what}")
    return recorded


def _act(act: Act, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    """Write the intent, do it, write what came of it."""
    step = act.step
    rollout = _with_evidence(step, rollout, ports)
    intended = _recorded(rollout.noted(ports.clock.now(), f"intent {step}", act.why), ports)
    passed(f"{rollout.phase.value}: after intent {_verb(step)}")
    ports.lock.check()
    try:
        done = _perform(step, intended, ports)
    except ToolFailed as error:
        return _refused(step, intended, error.message, seen, ports)
    passed(f"{rollout.phase.value}: after {_verb(step)}")
    done = done.noted(ports.clock.now(), f"done {step}")
    with suppress(Unreachable):  # what was done stays done, and how long it took; the next write records both
        _recorded(done, ports)
    passed(f"{rollout.phase.value}: after done {_verb(step)}")
    return done


def _verb(step: Step) -> str:
    return str(step).partition(" ")[0]


def _refused(step: Step, rollout: Rollout, why: str, seen: Observation, ports: ReleasePorts) -> Rollout:
    """Look again and try again a few times; then it is trouble like any other."""
    what = f"refused {step}"
    noted = _recorded(rollout.noted(ports.clock.now(), what, why), ports)
    if sum(entry.what == what and entry.at >= noted.phase_since for entry in noted.entries) < TRIES:
        ports.clock.sleep(RETRY_S)
        return noted
    return _write(refused(noted, step, why), noted, seen, ports)


def _with_evidence(step: Step, rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """A failed color's pods are about to go: keep their last words. Traffic is safe by now, so this delays nobody."""
    if isinstance(step, Scale) and rollout.phase in _STOPPING_FAILED and not rollout.evidence:
        return replace(rollout, evidence=ports.cluster.last_words(rollout.color))
    return rollout


def _perform(step: Step, rollout: Rollout, ports: ReleasePorts) -> Rollout:
    match step:
        case Install():
            ports.charts.install(rollout)
        case Scale(color, replicas):
            ports.cluster.scale(color, replicas)
        case Restore(_, release):
            _restore(release, step.color, ports)
        case StopPods(_, pods):
            ports.cluster.stop_pods(pods)
        case StartGuard():
            ports.guard.start(rollout)
        case Switch():
            return _switch(step, rollout, ports)
    return rollout


def _restore(release: int, color: Color, ports: ReleasePorts) -> None:
    recorded = recorded_release(release, ports.journal.rollouts())
    if recorded is None:
        raise ToolFailed(f"no record of release {release} is left to restore {color} from")
    ports.charts.install(replace(recorded, color=color))


def _switch(step: Switch, rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """One write; then ask at the front door until the other color answers, since a write is not yet an answer."""
    started = ports.clock.now()
    ports.traffic.switch(step.to, step.expected)
    name = "rollback_s" if rollout.phase is Phase.ROLLING_BACK else "cutover_s"
    while ports.clock.now() - started < ANSWER_WITHIN_S:
        ports.prober.begin_door(step.to)
        answers = [sample for sample in ports.prober.collect_door() if sample.at > started]
        if any(sample.color is step.to for sample in answers):
            return rollout.timed(name, ports.clock.now() - started)
        ports.clock.sleep(ANSWER_TICK_S)
    return rollout.timed(name, ports.clock.now() - started)


def _detected(rollout: Rollout, seen: Observation, now: float) -> Rollout:
    """Seconds from the first failing sample to the decision."""
    color = seen.health.get(rollout.color)
    starts = [since for since in (color.since if color else None, seen.door.since) if since is not None]
    return rollout.timed("detect_s", now - min(starts)) if starts else rollout


def _superseded(rollout: Rollout, ports: ReleasePorts) -> Interrupted:
    rival = ports.lock.rival()
    with suppress(Unreachable, LockHeld):
        _recorded(rollout.noted(ports.clock.now(), "superseded", rival), ports)
    return Interrupted(
        f"superseded: {rival}",
        state=f"Users stay on {rollout.origin or 'nothing'}; the newer release drops this one's preview.",
        hint="opsctl status --watch",
    )


def _interrupted(rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Interrupted:
    with suppress(Unreachable, LockHeld):  # a note for people; the record says how far it is without
        _recorded(rollout.noted(ports.clock.now(), "interrupted"), ports)
    traffic = f"on {seen.snapshot.active or 'nobody'}" if seen.snapshot else "where it was (the cluster is silent)"
    return Interrupted(
        f"interrupted while {rollout.phase.value}",
        state=f"Traffic is {traffic}; both colors keep their size.",
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
