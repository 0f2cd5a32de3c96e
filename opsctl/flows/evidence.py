"""What probes have said so far, without what proves nothing any more.

Old samples are dropped, and samples of pods that are gone. A probe that was under way while the cluster was
silent proves nothing, as the silence may be what it met; nor does one at the front door from before traffic
moved, as it is about the other color.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection

from opsctl.core.cadence import intervals
from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Counts, DoorSample, Judgement, Result, Sample, Service
from opsctl.core.rates import Reading, judge_rates
from opsctl.core.snapshot import ColorState, Snapshot
from opsctl.ports import Prober

KEPT = 80  # samples a pod and service: more than any rule looks back, even when suspicion makes many
KEPT_READINGS = 600  # a pod
LOAD_READ_S = 0.25  # between two readings of our own load
HANDSHAKES_S = 5.0  # WebSockets are looked at so far back
LEAST_READINGS = 3  # are looked at, even if who asks rarely has to look back further than the window


class Evidence:
    """`gather` often; the rest only looks."""

    def __init__(self, prober: Prober, policy: Policy) -> None:
        self.prober, self.policy = prober, policy
        self.samples: dict[tuple[str, Service], list[Sample]] = defaultdict(list)
        self.door: list[DoorSample] = []
        self._readings: dict[str, list[Reading]] = defaultdict(list)
        self._load: list[Reading] = []
        self._trusted_since = self._moved_at = 0.0  # a sample that began before proves nothing

    def gather(self) -> None:
        for sample in self.prober.collect():
            if sample.at - sample.seconds >= self._trusted_since:
                self._keep(sample)
        since = max(self._trusted_since, self._moved_at)
        fresh = [found for found in self.prober.collect_door() if found.at - found.seconds >= since]
        self.door = [*self.door, *fresh][-KEPT:]

    def distrust(self, now: float) -> None:
        """The cluster is silent: what is asked from now on may be trusted again, nothing that is under way."""
        self._trusted_since = now

    def traffic_moved(self, now: float) -> None:
        self._moved_at = now
        self.door.clear()

    def forget_gone(self, names: Collection[str]) -> None:
        for key in [key for key in self.samples if key[0] not in names]:
            del self.samples[key]
        for name in [name for name in self._readings if name not in names]:
            del self._readings[name]

    def rates(self, snapshot: Snapshot, active: Color, now: float) -> Judgement:
        """Of the color with users, since it has them."""
        new, old = (self._counted(snapshot.colors[color]) for color in (active, active.other))
        readings = LEAST_READINGS * intervals(snapshot, self.policy)[active] + self.policy.probe_timeout
        since = now - max(self.policy.rate_window, readings)
        return judge_rates(new, old, self.policy, max(since, self._moved_at), "/metrics")

    def rates_under_load(self, counts: Counts, now: float) -> Judgement:
        """By the answers to our own requests; a count that fell is a new load."""
        if not self._load or now - self._load[-1].at >= LOAD_READ_S:
            anew = self._load and counts.requests < self._load[-1].counts.requests
            self._load = [*([] if anew else self._load), Reading(now, counts)][-KEPT_READINGS:]
        return judge_rates({"load": self._load}, {}, self.policy, now - self.policy.rate_window, "the gate's load")

    def sockets(self) -> dict[str, int]:
        """Open WebSockets by pod, by its own metrics; a pod whose last answer did not say is missing."""
        last = {pod: samples[-1] for (pod, service), samples in self.samples.items() if service is Service.METRICS}
        return {pod: sample.sockets for pod, sample in last.items() if sample.sockets is not None}

    def handshakes(self, snapshot: Snapshot, now: float) -> dict[Color, float]:
        """Seconds that probes of a WebSocket took lately, the one in the middle; a color without any is missing."""
        found = {color: self._handshakes(state, now) for color, state in snapshot.colors.items()}
        return {color: statistics.median(seconds) for color, seconds in found.items() if seconds}

    def _handshakes(self, state: ColorState, now: float) -> list[float]:
        samples = [s for pod in state.living for s in self.samples.get((pod.name, Service.WEBSOCKET), ())]
        return [s.seconds for s in samples if s.result is Result.PASSED and now - s.at <= HANDSHAKES_S]

    def _keep(self, sample: Sample) -> None:
        series = self.samples[sample.pod, sample.service]
        series.append(sample)
        del series[:-KEPT]
        if sample.counts is not None and sample.result is Result.PASSED:
            self._readings[sample.pod].append(Reading(sample.at, sample.counts))
            del self._readings[sample.pod][:-KEPT_READINGS]

    def _counted(self, state: ColorState) -> dict[str, list[Reading]]:
        return {pod.name: self._readings.get(pod.name, []) for pod in state.pods}
