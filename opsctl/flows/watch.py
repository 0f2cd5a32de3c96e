"""Looking: one observation from a snapshot of the cluster and from probes that run beside the loop.

The snapshot is read anew when something stirred in the cluster, and when it is old; a watch says when
to look, never what is so. A color's `healthy_since` starts anew whenever one look finds it anything but healthy.
"""

from __future__ import annotations

from dataclasses import replace

from opsctl.core.cadence import intervals
from opsctl.core.color import Color
from opsctl.core.environment import Release as Policy
from opsctl.core.health import ColorHealth, Judgement, Result, Service, Verdict
from opsctl.core.judge import REQUESTS, judge_colors, judge_door, of_pods
from opsctl.core.observation import Observation
from opsctl.core.snapshot import ColorState, Pod, Snapshot
from opsctl.errors import ToolFailed, Unreachable
from opsctl.flows.evidence import Evidence
from opsctl.flows.figures import Figures
from opsctl.flows.probing import Probing
from opsctl.ports.release import ReleasePorts

GAP_S = 2.0  # between two looks; longer ones leave evidence that is old
FRESH_S = 0.1  # one as young as this is as good as a new one
CRASH_COUNTS_S = 30.0  # a restart of an old color's pod is held against it this long, then its probes alone tell


class Watcher:
    """Call `look` often; it starts probes when they are due and never waits for one.

    `released` is the color on trial, whose every restart counts. Another color's pods may have restarted
    last week and are fine now: of those, only restarts that happened while watching count, and not for long.
    """

    def __init__(self, ports: ReleasePorts, policy: Policy, released: Color | None = None) -> None:
        self.cluster, self.changes, self.clock = ports.cluster, ports.changes, ports.clock
        self.policy, self.released, self._load, self._hooks = policy, released, ports.load, ports.hooks
        self._loaded: Color | None = None
        self._phase: object = None
        self._evidence, self._probing = Evidence(ports.prober, policy), Probing(ports.prober, policy)
        self._figures = Figures(ports.queries, policy)
        self._snapshot: Snapshot | None = None
        self._read_at = 0.0
        self._healthy_since: dict[Color, float] = {}
        self._silent_since: float | None = None
        self._looked_at = self._looking_since = self.clock.now()
        self._active: Color | None = None
        self._reached = False  # the active color has had a ready pod behind the active Service
        self._restarts: dict[str, tuple[int, float]] = {}  # by pod: how many at the last look, when it grew

    def look(self) -> Observation:
        """From the last snapshot, while nothing stirs and it is not old."""
        self._mind_gaps(self.clock.now())
        stirred = self.changes.stirred()
        if self._snapshot is None or stirred or self.clock.now() - self._read_at >= self.changes.serves_s:
            return self._look_anew()
        return self._observe(self._snapshot)

    def _mind_gaps(self, now: float) -> None:
        """A process that was stopped, or busy for long, has no evidence about what went on meanwhile."""
        if now - self._looked_at > GAP_S:
            self._looking_since = now
        self._looked_at = now

    def look_before_writing(self, seen: Observation) -> Observation:
        """What is written rests on what is so now: another look, unless `seen` is one from just now."""
        if seen.snapshot is None or self.clock.now() - self._read_at < FRESH_S:
            return seen
        return self._look_anew()

    def enters(self, phase: object) -> None:
        """A phase wants evidence of its own: at its begin everybody is asked, whose turn it is or not."""
        if phase is not self._phase:
            self._phase = phase
            self._probing.ask_anew()

    def load(self, color: Color | None) -> None:
        """Put the gate's load on a color, and judge it by that; None: on nobody."""
        if color is None and self._loaded:
            self._load.take_off()
        self._loaded = color

    def answered_pods(self) -> set[str]:
        """Pods of which each port has given at least one sample."""
        samples, states = self._evidence.samples, self._snapshot.colors.values() if self._snapshot else ()
        pods = [pod for state in states for pod in state.pods]
        return {pod.name for pod in pods if all(samples.get((pod.name, s)) for s in Service if s.value in pod.offers)}

    def read(self) -> Snapshot:
        """The cluster as it is."""
        return self.cluster.read()

    def _look_anew(self) -> Observation:
        self._read_at = self.clock.now()
        try:
            self._snapshot = self.read()
        except (Unreachable, ToolFailed) as error:
            return self._silence(str(error))
        self._silent_since = None
        self._follow(self._snapshot)
        return self._observe(self._snapshot)

    def _silence(self, words: str) -> Observation:
        now = self.clock.now()
        self._snapshot = None
        self._silent_since = self._silent_since if self._silent_since is not None else now
        self._evidence.distrust(now)
        self._looking_since = now
        self._healthy_since.clear()
        door = judge_door(self._evidence.door, self.policy, now)
        return Observation(now, None, {}, {}, door, silent_since=self._silent_since, silence=words)

    def _follow(self, snapshot: Snapshot) -> None:
        """Forget what is about pods that are gone, or about the color that had the users before."""
        names = {pod.name for state in snapshot.colors.values() for pod in state.pods}
        self._evidence.forget_gone(names)
        self._probing.forget_gone(names)
        self._restarts = {name: counts for name, counts in self._restarts.items() if name in names}
        if snapshot.active is not self._active:
            self._active, self._reached = snapshot.active, False
            self._evidence.traffic_moved(self.clock.now())
            self._figures.traffic_moved(self.clock.now())
        self._reached = self._reached or all(router.endpoints for router in snapshot.traffic)

    def _observe(self, snapshot: Snapshot) -> Observation:
        self._probing.start_due(snapshot, self.clock.now())
        self._evidence.gather()
        now = self.clock.now()
        self._mind_gaps(now)  # it may have been stopped in the middle of this look
        states = {color: self._as_judged(state, now) for color, state in snapshot.colors.items()}
        paces = {color: replace(self.policy, probe_interval=s) for color, s in intervals(snapshot, self.policy).items()}
        health = judge_colors(states, self._evidence.samples, paces, now, self._measured(snapshot, now))
        door = self._judge_door(snapshot, now)
        self._probing.suspect(_suspects(snapshot, health, door), snapshot, now)
        self._track(health, now)
        return Observation(
            now, snapshot, health, dict(self._healthy_since), door, self._answered(snapshot),
            looking_since=self._looking_since, sockets=self._evidence.sockets(), hooks=self._hooks.states(),
            handshakes=self._evidence.handshakes(snapshot, now),
            proved_since={color: self._evidence.proved_since(state) for color, state in snapshot.colors.items()},
        )  # fmt: skip

    def _measured(self, snapshot: Snapshot, now: float) -> dict[Color, dict[str, Judgement]]:
        """Of the color with users by their requests and the operator's queries, of the one in the gate by our load."""
        found: dict[Color, dict[str, Judgement]] = {}
        if snapshot.active:
            found[snapshot.active] = {REQUESTS: self._evidence.rates(snapshot, snapshot.active, now)}
        if snapshot.active and self.policy.queries and self.released in (None, snapshot.active):
            found[snapshot.active]["queries"] = self._figures.judge(now)
        if self._loaded:
            self._load.put_on(snapshot.colors[self._loaded])
            found[self._loaded] = {REQUESTS: self._evidence.rates_under_load(self._load.counts(), now)}
        return found

    def _judge_door(self, snapshot: Snapshot, now: float) -> Judgement:
        """An active Service without any ready pod refuses everybody: no probe is needed to know."""
        if snapshot.active is None:
            return judge_door(self._evidence.door, self.policy, now)
        active = snapshot.colors[snapshot.active]
        if self._reached and active.desired and not all(router.endpoints for router in snapshot.traffic):
            return Judgement(Verdict.UNHEALTHY, "no pod is ready behind the active Service", self._read_at)
        pods = of_pods(active, self._evidence.samples, Service.API)
        return judge_door(self._evidence.door, self.policy, now, pods)

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
        last = self._evidence.door[-1] if self._evidence.door else None
        if last is None or last.result is not Result.PASSED:
            return None
        return last.color or snapshot.active


def _suspects(snapshot: Snapshot, health: dict[Color, ColorHealth], door: Judgement) -> set[Service]:
    """Services of the color with users that show a sign of trouble."""
    if snapshot.active is None:
        return set()
    found = {service for service, judged in health[snapshot.active].services.items() if judged.since is not None}
    if door.since is not None:
        found.add(Service.API)
    if health[snapshot.active].rates.since is not None:
        found.add(Service.METRICS)
    return found
