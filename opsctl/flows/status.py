"""Looking at an environment without touching it: one snapshot, one round of probes, the records, the lock.

Of a color with many pods some are probed, and Kubernetes' word is taken for the others: who looks wants to know now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsctl.core.cadence import some_probed
from opsctl.core.environment import Release as Policy
from opsctl.core.freeze import Freeze
from opsctl.core.lease import LeaseState
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.snapshot import Snapshot
from opsctl.core.status import Seen
from opsctl.errors import Unreachable
from opsctl.flows.access import current_freeze
from opsctl.flows.watch import Watcher
from opsctl.ports.cluster import Clock
from opsctl.ports.release import ReleasePorts

_TICK_S = 0.02


class StatusLook:
    """Looks once, and well: `once` waits until there is evidence about every pod."""

    def __init__(self, environment: str, ports: ReleasePorts, policy: Policy) -> None:
        self.environment, self.policy = environment, policy
        self.ports = replace(ports, changes=Untold(ports.clock))
        self.watcher: Watcher = Glance(self.ports, policy)
        self.waits_for = "the cluster to answer"

    def once(self) -> Seen:
        """Raises Unreachable while the cluster is silent: a status without facts would be a guess."""
        observation = self._complete_round()
        heard(observation)
        return self.seen(observation, read_records(self.ports))

    def seen(self, observation: Observation, records: Records) -> Seen:
        return Seen(self.environment, observation, records.past, records.lock, self.policy, records.freeze)

    def _complete_round(self) -> Observation:
        """Look until every ready pod has answered on every port, or has had time enough to."""
        started = self.ports.clock.now()
        seen = self.watcher.look()
        while seen.snapshot and (waited_for := self._unanswered(seen.snapshot)):
            self.waits_for = f"probes of {waited_for} pods"
            if self.ports.clock.now() - started > self.policy.probe_timeout + 1.0:
                break
            self.ports.clock.sleep(_TICK_S)
            seen = self.watcher.look()
        return seen

    def _unanswered(self, snapshot: Snapshot) -> int:
        pods = {pod.name for state in snapshot.colors.values() for pod in state.living if pod.probed and pod.ready}
        return len(pods - self.watcher.answered_pods())


def heard(observation: Observation) -> Snapshot:
    """Raises Unreachable where the cluster was silent."""
    if observation.snapshot is None:
        raise Unreachable(observation.silence, hint="opsctl status again; the cluster said nothing")
    return observation.snapshot


@dataclass(frozen=True)
class Records:
    """What is read beside the snapshot, and when."""

    at: float
    past: Sequence[Rollout]
    lock: LeaseState | None
    freeze: Freeze | None


def read_records(ports: ReleasePorts) -> Records:
    return Records(ports.clock.now(), ports.journal.rollouts(), ports.lock.show(), current_freeze(ports))


class Glance(Watcher):
    """Probes some pods of many."""

    def read(self) -> Snapshot:
        snapshot = super().read()
        return replace(snapshot, colors={color: some_probed(state) for color, state in snapshot.colors.items()})


class Untold:
    """No watch on the cluster: who only looks need not know at once."""

    serves_s = 1.0

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def stirred(self) -> bool:
        return False
