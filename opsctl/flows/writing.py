"""Carrying a decision out: write the intent, act, write the outcome. Each step may be done twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter, Noted, Unguarded
from opsctl.core.history import recorded_release
from opsctl.core.observation import Observation
from opsctl.core.release import Outcome, Phase, Rollout
from opsctl.core.rollout import refused
from opsctl.core.snapshot import Moved
from opsctl.core.steps import BeginHook, Install, LetGo, Migrate, Restore, Scale, StartGuard, Step, StopPods, Switch
from opsctl.errors import ToolFailed, TrafficRefused, Unreachable
from opsctl.flows.boundaries import passed
from opsctl.ports.release import ReleasePorts

ANSWER_WITHIN_S = 1.0  # an application that does not say its color, or is broken, is not waited for longer
ANSWER_TICK_S = 0.005
TRIES, RETRY_S = 3, 0.3  # for a step that the cluster refuses: it may have changed since the look
_STOPPING_FAILED = (Phase.ROLLING_BACK, Phase.ABANDONING)


def write(decision: Decision, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    """What the rollout is after it. Raises Unreachable where it is not known whether it was done, LockHeld where the
    lock was lost before, ToolFailed where somebody else wrote the record."""
    if isinstance(decision, Act):
        return _act(decision, rollout, seen, ports)
    if isinstance(decision, Enter):
        return _enter(decision, rollout, seen, ports)
    if isinstance(decision, Unguarded):
        unguarded = replace(rollout, unguarded=decision.why)
        return recorded(unguarded.noted(ports.clock.now(), "no guard", decision.why), ports)
    if isinstance(decision, Noted):
        return recorded(rollout.noted(ports.clock.now(), decision.what, decision.why), ports)
    assert isinstance(decision, End)
    if decision.outcome is Outcome.HALTED:
        rollout = replace(rollout, evidence=ports.cluster.last_words(rollout.color))
    return _bounded(rollout.ended(decision.outcome, ports.clock.now(), decision.why), ports)


def recorded(rollout: Rollout, ports: ReleasePorts) -> Rollout:
    ports.lock.check()
    ports.journal.save(rollout)
    return rollout


def _enter(decision: Enter, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    now = ports.clock.now()
    entered = replace(rollout.entered(decision.phase, now, decision.why), leaving=decision.leaving)
    takes = rollout.origin if decision.phase is Phase.ROLLING_BACK else rollout.color
    if takes and decision.phase in (Phase.DRAINING, Phase.ROLLING_BACK):
        entered = replace(entered, handshake_s=seen.handshakes.get(takes))
    if decision.phase is Phase.ROLLING_BACK:
        entered = _detected(entered, seen, now)
    return _bounded(entered, ports)


def _detected(rollout: Rollout, seen: Observation, now: float) -> Rollout:
    """Seconds from the first failing sample to the decision."""
    color = seen.health.get(rollout.color)
    starts = [since for since in (color.since if color else None, seen.door.since) if since is not None]
    return rollout.timed("detect_s", now - min(starts)) if starts else rollout


def _bounded(rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """Record a change of phase or an outcome: the newest entry says which."""
    what = rollout.entries[-1].what
    passed(f"before {what}")
    recorded(rollout, ports)
    passed(f"after {what}")
    return rollout


def _act(act: Act, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    """Write the intent, do it, write what came of it."""
    step = act.step
    rollout = _with_evidence(step, rollout, ports)
    intended = recorded(rollout.noted(ports.clock.now(), f"intent {step}", act.why), ports)
    passed(f"{rollout.phase.value}: after intent {_verb(step)}")
    ports.lock.check()
    try:
        done = _perform(step, intended, seen, ports)
    except TrafficRefused as error:
        return write(refused(intended, step, error.message), intended, seen, ports)
    except ToolFailed as error:
        return _refused(step, intended, error.message, seen, ports)
    passed(f"{rollout.phase.value}: after {_verb(step)}")
    done = done.noted(ports.clock.now(), f"done {step}")
    with suppress(Unreachable):  # what was done stays done, and how long it took; the next write records both
        recorded(done, ports)
    passed(f"{rollout.phase.value}: after done {_verb(step)}")
    return done


def _verb(step: Step) -> str:
    return str(step).partition(" ")[0]


def _refused(step: Step, rollout: Rollout, why: str, seen: Observation, ports: ReleasePorts) -> Rollout:
    """Look again and try again a few times; then it is trouble like any other."""
    what = f"refused {step}"
    noted = recorded(rollout.noted(ports.clock.now(), what, why), ports)
    if sum(entry.what == what and entry.at >= noted.phase_since for entry in noted.entries) < TRIES:
        ports.clock.sleep(RETRY_S)
        return noted
    decision = refused(noted, step, why)
    ports.watching.saw(noted, seen, decision)
    return write(decision, noted, seen, ports)


def _with_evidence(step: Step, rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """A failed color's pods are about to go: keep their last words. Traffic is safe by now, so this delays nobody."""
    if isinstance(step, Scale) and rollout.phase in _STOPPING_FAILED and not rollout.evidence:
        return replace(rollout, evidence=ports.cluster.last_words(rollout.color))
    return rollout


