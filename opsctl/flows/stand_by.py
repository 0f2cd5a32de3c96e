"""Standing by in the cluster while somebody carries a rollout, to go on with it when they are gone.

| the lock, and how far the rollout is        | the guard                                                       |
|---------------------------------------------|-----------------------------------------------------------------|
| renewed                                     | sleeps                                                          |
| not renewed for `LATE_S`                    | looks, so that there is evidence at once                        |
| before cutover                              | leaves all to a person: users are safe                          |
| its holder is dead, users may have moved    | goes on as soon as there is something to do                     |
| given back, as by Ctrl-C or a CI job's end  | brings users back from a bad color; leaves all else to a person |

The lock is taken only when there is something to do, so that until then a person who comes back finds it free; and
never from anybody alive.
"""

from __future__ import annotations

from dataclasses import replace

from opsctl.core.decisions import Wait
from opsctl.core.environment import Release as Policy
from opsctl.core.lease import Life, Pulse
from opsctl.core.observation import Observation
from opsctl.core.recorded import restored
from opsctl.core.release import Phase, Rollout
from opsctl.core.rollout import decide, may_stop
from opsctl.errors import Halted, LockHeld, ToolFailed, Unreachable
from opsctl.flows.engine import carry, watcher_of
from opsctl.flows.holding import holding
from opsctl.flows.watch import Watcher
from opsctl.ports.release import ReleasePorts

LATE_S = 2.0  # a heartbeat comes each second
SLEEP_S, LOOK_S, IDLE_S = 0.5, 0.25, 1.0
USERS_MAY_HAVE_MOVED = (Phase.CUTOVER, Phase.BAKING, Phase.DRAINING, Phase.ROLLING_BACK)


def stand_by(ports: ReleasePorts, policy: Policy, name: str) -> Rollout:
    """Until the rollout has its outcome, whoever brought it there; returns it. `name` is who takes over.

    The newest record in `ports.journal` is that of the rollout. No answer, or a no, ends nothing: it is tried again.
    Raises Interrupted where this process is asked to end while it carries the rollout.
    """
    watcher: Watcher | None = None
    while True:
        try:
            pulse = ports.lock.pulse()
            if pulse.lease and pulse.quiet < LATE_S:
                watcher = None
                ports.clock.sleep(SLEEP_S)
                continue
            rollout = _record(ports)
            if rollout.outcome is not None:
                return rollout
            if rollout.phase not in USERS_MAY_HAVE_MOVED:
                ports.clock.sleep(IDLE_S)
                continue
            judged_by = restored(policy, rollout.policy)
            watcher = watcher or watcher_of(rollout, ports, judged_by)
            if _due(rollout, pulse, watcher, judged_by, ports):
                return _take_over(pulse, watcher, ports, policy, name)
            ports.changes.wait(LOOK_S)
        except (Unreachable, ToolFailed, LockHeld, Halted) as error:
            watcher = None
            ports.watching.waits(error.message, SLEEP_S)
            ports.clock.sleep(SLEEP_S)


def _record(ports: ReleasePorts) -> Rollout:
    return ports.journal.rollouts()[-1]


def _due(rollout: Rollout, pulse: Pulse, watcher: Watcher, policy: Policy, ports: ReleasePorts) -> bool:
    """Whether there is something to do, and nobody else to do it. Looks in any case, to have evidence by then."""
    seen = watcher.look()
    if pulse.life is not Life.DEAD or seen.snapshot is None:
        return False
    if pulse.lease is None and not rollout.taken_over_by:  # its holder gave it back; a guard does so when evicted
        return not may_stop(_where_users_are(rollout, seen), seen)
    return not isinstance(decide(rollout, seen, policy, ports.clock.now()), Wait)


def _where_users_are(rollout: Rollout, seen: Observation) -> Rollout:
    """Traffic may have moved without a record of it: then the release is baking already."""
    moved = rollout.phase is Phase.CUTOVER and seen.snapshot and rollout.color in seen.snapshot.serving
    return replace(rollout, phase=Phase.BAKING) if moved else rollout


def _take_over(pulse: Pulse, watcher: Watcher, ports: ReleasePorts, policy: Policy, name: str) -> Rollout:
    who = f"{pulse.lease.holder} is gone" if pulse.lease else "nobody has the lock"
    with holding(ports, "goes on with a release whose operator is gone"):
        rollout = _record(ports)  # a person may have been quicker
        if rollout.outcome is not None:
            return rollout
        taken = replace(rollout, taken_over_by=name).noted(ports.clock.now(), "taken over", f"by {name}: {who}")
        return carry(taken, ports, policy, watcher)
