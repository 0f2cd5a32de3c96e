"""Looking: one observation from a snapshot of the cluster and from probes that run beside the loop.

Old samples are dropped, samples of pods that are gone do not count, and a color's `healthy_since` starts
anew whenever one look finds it anything but healthy. A probe that was under way while the cluster was silent
proves nothing, as the silence may be what it met; nor does one at the front door from before traffic moved, as
it is about the other color.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import ColorHealth, DoorSample, Sample, Service, Verdict, judge_color, judge_door
from opsctl.core.observation import Observation
from opsctl.core.snapshot import ColorState, Pod, Snapshot
from opsctl.errors import ToolFailed, Unreachable
from opsctl.ports import Clock, Cluster, Prober

KEPT = 20  # samples a pod and service; more than any rule looks back
DOOR_INTERVAL_S = 0.25  # the users' path is looked at several times a second: its trouble is everybody's
CRASH_COUNTS_S = 30.0  # a restart of an old color's pod is held against it this long, then its probes alone tell


class Watcher:
    """Call `look` often; it starts probes when they are due and never waits for one.

    `released` is the color on trial, whose every restart counts. Another color's pods may have restarted
    last week and are fine now: of those, only restarts that happened while watching count, and not for long.
    """

    def __init__(
        self, cluster: Cluster, prober: Prober, clock: Clock, policy: Policy, released: Color | None = None
    ) -> None:
        self.cluster, self.prober, self.clock, self.policy = cluster, prober, clock, policy
        self.released = released
        self._samples: dict[tuple[str, Service], list[Sample]] = defaultdict(list)
        self._door: list[DoorSample] = []
        self._healthy_since: dict[Color, float] = {}
        self._silent_since: float | None = None
        self._probed_at = self._door_at = 0.0
        self._trusted_since = self._door_since = 0.0  # a sample that began before proves nothing
        self._active: Color | None = None
        self._ready_once: set[str] = set()
        self._restarts: dict[str, tuple[int, float]] = {}  # by pod: how many at the last look, when it grew

    def look(self) -> Observation:
        try:
            snapshot = self.cluster.read()
        except (Unreachable, ToolFailed) as error:
            return self._silence(str(error))
        self._silent_since = None
        self._probe_if_due(snapshot)
        self._gather()
        return self._judge(snapshot)

    def answered_pods(self) -> set[str]:
        """Pods of which each port has given at least one sample."""
        names = {name for name, _ in self._samples}
        return {name for name in names if all(self._samples.get((name, service)) for service in Service)}

    def sockets(self, color: Color, seen: Observation) -> int | None:
        """Open WebSockets of a color by its own metrics; None if no pod said."""
        if seen.snapshot is None:
            return None
        pods = [pod.name for pod in seen.state(color).pods]
        found = [s[-1].sockets for pod in pods if (s := self._samples.get((pod, Service.METRICS)))]
        known = [number for number in found if number is not None]
        return sum(known) if known else None

    def _silence(self, words: str) -> Observation:
        now = self.clock.now()
        self._silent_since = self._silent_since if self._silent_since is not None else now
        self._trusted_since = self._door_since = now
        self._healthy_since.clear()
        door = judge_door(self._door, self.policy, now)
        return Observation(now, None, {}, {}, door, silent_since=self._silent_since, silence=words)

    def _probe_if_due(self, snapshot: Snapshot) -> None:
        now = self.clock.now()
        if now - self._probed_at >= self.policy.probe_interval:
            self._probed_at = now
            colors = snapshot.colors.items()
            self.prober.begin({color: replace(state, pods=self._started(state)) for color, state in colors})
        if snapshot.active is not self._active:
            self._active, self._door_since = snapshot.active, now
            self._door.clear()
        if snapshot.active and now - self._door_at >= DOOR_INTERVAL_S:
            self._door_at = now
            self.prober.begin_door(snapshot.active)

    def _started(self, state: ColorState) -> tuple[Pod, ...]:
        """Pods that have been ready once: one that still starts refuses connections, which is no failure."""
        self._ready_once |= {pod.name for pod in state.living if pod.ready}
        return tuple(pod for pod in state.living if pod.name in self._ready_once)

    def _gather(self) -> None:
        for sample in self.prober.collect():
            if sample.at - sample.seconds >= self._trusted_since:
                series = self._samples[sample.pod, sample.service]
                series.append(sample)
                del series[:-KEPT]
        fresh = [found for found in self.prober.collect_door() if found.at - found.seconds >= self._door_since]
        self._door = [*self._door, *fresh][-KEPT:]

    def _judge(self, snapshot: Snapshot) -> Observation:
        now = self.clock.now()
        self._forget_gone_pods(snapshot)
        health = {
            color: judge_color(self._as_judged(state, now), self._samples, self.policy, now)
            for color, state in snapshot.colors.items()
        }
        self._track(health, now)
        door = judge_door(self._door, self.policy, now)
        return Observation(now, snapshot, health, dict(self._healthy_since), door, self._answered(snapshot))

    def _forget_gone_pods(self, snapshot: Snapshot) -> None:
        names = {pod.name for state in snapshot.colors.values() for pod in state.pods}
        for key in [key for key in self._samples if key[0] not in names]:
            del self._samples[key]
        self._restarts = {name: counts for name, counts in self._restarts.items() if name in names}
        self._ready_once &= names

    def _as_judged(self, state: ColorState, now: float) -> ColorState:
        counted = {pod.name: self._counted_restarts(pod, now) for pod in state.pods}
        if state.color is self.released:
            return state
        return replace(state, pods=tuple(replace(pod, restarts=counted[pod.name]) for pod in state.pods))

    def _counted_restarts(self, pod: Pod, now: float) -> int:
        before, grew_at = self._restarts.get(pod.name, (pod.restarts, 0.0))
        grew_at = now if pod.restarts > before else grew_at
        self._restarts[pod.name] = pod.restarts, grew_at
        return pod.restarts if now - grew_at <= CRASH_COUNTS_S else 0

    def _track(self, health: dict[Color, ColorHealth], now: float) -> None:
        for color, found in health.items():
            if found.verdict is Verdict.HEALTHY:
                self._healthy_since.setdefault(color, now)
            else:
                self._healthy_since.pop(color, None)

    def _answered(self, snapshot: Snapshot) -> Color | None:
        """Who answers users now; an application that does not say is taken to be where the Service points."""
        last = self._door[-1] if self._door else None
        if last is None or last.result != "passed":
            return None
        return last.color or snapshot.active