def _perform(step: Step, rollout: Rollout, seen: Observation, ports: ReleasePorts) -> Rollout:
    match step:
        case Install():
            _install(rollout, ports)
        case Scale(color, sizes):
            ports.cluster.scale(color, sizes)
        case Restore(_, release):
            _restore(release, step.color, ports)
        case StopPods(_, pods):
            ports.cluster.stop_pods(pods)
        case LetGo():
            ports.agents.let_go(seen.state(step.color), step)
        case StartGuard():
            ports.guard.start(rollout)
        case Migrate():
            ports.settings.ensure(rollout)
            ports.migrations.start(rollout)
        case BeginHook(name, hook):
            ports.hooks.begin(name, hook, rollout, rollout.color if rollout.phase is Phase.BAKING else rollout.origin)
        case Switch():
            return _switch(step, rollout, ports)
    return rollout


def _install(rollout: Rollout, ports: ReleasePorts) -> None:
    """Settings first: pods that refer to what is not there do not start."""
    ports.settings.ensure(rollout)
    passed(f"{rollout.phase.value}: after settings")
    ports.charts.install(rollout)


def _restore(release: int, color: Color, ports: ReleasePorts) -> None:
    recorded = recorded_release(release, ports.journal.rollouts())
    if recorded is None:
        raise ToolFailed(f"no record of release {release} is left to restore {color} from")
    _install(replace(recorded, color=color), ports)


def _switch(step: Switch, rollout: Rollout, ports: ReleasePorts) -> Rollout:
    """One write a router; then ask at the front door until the other color answers: a write is not yet an answer."""
    started = ports.clock.now()
    rollout = _with_skew(ports.traffic.switch(step.to, step.expected), rollout, ports.clock.now())
    name = "rollback_s" if rollout.phase is Phase.ROLLING_BACK else "cutover_s"
    while ports.clock.now() - started < ANSWER_WITHIN_S:
        ports.prober.begin_door(step.to)
        answers = [sample for sample in ports.prober.collect_door() if sample.at > started]
        if any(sample.color is step.to for sample in answers):
            return rollout.timed(name, ports.clock.now() - started)
        ports.clock.sleep(ANSWER_TICK_S)
    return rollout.timed(name, ports.clock.now() - started)


def _with_skew(moved: Moved, rollout: Rollout, now: float) -> Rollout:
    """How long users of several routers were on two colors: between their moves, or since a try that was cut short."""
    if moved.of < 2:
        return rollout
    seconds = moved.seconds if moved.routers == moved.of else now - _began(rollout)
    return rollout.timed("skew_s", max(seconds, rollout.timings.get("skew_s", 0.0)))


def _began(rollout: Rollout) -> float:
    """When this rollout began to move traffic."""
    begun = (entry.at for entry in reversed(rollout.entries) if entry.what == f"phase {Phase.CUTOVER.value}")
    return next(begun, rollout.phase_since)
