"""What probes have said so far, without what proves nothing any more.

Old samples are dropped, and samples of pods that are gone. A probe that was under way while the cluster was
silent proves nothing, as the silence may be what it met; nor does one at the front door from before traffic
moved, as it is about the other color.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection, Sequence

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Counts, DoorSample, Judgement, Result, Sample, Service
from opsctl.core.rates import Reading, judge_rates
from opsctl.core.snapshot import ColorState, Snapshot
from opsctl.ports.evidence import Prober

KEPT = 80  # samples a pod and service, at least
KEPT_A_ROUND = 20  # of each of the rounds that are looked at, even when suspicion makes many
KEPT_READINGS = 600  # a pod
LOAD_READ_S = 0.25  # between two readings of our own load
MOST_DOOR = 20_000  # samples, whatever is configured
DOOR_SPARE_S = 4.0  # beyond the longest run of failures at the front door that is waited for
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
        self.door += [found for found in self.prober.collect_door() if found.at - found.seconds >= since]
        if self.door:  # as long as `judge_door` may have to look back
            kept_since = self.door[-1].at - self.policy.consecutive * self.policy.probe_interval - DOOR_SPARE_S
            self.door = [found for found in self.door if found.at >= kept_since][-MOST_DOOR:]

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
        new, old = (self._counted(snapshot.colors[color], now) for color in (active, active.other))
        return judge_rates(new, old, self.policy, self._moved_at, "/metrics")

    def rates_under_load(self, counts: Counts, now: float) -> Judgement:
        """By the answers to our own requests; a count that fell is a new load."""
        if not self._load or now - self._load[-1].at >= LOAD_READ_S:
            anew = self._load and counts.requests < self._load[-1].counts.requests
            self._load = [*([] if anew else self._load), Reading(now, counts)][-KEPT_READINGS:]
        return judge_rates({"load": self._load}, {}, self.policy, now - self.policy.rate_window, "the gate's load")

    def sockets(self) -> dict[str, int]:
        """Open WebSockets by pod, by its own metrics; a pod whose last answer did not say is missing, and one that has
        not answered since traffic moved: agents may have come to it."""
        last = {pod: samples[-1] for (pod, service), samples in self.samples.items() if service is Service.METRICS}
        told = {pod: sample for pod, sample in last.items() if sample.at - sample.seconds >= self._moved_at}
        return {pod: sample.sockets for pod, sample in told.items() if sample.sockets is not None}

    def proved_since(self, state: ColorState) -> float:
        """Every pod and port of a color has answered well at or after this; 0 where one has not at all."""
        ports = [(pod.name, s) for pod in state.living if pod.probed for s in Service if s.value in pod.offers]
        return min((_last_pass(self.samples.get(port, ())) for port in ports), default=0.0)

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
        del series[: -max(KEPT, KEPT_A_ROUND * self.policy.of_last)]
        if sample.counts is not None and sample.result is Result.PASSED:
            self._readings[sample.pod].append(Reading(sample.at, sample.counts))
            del self._readings[sample.pod][:-KEPT_READINGS]

    def _counted(self, state: ColorState, now: float) -> dict[str, list[Reading]]:
        """Of the window; of who is asked rarely the last few, while it is asked at all."""
        own = {pod.name: self._readings.get(pod.name, []) for pod in state.pods}
        since = now - self.policy.rate_window
        heard = max((readings[-1].at for readings in own.values() if readings), default=now) - self.policy.rate_window
        return {name: _recent(readings, since, heard) for name, readings in own.items()}


def _recent(readings: list[Reading], since: float, heard: float) -> list[Reading]:
    """`heard`: one whose last reading is older is asked no more, and what it said before would drown the others."""
    if len(readings) >= LEAST_READINGS and readings[-1].at >= heard:
        since = min(since, readings[-LEAST_READINGS].at)
    return [reading for reading in readings if reading.at >= since]


def _last_pass(samples: Sequence[Sample]) -> float:
    """When the last probe that passed began."""
    return next((s.at - s.seconds for s in reversed(samples) if s.result is Result.PASSED), 0.0)
