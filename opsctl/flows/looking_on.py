"""Looking on while others work: a picture about once a second, cheap for the cluster, and none of it written there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import ROUND, DoorSample, Sample, Service
from opsctl.core.picture import Picture, pace, picture_json, silent
from opsctl.core.snapshot import ColorState
from opsctl.core.status import Seen
from opsctl.errors import OpsError
from opsctl.flows.status import Glance, Records, StatusLook, heard, read_records
from opsctl.ports.cluster import Clock
from opsctl.ports.evidence import Prober
from opsctl.ports.release import ReleasePorts

LOOK_S = 1.0  # between two pictures
RECORDS_S = 2.0  # the journal, the lock and the freeze are read this often


class LookingOn(StatusLook):
    """Looks again and again, and never asks the API server for more than `core.picture.pace` allows."""

    def __init__(self, environment: str, ports: ReleasePorts, policy: Policy) -> None:
        super().__init__(environment, ports, policy)
        self._pace = 0.0
        self._records: Records | None = None
        self._keep_pace(0)

    def pictures(self) -> Iterator[Picture]:
        """About one a second, for ever; while the cluster is silent the last one again, with since when.

        Raises Unreachable where there is not even a first one.
        """
        last = picture_json(self.once())
        while True:
            yield last
            self.ports.clock.sleep(LOOK_S)
            try:
                last = picture_json(self._again())
            except OpsError as error:
                last = silent(last, error.message)

    def _again(self) -> Seen:
        """From whatever probes have ended by now: none is waited for."""
        observation = self.watcher.look()
        snapshot = heard(observation)
        self._keep_pace(sum(pod.probed for state in snapshot.colors.values() for pod in state.living))
        if self._records is None or self.ports.clock.now() - self._records.at >= RECORDS_S:
            self._records = read_records(self.ports)
        return self.seen(observation, self._records)

    def _keep_pace(self, pods: int) -> None:
        """Verdicts reckon with the time between two rounds, so who looks at another pace begins anew."""
        if pace(pods) == self._pace:
            return
        self._pace = pace(pods)
        slow = replace(self.policy, probe_interval=max(self._pace, self.policy.probe_interval))
        prober = Paced(self.ports.prober, self.ports.clock, slow.probe_interval)
        self.watcher = Glance(replace(self.ports, prober=prober), slow)


class Paced:
    """A prober that leaves out the extra rounds of suspicion: nobody is brought back by who only looks on."""

    def __init__(self, prober: Prober, clock: Clock, every: float) -> None:
        self.prober, self.clock, self.every = prober, clock, every
        self._began: dict[str, float] = {}  # by pod

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        self.prober.begin({color: self._due(state) for color, state in colors.items()}, services)

    def _due(self, state: ColorState) -> ColorState:
        now = self.clock.now()
        due = tuple(pod for pod in state.pods if now - self._began.get(pod.name, 0.0) >= ROUND * self.every)
        self._began |= dict.fromkeys((pod.name for pod in due), now)
        return replace(state, pods=due)

    def collect(self) -> list[Sample]:
        return self.prober.collect()

    def begin_door(self, color: Color) -> None:
        self.prober.begin_door(color)

    def collect_door(self) -> list[DoorSample]:
        return self.prober.collect_door()

    def give_up(self) -> None:
        self.prober.give_up()
