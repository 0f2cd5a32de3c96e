"""Standing guard over the release that serves: nothing is locked meanwhile, so that others may release.

Trouble starts a rollback like any other, under the lock and on record.
"""

from __future__ import annotations

from opsctl.core.environment import Release as Policy
from opsctl.core.guarding import GoBack, LookClosely, Over, Rest, on_guard
from opsctl.core.phases.serving import NO_WAY_BACK
from opsctl.core.release import Outcome, Rollout
from opsctl.errors import Halted, Interrupted, LockHeld, OpsError, Refused, ToolFailed, Unreachable, UsageError
from opsctl.flows.engine import TICK_S
from opsctl.flows.steer import rollback
from opsctl.flows.watch import Watcher
from opsctl.ports.release import ReleasePorts


def guard(ports: ReleasePorts, policy: Policy, seconds: float, by: str) -> Rollout:
    """Watch the release that serves for so long.

    Returns the rollback that was needed, whatever its outcome; where none was, the record of what was guarded.
    Raises UsageError where no release that succeeded serves, or where there is nothing to go back to; Halted where
    it fails and its migration left no way back; Interrupted.
    """
    guarded = _serving(ports)
    try:
        return _stand(guarded, ports, policy, seconds, by)
    except KeyboardInterrupt:
        raise Interrupted(
            "the guard was ended", state=f"Release {guarded.release} serves users on {guarded.color}, unguarded.",
            hint="opsctl guard goes on; opsctl rollback goes back",
        ) from None  # fmt: skip


def _stand(guarded: Rollout, ports: ReleasePorts, policy: Policy, seconds: float, by: str) -> Rollout:
    watcher, started = Watcher(ports, policy), ports.clock.now()
    while True:
        seen = watcher.look()
        now = ports.clock.now()
        found = on_guard(guarded, seen, started, seconds, now)
        ports.watching.guards(guarded, seen, now - started, seconds, found)
        match found:
            case Over():
                return guarded
            case GoBack(why) if guarded.irreversible:
                raise Halted(
                    f"release {guarded.release} failed: {why}; {NO_WAY_BACK}",
                    state=f"Users stay on {guarded.color}.", hint="opsctl status; deploy a release that mends it",
                )  # fmt: skip
            case GoBack(why):
                back = _go_back(why, ports, policy, by)
                if isinstance(back, Rollout):
                    return back
                _wait_or_halt(guarded, why, back, ports, started + seconds - now)
            case LookClosely():
                ports.changes.wait(TICK_S)
            case Rest(rest):
                ports.changes.wait(min(rest, max(TICK_S, started + seconds - now)))


def _go_back(why: str, ports: ReleasePorts, policy: Policy, by: str) -> Rollout | OpsError:
    """The rollback, or what stands in its way: somebody at work, or a cluster that does not answer."""
    try:
        return rollback(ports, policy, f"{by} on guard", why)
    except (LockHeld, Refused, Unreachable, ToolFailed) as error:
        return error


def _wait_or_halt(guarded: Rollout, why: str, error: OpsError, ports: ReleasePorts, left: float) -> None:
    """Said at once, and tried again until the guard's time is over; then a person has to."""
    if left <= 0:
        raise Halted(
            f"release {guarded.release} failed: {why}; it could not be rolled back: {error.message}",
            state=f"Users stay on {guarded.color}.", hint=error.hint or "opsctl rollback",
        ) from error  # fmt: skip
    ports.watching.waits(error.message, left)
    ports.clock.sleep(1.0)


def _serving(ports: ReleasePorts) -> Rollout:
    """The record of the release that serves users. Raises UsageError where none that succeeded does."""
    now, past = ports.cluster.read(), ports.journal.rollouts()
    release = now.colors[now.active].release if now.active else None
    found = [r for r in past if r.release == release and r.color is now.active and r.outcome is Outcome.SUCCEEDED]
    if not found:
        raise UsageError(
            "no release that succeeded serves users, so there is none to guard",
            state="Nothing was changed.", hint="opsctl status",
        )  # fmt: skip
    return found[-1]
