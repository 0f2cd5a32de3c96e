"""Around a release: hooks and notices. Nothing here ever delays bringing users back, or ends a release by an error.

Hooks that a release waits for are begun by `core.phases.hooked`; those beside a rollback and after an outcome are begun
here, as no decision depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.hook import HookEnd, HookName, HookState, after, going_back, hook_of, on_record, out_of_time
from opsctl.core.notice import Event, begins, event_of
from opsctl.core.release import Rollout
from opsctl.errors import Interrupted, LockHeld, Refused, ToolFailed, Unreachable
from opsctl.flows.writing import recorded
from opsctl.ports.release import ReleasePorts

TICK_S = 0.05


def before_deploy(rollout: Rollout, active: Color | None, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Run `pre_deploy` to its end, before anything is written. Raises Refused where it fails, Interrupted."""
    name = HookName.PRE_DEPLOY
    if hook_of(name, rollout, policy) is None:
        return rollout
    try:
        state = _run_to_end(name, rollout, active, ports, policy)
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted while hook {name} ran", state="Nothing was changed.") from None
    finally:
        ports.hooks.end()
        tell(ports)
    said = _say_end(name, state, ports)
    if state.end is not HookEnd.ENDED:
        raise Refused(
            f"hook {name} failed: {state.why}", state="Nothing was changed; nothing is released.",
            hint="what it printed stands above; release.hooks in the environment file",
        )  # fmt: skip
    return rollout.noted(ports.clock.now(), said, state.why)


def _say_end(name: HookName, state: HookState, ports: ReleasePorts) -> str:
    """In the journal's word for it, which is returned."""
    what = f"{state.end} {name}"
    ports.watching.hook_says("hook", f"{what}{': ' if state.why else ''}{state.why}")
    return what


def _run_to_end(
    name: HookName, rollout: Rollout, active: Color | None, ports: ReleasePorts, policy: Policy
) -> HookState:
    ports.watching.hook_says("hook", f"{name} begins; nothing else has")
    _step(name, rollout, active, ports, policy)
    while (state := ports.hooks.states()[name]).end is None:
        tell(ports)
        rival = ports.lock.rival()
        if rival:
            raise Interrupted(f"superseded: {rival}", state="Nothing was changed.", hint="opsctl status --watch")
        ports.clock.sleep(TICK_S)
    return state


def begun(rollout: Rollout, active: Color | None, ports: ReleasePorts) -> None:
    if begins(rollout):
        ports.notices.send(Event.BEGAN, rollout, active)


def beside(rollout: Rollout, active: Color | None, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Once a look: end hooks whose phase is over, run `pre_rollback` beside a rollback.

    What becomes of that one is written with the next write, so that it costs users no time.
    """
    ports.hooks.stop(out_of_time(ports.hooks.states(), rollout))
    name = HookName.PRE_ROLLBACK
    if not going_back(rollout) or on_record(name, rollout):
        return rollout
    return _step(name, rollout, active, ports, policy)


def went_on(before: Rollout, now: Rollout, active: Color | None, ports: ReleasePorts) -> None:
    event = event_of(before, now)
    if event:
        ports.notices.send(event, now, active)


def after_outcome(
    rollout: Rollout, active: Color | None, ports: ReleasePorts, policy: Policy, asked: Sequence[int]
) -> Rollout:
    """Users are where they stay: let `pre_rollback` end, run the hook that the outcome calls for, wait for notices.

    Whatever comes of it is said and put on record, and changes nothing. An interrupt from now on ends the waiting.
    """
    name, heard = after(rollout), len(asked)
    ports.hooks.stop([each for each in ports.hooks.states() if each is not HookName.PRE_ROLLBACK])
    _await_hooks(ports, lambda: len(asked) > heard)
    noted = _step(name, rollout, active, ports, policy) if name else rollout
    if noted != rollout:
        _save(noted, ports)
        _await_hooks(ports, lambda: len(asked) > heard)
    done = _undelivered(_with_ends(noted, name, ports), ports)
    if done != noted:
        _save(done, ports)
    return done


def _step(name: HookName, rollout: Rollout, active: Color | None, ports: ReleasePorts, policy: Policy) -> Rollout:
    """Begin a hook, or note how it ended; nothing is written."""
    hook, state = hook_of(name, rollout, policy), ports.hooks.states().get(name)
    if hook is None or (state and state.end is None):
        return rollout
    if state is None:
        ports.hooks.begin(name, hook, rollout, active)
        return rollout.noted(ports.clock.now(), f"began {name}")
    return rollout.noted(ports.clock.now(), f"{state.end} {name}", state.why)


def _await_hooks(ports: ReleasePorts, interrupted: Callable[[], bool]) -> None:
    """Each is ended at its timeout by whoever runs it."""
    while running := [name for name, state in ports.hooks.states().items() if state.end is None]:
        if interrupted():
            ports.hooks.stop(running)
        tell(ports)
        ports.clock.sleep(TICK_S)
    tell(ports)


def _with_ends(rollout: Rollout, last: HookName | None, ports: ReleasePorts) -> Rollout:
    """The ends of this process's hooks that are not on record yet. `last` may have run at an earlier halt, too."""
    told = {entry.what for entry in rollout.entries}
    for name, state in ports.hooks.states().items():
        what = f"{state.end} {name}"
        if state.end is not HookEnd.NOT_RUN and (name is last or what not in told):
            _say_end(name, state, ports)
            rollout = rollout.noted(ports.clock.now(), what, state.why)
    return rollout


def _undelivered(rollout: Rollout, ports: ReleasePorts) -> Rollout:
    for failed in ports.notices.finish():
        ports.watching.hook_says("notify", f"{failed.target} was not told: {failed.why}")
        rollout = rollout.noted(ports.clock.now(), f"not told {failed.target}", failed.why)
    return rollout


def _save(rollout: Rollout, ports: ReleasePorts) -> None:
    with suppress(Unreachable, LockHeld, ToolFailed):  # the outcome is on record; this is for people
        recorded(rollout, ports)


def tell(ports: ReleasePorts) -> None:
    for name, line in ports.hooks.lines():
        ports.watching.hook_says(f"hook {name}", line)
