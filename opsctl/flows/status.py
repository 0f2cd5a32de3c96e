"""Looking at an environment without touching it: one snapshot, one round of probes, the records, the lock."""

from __future__ import annotations

from opsctl.core.environment import Release as Policy
from opsctl.core.observation import Observation
from opsctl.core.status import Seen
from opsctl.errors import Unreachable
from opsctl.flows.access import current_freeze
from opsctl.flows.watch import Watcher
from opsctl.ports import ReleasePorts

_TICK_S = 0.02


class StatusLook:
    """Looks as often as asked; the probes' memory grows from look to look, as `--watch` needs it."""

    def __init__(self, environment: str, ports: ReleasePorts, policy: Policy) -> None:
        self.environment, self.ports, self.policy = environment, ports, policy
        self.watcher = Watcher(ports, policy)

    def once(self) -> Seen:
        """Raises Unreachable while the cluster is silent: a status without facts would be a guess."""
        observation = self._complete_round()
        if observation.snapshot is None:
            raise Unreachable(observation.silence, hint="opsctl status again; the cluster said nothing")
        ports = self.ports
        return Seen(
            self.environment, observation, ports.journal.rollouts(), ports.lock.show(), self.policy,
            current_freeze(ports),
        )  # fmt: skip

    def _complete_round(self) -> Observation:
        """Look until every ready pod has answered on every port, or has had time enough to."""
        started = self.ports.clock.now()
        seen = self.watcher.look()
        while seen.snapshot and not self._all_answered(seen):
            if self.ports.clock.now() - started > self.policy.probe_timeout + 1.0:
                break
            self.ports.clock.sleep(_TICK_S)
            seen = self.watcher.look()
        return seen

    def _all_answered(self, seen: Observation) -> bool:
        assert seen.snapshot is not None
        pods = {pod.name for state in seen.snapshot.colors.values() for pod in state.living if pod.ready}
        return self.watcher.answered_pods() >= pods
