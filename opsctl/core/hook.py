"""Hooks: an operator's own commands around a release. Which there are, what became of one, and what each is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from opsctl.core.color import Color
from opsctl.core.environment import Hook
from opsctl.core.environment import Hooks as Settings
from opsctl.core.environment import Release as Policy
from opsctl.core.release import Kind, Outcome, Phase, Rollout


class HookName(StrEnum):
    PRE_DEPLOY = "pre_deploy"
    PRE_CUTOVER = "pre_cutover"
    POST_CUTOVER = "post_cutover"
    PRE_ROLLBACK = "pre_rollback"
    POST_ROLLBACK = "post_rollback"
    ON_HALT = "on_halt"


class HookEnd(StrEnum):
    """What became of a hook, in the words of the record."""

    ENDED = "ended"  # well
    FAILED = "failed"
    STOPPED = "stopped"  # by opsctl, as nobody needed it any more
    NOT_RUN = "not run"


@dataclass(frozen=True)
class HookState:
    """A hook of this process. `end` is None while it runs, since `since`; `why` is of an end that is not well."""

    since: float
    end: HookEnd | None = None
    why: str = ""


Hooks = Mapping[HookName, HookState]

GOING_BACK = (HookName.PRE_ROLLBACK, HookName.POST_ROLLBACK)
_RUNS_IN = {HookName.PRE_CUTOVER: Phase.GATING, HookName.POST_CUTOVER: Phase.BAKING}


def every(hooks: Settings) -> dict[HookName, Hook]:
    """All of them, in the order in which they run."""
    return {
        HookName.PRE_DEPLOY: hooks.pre_deploy,
        HookName.PRE_CUTOVER: hooks.pre_cutover,
        HookName.POST_CUTOVER: hooks.post_cutover,
        HookName.PRE_ROLLBACK: hooks.pre_rollback,
        HookName.POST_ROLLBACK: hooks.post_rollback,
        HookName.ON_HALT: hooks.on_halt,
    }


def configured(policy: Policy) -> dict[HookName, Hook]:
    return {name: hook for name, hook in every(policy.hooks).items() if hook.command}


def hook_of(name: HookName, rollout: Rollout, policy: Policy) -> Hook | None:
    """None where this rollout runs no such hook. Going back by hand is no deploy: nothing stands in its way."""
    deploys = name not in GOING_BACK and name is not HookName.ON_HALT
    if rollout.kind is Kind.ROLLBACK and deploys:
        return None
    return configured(policy).get(name)


def on_record(name: HookName, rollout: Rollout) -> tuple[HookEnd, str] | None:
    """What the record says became of it, and why. None: it has to run, be it again, as nobody knows how it ended, or
    because a person goes on with a rollout that halted meanwhile."""
    for entry in reversed(rollout.entries):
        if entry.what == f"outcome {Outcome.HALTED.value}":
            return (HookEnd.ENDED, "") if any(e.what == f"{HookEnd.ENDED} {name}" for e in rollout.entries) else None
        for end in (HookEnd.ENDED, HookEnd.FAILED, HookEnd.NOT_RUN):
            if entry.what == f"{end} {name}":
                return end, entry.detail
    return None


def out_of_time(hooks: Hooks, rollout: Rollout) -> list[HookName]:
    """Those that still run though the rollout has left the phase that they belong to."""
    running = [name for name, state in hooks.items() if state.end is None]
    return [name for name in running if _RUNS_IN.get(name, rollout.phase) is not rollout.phase]


def going_back(rollout: Rollout) -> bool:
    """Users are being brought back, or a person wants them back."""
    return rollout.kind is Kind.ROLLBACK or rollout.phase is Phase.ROLLING_BACK


def after(rollout: Rollout) -> HookName | None:
    """The hook that its outcome calls for."""
    if rollout.outcome is Outcome.HALTED:
        return HookName.ON_HALT
    back = rollout.outcome is Outcome.ROLLED_BACK
    by_hand = rollout.kind is Kind.ROLLBACK and rollout.outcome is Outcome.SUCCEEDED
    return HookName.POST_ROLLBACK if back or by_hand else None


def facts(name: HookName, environment: str, rollout: Rollout, active: Color | None) -> dict[str, str]:
    """What a hook's environment says. Empty: there is none, or, of `OPSCTL_ACTIVE`, nobody knows."""
    return {
        "OPSCTL_HOOK": name.value,
        "OPSCTL_ENVIRONMENT": environment,
        "OPSCTL_ROLLOUT": str(rollout.id),
        "OPSCTL_KIND": rollout.kind.value,
        "OPSCTL_RELEASE": str(rollout.release),
        "OPSCTL_COLOR": rollout.color.value,
        "OPSCTL_ORIGIN": rollout.origin.value if rollout.origin else "",
        "OPSCTL_ACTIVE": active.value if active else "",
        "OPSCTL_IMAGE": rollout.image,
        "OPSCTL_PHASE": rollout.phase.value,
        "OPSCTL_OUTCOME": rollout.outcome.value if rollout.outcome else "",
        "OPSCTL_WHY": rollout.why,
        "OPSCTL_BY": rollout.started_by,
    }
