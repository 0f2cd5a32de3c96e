"""Hooks that a release waits for: `pre_cutover` when its gate has passed, `post_cutover` while it bakes.

Both run beside the loop, which goes on looking; here is only what their ends mean. One that has ended on record is
not run again by whoever goes on with the rollout; one whose end nobody knows is.
"""

from __future__ import annotations

from opsctl.core.decisions import Act, Noted, Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.hook import HookEnd, HookName, hook_of, on_record
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.steps import BeginHook

SPARE_S = 30.0  # beyond its timeout, for its processes to be ended


def hook_step(name: HookName, rollout: Rollout, seen: Observation, policy: Policy, now: float) -> Act | Noted | None:
    """Begin it, or write down how it ended; None: there is nothing to do about it now."""
    hook, state = hook_of(name, rollout, policy), seen.hooks.get(name)
    if hook is None or on_record(name, rollout):
        return None
    if state is None:
        return Act(BeginHook(name, hook))
    if state.end in (HookEnd.ENDED, HookEnd.FAILED):
        return _ended(name, state.end, state.why)
    if state.end is HookEnd.STOPPED:
        return _ended(name, HookEnd.FAILED, "it was stopped")
    if state.end is None and now - state.since > hook.timeout + SPARE_S:
        return _ended(name, HookEnd.FAILED, f"it cannot be ended after {hook.timeout:.0f} s")
    return None


def awaited(name: HookName, rollout: Rollout, seen: Observation, policy: Policy) -> Wait | Noted | None:
    """What a rollout that is ready but for a hook does; None: the hook is over. Where hooks are not run at all, that is
    written down only now, as it is no reason by itself to take hold of a rollout."""
    if hook_of(name, rollout, policy) is None or on_record(name, rollout):
        return None
    state = seen.hooks.get(name)
    if state and state.end is HookEnd.NOT_RUN:
        return _ended(name, HookEnd.NOT_RUN, state.why)
    return Wait(f"hook {name} runs")


def hook_trouble(name: HookName, rollout: Rollout) -> str:
    """Why the rollout may not go on, by what is on record of a hook; empty: nothing."""
    found = on_record(name, rollout)
    lenient = (HookEnd.ENDED, HookEnd.NOT_RUN) if name is HookName.POST_CUTOVER else (HookEnd.ENDED,)
    if found is None or found[0] in lenient:
        return ""
    verb = "failed" if found[0] is HookEnd.FAILED else "was not run"
    return f"hook {name} {verb}{': ' if found[1] else ''}{found[1]}"


def hook_end(name: HookName, rollout: Rollout, seen: Observation, now: float) -> float:
    """Until when it kept the rollout waiting: its end on record, now while it runs, 0 where there was none."""
    state = seen.hooks.get(name)
    if on_record(name, rollout) is None:
        return now if state and state.end is None else 0.0
    return next((entry.at for entry in reversed(rollout.entries) if entry.what.endswith(f" {name}")), 0.0)


def _ended(name: HookName, end: HookEnd, why: str) -> Noted:
    return Noted(f"{end} {name}", why)
