"""One fake for each port of a release, over one simulated cluster with a clock of its own.

`World` is what survives a process: Deployments, pods, the active Service, records, the lease. `World.ports()`
is one process's view of it; calling it again is another process on another computer. Every call to the API
passes `World.point`, where a test may break it, kill the process, or change the cluster behind its back.
Writes are checked here as they happen: whatever the flow believes, these rules hold in every test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from opsctl.core.bindings import Bound
from opsctl.core.checkup import Finding
from opsctl.core.color import NOBODY, Color
from opsctl.core.decisions import Decision
from opsctl.core.environment import Drain, Hook, Services
from opsctl.core.environment import Release as Policy
from opsctl.core.freeze import Freeze
from opsctl.core.guarding import Guarding
from opsctl.core.health import Counts, DoorSample, Result, Sample, Service
from opsctl.core.history import forgettable
from opsctl.core.hook import HookEnd, HookName, HookState, facts
from opsctl.core.lease import LeaseState, Life, Pulse, seems_dead, sentence, way_out
from opsctl.core.notice import Event, Undelivered
from opsctl.core.observation import Observation
from opsctl.core.queries import Figure
from opsctl.core.release import Rollout, from_record
from opsctl.core.room import Amount, Room
from opsctl.core.secrets import Keys
from opsctl.core.settings import Stored, settings_digest
from opsctl.core.sizes import AGENT, Sizes
from opsctl.core.snapshot import ColorState, GuardState, MigrationState, Moved, Pod, Snapshot, TrafficState
from opsctl.core.steps import LetGo
from opsctl.core.tape import Tape
from opsctl.core.tape import from_record as tape_from_record
from opsctl.errors import LockHeld, ToolFailed, TrafficRefused, Unreachable
from opsctl.flows.recording import recording
from opsctl.ports.access import AccessPorts
from opsctl.ports.release import ReleasePorts

READ_S = 0.01  # what a look costs
TIMEOUT_S = 0.5  # what a call to a silent API costs
CONTROLLER_S = 0.05  # Kubernetes acts this long after a change
GRACE_S = 0.3  # a stopped pod lives on for this long
GUARD_STARTS_S = 0.6  # from a guard's start until it stands by
MIGRATES_S = 0.5  # what a migration takes
PLACES = 98  # for agents on a pod
BACKOFF_S = 2.0  # a crashed pod is down for this long

KEPT = 10  # records

DRAIN = Drain(quiet_seconds=0.5, deadline=20.0, reconnects_per_second=100.0, batch=10)
POLICY = Policy(
    warm_deadline=10.0, gate_seconds=1.0, gate_deadline=10.0, bake_seconds=3.0, probe_interval=0.5, probe_timeout=0.5,
    silence_limit=8.0, drain=DRAIN, guard="none",
)  # fmt: skip
EVERY = frozenset(Service)


class Killed(BaseException):
    """The process is gone, as by SIGKILL: nothing that it would still have done happens."""


@dataclass(frozen=True)
class Behaviour:
    """What an image does. `fails` at once, `fails_serving` as soon as users have reached the pod."""

    ready_after: float = 0.4
    fails: frozenset[Service] = frozenset()
    fails_serving: frozenset[Service] = frozenset()
    crashes_after: float | None = None
    crashes_serving: bool = False
    pullable: bool = True
    migrates: bool = True


IMAGES: Mapping[str, Behaviour] = {
    "good:1": Behaviour(),
    "good:2": Behaviour(),
    "good:3": Behaviour(),
    "missing:1": Behaviour(pullable=False),
    "never-ready:1": Behaviour(ready_after=1e9),
    "crash:1": Behaviour(crashes_after=0.2),
    "unmigratable:1": Behaviour(migrates=False),
    "late-crash:1": Behaviour(crashes_serving=True),
    "broken:1": Behaviour(fails=frozenset({Service.API})),
    "late-500:1": Behaviour(fails_serving=frozenset({Service.API})),
    "late-websocket:1": Behaviour(fails_serving=frozenset({Service.WEBSOCKET})),
    "late-metrics:1": Behaviour(fails_serving=frozenset({Service.METRICS})),
}


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class FakePod:
    name: str
    image: str
    born: float
    release: int = 0
    restarts: int = 0
    down_until: float = 0.0
    ends: float | None = None
    served: bool = False
    settings: str = ""
    agents: int = 0  # that hold a WebSocket on it


@dataclass
class FakeDeployment:
    release: int
    image: str
    replicas: int = 1  # Kubernetes' default where a chart names none
    changed: float = 0.0
    pods: list[FakePod] = field(default_factory=list)
    values: Mapping[str, Any] = field(default_factory=dict)
    settings: str = ""


class World:
    """The simulated cluster. `at_point` is called with the name of each API call, before and after it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.deployments: dict[Color, FakeDeployment] = {}
        self.service = False
        self.active: Color | None = None
        self.second: Color | None = None  # where a second router points, if there is one
        self.routers = 1
        self.version = 1
        self.records: dict[int, tuple[int, str]] = {}
        self.tapes: dict[int, str] = {}
        self.lease: LeaseState | None = None
        self.freeze: Freeze | None = None
        self.alive: set[str] = set()
        self.sick: dict[Color, frozenset[Service]] = {}
        self.lies: dict[Color, Result] = {}
        self.silent_until = 0.0
        self.figures: dict[str, float] = {}
        self.gate_load = self.fails_under_load = 0.0
        self.points: list[str] = []
        self.writes: list[str] = []
        self.at_point: Callable[[str], None] = lambda point: None
        self.watching = FakeWatching()
        self.guard: tuple[int, float] | None = None  # the rollout that a guard pod is there for, and since when
        self.guard_trouble = ""
        self.migrations: dict[int, tuple[float, str]] = {}  # by rollout: when it was started, in which image
        self.hook_s = 0.4
        self.bad_hooks: set[HookName] = set()
        self.hooks_run: list[tuple[HookName, dict[str, str]]] = []
        self.notices: list[tuple[Event, Color | None]] = []
        self.undelivered: list[Undelivered] = []
        self.selects = NOBODY  # the Service's color where it is none of ours
        self.room = Room(nodes=(Amount(8, 2**34, 100),), quotas={})
        self.settings: dict[str, Stored] = {}
        self.secrets: dict[str, Keys | None] = {}
        self.bound: Bound | None = None  # as if there were no target groups
        self.balanced = frozenset({Color.BLUE})  # where a load balancer sends users
        self.agents = 14  # who wants to hold a WebSocket; each comes back at once, to the color with the traffic
        self.endpoint = True  # whether the application lets agents go when it is asked
        self._pods_made = self._operators = 0

    # --- a process ----------------------------------------------------------------------------------------

    def ports(self) -> ReleasePorts:
        """A process of its own, as a person on some computer starts it."""
        self._operators += 1
        holder = f"person{self._operators}@host:{self._operators}"
        self.watching = watching = FakeWatching()
        ports = ReleasePorts(
            clock=self.clock, cluster=FakeCluster(self, holder),
            agents=FakeAgents(self, holder), traffic=FakeTraffic(self, holder, watching),
            charts=FakeCharts(self, holder), prober=FakeProber(self),
            changes=FakeChanges(self), load=FakeLoad(self), queries=FakeQueries(self),
            journal=FakeJournal(self, holder), lock=FakeLock(self, holder),
            guard=FakeGuard(self, holder), migrations=FakeMigrations(self, holder),
            hooks=FakeHooks(self), notices=FakeNotices(self),
            settings=FakeSettings(self, holder),
            freezes=FakeFreezes(self), watching=watching,
        )  # fmt: skip
        return recording(ports, FakeTapes(self))

    def access(self) -> AccessPorts:
        """Another one, of a person who only looks after locks and freezes."""
        return AccessPorts(self.clock, FakeCluster(self, "ana@host"), FakeReservations(self), FakeFreezes(self))

    def point(self, name: str) -> None:
        self.points.append(name)
        self.at_point(name)

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """One API call. A silent API answers none."""
        self.point(f"before {name}")
        if self.clock.time < self.silent_until:
            self.clock.sleep(TIMEOUT_S)
            raise Unreachable("the API server does not answer")
        yield
        self.point(f"after {name}")

    @contextmanager
    def write(self, name: str, holder: str) -> Iterator[None]:
        with self.call(name):
            assert self.lease, f"{name} without a lock"
            assert self.lease.holder == holder, f"{holder} did {name} under the lock of {self.lease.holder}"
            yield
            self.writes.append(name)

    def kill(self) -> None:
        """End whoever works: its lease is renewed no more."""
        self.alive.clear()
        if self.lease:
            self.lease = replace(self.lease, renewed=self.clock.time)
        raise Killed

    def bury(self) -> None:
        """Wait until the lease of a dead process has run out."""
        self.clock.sleep(20.0)

    # --- what Kubernetes does -----------------------------------------------------------------------------

    def reconcile(self) -> None:
        now = self.clock.time
        for color, deployment in self.deployments.items():
            for pod in deployment.pods:
                self._age(pod, color, now)
            deployment.pods = [pod for pod in deployment.pods if pod.ends is None or pod.ends > now]
            if now - deployment.changed >= CONTROLLER_S:
                self._resize(color, deployment, now)
        self._connect()

    def _connect(self) -> None:
        """Agents without a place spread over the pods behind the active Service, as far as these have room."""
        takers = [pod for pod in self.pods(self.active) if self.ready(pod)] if self.active else []
        for _ in range(self.agents - sum(pod.agents for color in Color for pod in self.pods(color))):
            emptiest = min(takers, key=lambda pod: pod.agents, default=None)
            if emptiest is None or emptiest.agents >= PLACES:
                return
            emptiest.agents += 1

    def _age(self, pod: FakePod, color: Color, now: float) -> None:
        does = IMAGES[pod.image]
        pod.served = pod.served or (self.active is color and self.ready(pod))
        due = does.crashes_after is not None and now - max(pod.born, pod.down_until) > does.crashes_after
        if now >= pod.down_until and (due or (does.crashes_serving and pod.served)):
            self.crash(pod)

    def crash(self, pod: FakePod) -> None:
        pod.restarts += 1
        pod.agents = 0
        pod.down_until = self.clock.time + BACKOFF_S

    def _resize(self, color: Color, deployment: FakeDeployment, now: float) -> None:
        for pod in deployment.pods:
            if pod.release != deployment.release and pod.ends is None:
                pod.ends = now + GRACE_S
        living = [pod for pod in deployment.pods if pod.ends is None]
        for pod in sorted(living, key=lambda pod: not self.ready(pod))[
            deployment.replicas :
        ]:  # those not ready go first
            pod.ends = now + GRACE_S
        for _ in range(deployment.replicas - len(living)):
            self._pods_made += 1
            name = f"{color}-{self._pods_made}"
            deployment.pods.append(
                FakePod(name, deployment.image, now, deployment.release, settings=deployment.settings)
            )

    def ready(self, pod: FakePod) -> bool:
        does, now = IMAGES[pod.image], self.clock.time
        return does.pullable and pod.ends is None and now >= pod.born + does.ready_after and now >= pod.down_until

    def broken(self, pod: FakePod, color: Color) -> frozenset[Service]:
        does = IMAGES[pod.image]
        if not self.ready(pod):
            return EVERY
        return does.fails | self.sick.get(color, frozenset()) | (does.fails_serving if pod.served else frozenset())

    def traffic(self) -> tuple[TrafficState, ...]:
        return tuple(self._router(number) for number in range(self.routers))

    def _router(self, number: int) -> TrafficState:
        active = self.second if number else self.active
        endpoints = tuple(p.name for p in self.pods(active) if self.ready(p)) if active else ()
        selects = active.value if active else self.selects
        return TrafficState(f"service {number}", active, endpoints, selects, exists=self.service)

    @property
    def split(self) -> bool:
        return len(self.serving) > 1

    @property
    def serving(self) -> set[Color | None]:
        return {self.active, self.second} if self.routers > 1 else {self.active}

    def migration_state(self) -> MigrationState | None:
        if not self.migrations:
            return None
        newest = max(self.migrations)
        started, image = self.migrations[newest]
        ended = None if self.clock.time < started + MIGRATES_S else IMAGES[image].migrates
        return MigrationState(newest, f"migration-{newest}", ended, "no such table" if ended is False else "")

    def guard_state(self) -> GuardState | None:
        if self.guard is None:
            return None
        rollout, born = self.guard
        ready = self.clock.time >= born + GUARD_STARTS_S and not self.guard_trouble
        return GuardState(rollout, f"guard-{rollout}", ready, self.guard_trouble)

    def pods(self, color: Color) -> list[FakePod]:
        return self.deployments[color].pods if color in self.deployments else []

    def fine(self, color: Color | None) -> bool:
        """The truth, whatever any probe says: every wanted pod is there and answers on every port."""
        if color not in self.deployments:
            return False
        living = [pod for pod in self.pods(color) if pod.ends is None]
        whole = len(living) >= self.deployments[color].replicas > 0
        return whole and not any(self.broken(pod, color) for pod in living)

    # --- what other people do -----------------------------------------------------------------------------

    def stand(self, color: Color, release: int, image: str, replicas: int = 2) -> None:
        """A Deployment that has been there for long."""
        self.deployments[color] = FakeDeployment(release, image, replicas, self.clock.time - 60)
        for _ in range(replicas):
            self._pods_made += 1
            self.deployments[color].pods.append(
                FakePod(f"{color}-{self._pods_made}", image, self.clock.time - 60, release)
            )

    def edit_service(self, color: Color | None) -> None:
        self.service, self.active, self.second, self.version = True, color, color, self.version + 1

    def lose_agents(self) -> None:
        """All of them go home."""
        self.agents = 0
        for pod in (pod for color in Color for pod in self.pods(color)):
            pod.agents = 0

    def delete(self, color: Color) -> None:
        """Somebody deletes a color's Deployment, and with it all of its pods."""
        self.deployments.pop(color, None)

    def resize(self, color: Color, replicas: int) -> None:
        if color in self.deployments:
            self.deployments[color].replicas, self.deployments[color].changed = replicas, self.clock.time


class FakeCluster:
    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def read(self) -> Snapshot:
        world = self.world
        with world.call("read"):
            world.clock.sleep(READ_S)
            world.reconcile()
            return Snapshot(
                world.clock.now(),
                world.traffic(),
                {color: self._state(color) for color in Color},
                world.guard_state(),
                world.migration_state(),
            )

    def room(self) -> Room:
        with self.world.call("read room"):
            return self.world.room

    def secrets(self, wanted: Mapping[str, Keys]) -> dict[str, Keys | None]:
        with self.world.call("read secrets"):
            return {name: keys for name, keys in self.world.secrets.items() if name in wanted}

    def ensure_namespace(self) -> None:
        with self.world.call("ensure namespace"):
            return

    def scale(self, color: Color, sizes: Sizes) -> None:
        (replicas,) = sizes.values()
        with self.world.write(f"scale {color}", self.holder):
            deployment = self.world.deployments.get(color)
            if deployment is None:
                raise ToolFailed(f"deployment of {color} not found")
            shrinks = replicas < deployment.replicas
            assert not (shrinks and color in self.world.serving), f"{color} has traffic and is scaled down"
            self.world.resize(color, replicas)

    def stop_pods(self, names: Sequence[str]) -> None:
        with self.world.write("stop pods", self.holder):
            for color in Color:
                for pod in self.world.pods(color):
                    if pod.name in names:
                        assert color not in self.world.serving, f"{color} has traffic and loses {pod.name}"
                        pod.ends = pod.ends or self.world.clock.time + GRACE_S

    def last_words(self, color: Color) -> tuple[str, ...]:
        return tuple(f"{pod.name}: last words" for pod in self.world.pods(color)[:1])

    def _state(self, color: Color) -> ColorState:
        deployment = self.world.deployments.get(color)
        if deployment is None:
            return ColorState(color)
        pods = tuple(self._pod(pod) for pod in deployment.pods)
        living = [pod for pod in deployment.pods if pod.ends is None and pod.release == deployment.release]
        seen = self.world.clock.time - deployment.changed >= CONTROLLER_S
        settled = seen and len(living) == deployment.replicas == sum(not pod.terminating for pod in pods)
        sizes = {AGENT: deployment.replicas}
        return ColorState(color, deployment.release, deployment.image, sizes, settled, pods, Services())

    def _pod(self, pod: FakePod) -> Pod:
        ready = self.world.ready(pod)
        down = self.world.clock.time < pod.down_until
        waiting = "" if IMAGES[pod.image].pullable else "ImagePullBackOff"
        return Pod(
            pod.name, ready, pod.restarts, pod.image, pod.ends is not None,
            "CrashLoopBackOff" if down else waiting, in_service=ready, release=pod.release,
        )  # fmt: skip


class FakeAgents:
    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def let_go(self, state: ColorState, step: LetGo) -> None:
        with self.world.write("let agents go", self.holder):
            if not self.world.endpoint:
                raise ToolFailed(f"the application answered 404 to POST {step.path}")
            asked = dict(step.portions)
            for pod in self.world.pods(state.color):
                pod.agents = max(0, pod.agents - asked.get(pod.name, 0))


class FakeTraffic:
    def __init__(self, world: World, holder: str, watching: FakeWatching) -> None:
        self.world, self.holder, self.watching = world, holder, watching

    def read(self) -> tuple[TrafficState, ...]:
        with self.world.call("read traffic"):
            return self.world.traffic()

    def switch(self, to: Color, expected: Color | None) -> Moved:
        moved, began = 0, self.world.clock.time
        for number in range(self.world.routers):
            try:
                moved += self._switch_one(number, to, expected)
            except ToolFailed as error:
                if not moved:
                    raise
                if expected:
                    self._switch_one(0, expected, to)
                raise TrafficRefused(f"router {number} would not move: {error}") from error
        return Moved(moved, self.world.routers, self.world.clock.time - began)

    def _switch_one(self, number: int, to: Color, expected: Color | None) -> bool:
        with self.world.write(f"switch{f' router {number}' if number else ''} to {to}", self.holder):
            found = self.world.second if number else self.world.active
            if found is to and to is not expected:
                return False
            if found != expected:
                raise ToolFailed(f"traffic goes to {found}, not to {expected}")
            seen, back = self.watching.seen, found is not to and number == 0 and self.world.split
            assert seen, "traffic is moved without a look"
            assert back or seen.healthy(to), f"traffic is moved to {to}, which is {seen.health.get(to)}"
            self.world.service, self.world.version = True, self.world.version + 1
            self.world.active = self.world.active if number else to
            self.world.second = to if number else self.world.second
            return True


class FakeCharts:
    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def bound(self) -> Bound | None:
        with self.world.call("read bound"):
            return self.world.bound

    def balanced(self) -> frozenset[Color]:
        with self.world.call("read weights"):
            return self.world.balanced

    def prepare(self) -> None:
        with self.world.write("prepare", self.holder):
            self.world.service = True

    def install(self, rollout: Rollout) -> None:
        with self.world.write(f"install {rollout.color}", self.holder):
            standing = self.world.deployments.get(rollout.color)
            assert not (standing and rollout.color in self.world.serving), (
                f"{rollout.color} has traffic and is replaced"
            )
            made = replace(standing) if standing else FakeDeployment(rollout.release, rollout.image)
            made.release, made.image, made.changed = rollout.release, rollout.image, self.world.clock.time
            made.values, made.settings = rollout.values, settings_digest(rollout.settings)
            assert not made.settings or made.settings in self.world.settings, "pods that could not start"
            self.world.deployments[rollout.color] = made


class FakeProber:
    """Answers at once, from the truth; one round of a color can be made to lie."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._samples: list[Sample] = []
        self._door: list[DoorSample] = []
        self._turn = 0

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        for color, state in colors.items():
            lie = self.world.lies.pop(color, None)
            for pod in state.pods:
                self._samples += [self._sample(color, pod.name, service, lie) for service in services]

    def collect(self) -> list[Sample]:
        samples, self._samples = self._samples, []
        return samples

    def begin_door(self, color: Color) -> None:
        world, now = self.world, self.world.clock.now()
        members = [pod for pod in world.pods(world.active) if world.ready(pod)] if world.active else []
        if not members or world.active is None:
            self._door.append(DoorSample(now, Result.FAILED, None, "connection refused"))
            return
        self._turn += 1
        pod = members[self._turn % len(members)]
        if Service.API in world.broken(pod, world.active):
            self._door.append(DoorSample(now, Result.FAILED, world.active, "HTTP 500"))
        else:
            self._door.append(DoorSample(now, Result.PASSED, world.active, "HTTP 200"))

    def collect_door(self) -> list[DoorSample]:
        samples, self._door = self._door, []
        return samples

    def give_up(self) -> None:
        self._samples, self._door = [], []

    def _sample(self, color: Color, name: str, service: Service, lie: Result | None) -> Sample:
        pod = next((pod for pod in self.world.pods(color) if pod.name == name), None)
        failed = pod is None or service in self.world.broken(pod, color)
        result = lie or (Result.FAILED if failed else Result.PASSED)
        detail = "HTTP 500" if result is Result.FAILED else ""
        sockets = pod.agents if pod and result is Result.PASSED and service is Service.METRICS else None
        return Sample(self.world.clock.now(), color, name, service, result, detail, sockets=sockets)


class FakeChanges:
    """Tells of what a watch would: pods, Deployments, the active Service."""

    serves_s = 2.0

    def __init__(self, world: World) -> None:
        self.world = world
        self._told: object = None

    def wait(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)

    def stirred(self) -> bool:
        world, before = self.world, self._told
        world.reconcile()
        written = [name for name in world.writes if not name.startswith("save")]  # one that undoes another is told, too
        self._told = len(written), world.service, world.traffic(), [
            (color, made.release, made.replicas, [(p.name, world.ready(p), p.restarts, p.ends) for p in made.pods])
            for color, made in world.deployments.items()
        ]  # fmt: skip
        return self._told != before


class FakeQueries:
    """Answers at once with what `World.figures` has for a query."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._figures: list[Figure] = []

    def begin(self, queries: list[str]) -> None:
        now, known = self.world.clock.now(), self.world.figures
        self._figures += [Figure(now, text, known.get(text), "" if text in known else "no data") for text in queries]

    def collect(self) -> list[Figure]:
        figures, self._figures = self._figures, []
        return figures


class FakeLoad:
    """Every second `World.gate_load` requests, answered as the color would."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._color: Color | None = None
        self._since = 0.0

    def put_on(self, state: ColorState) -> None:
        if self._color is not state.color:
            self._color, self._since = state.color, self.world.clock.now()

    def take_off(self) -> None:
        self._color = None

    def counts(self) -> Counts:
        if self._color is None:
            return Counts()
        sent = self.world.gate_load * (self.world.clock.now() - self._since)
        return Counts(sent, sent * self.world.fails_under_load, 0.0)


class FakeJournal:
    """Stores what a ConfigMap would: text and a version."""

    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder
        self._versions: dict[int, int] = {}

    def rollouts(self) -> list[Rollout]:
        with self.world.call("read records"):
            self._versions = {number: version for number, (version, _) in self.world.records.items()}
            return [from_record(json.loads(text)) for _, (_, text) in sorted(self.world.records.items())]

    def save(self, rollout: Rollout) -> None:
        what = rollout.entries[-1].what if rollout.entries else "new rollout"
        with self.world.write(f"save {what}", self.holder):
            version = self.world.records.get(rollout.id, (None, ""))[0]
            if version != self._versions.get(rollout.id):
                raise ToolFailed("somebody else wrote the record")
            self._versions[rollout.id] = (version or 0) + 1
            self.world.records[rollout.id] = (self._versions[rollout.id], json.dumps(rollout.to_record()))
            past = [from_record(json.loads(text)) for _, (_, text) in sorted(self.world.records.items())]
            for old in forgettable(past, KEPT):
                del self.world.records[old.id]


class FakeTapes:
    """Stores as text, at once; a silent API stores nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._before: dict[int, Tape] = {}

    def store(self, rollout: Rollout, tape: Tape) -> None:
        if self.world.clock.time >= self.world.silent_until:
            before = self._before.setdefault(rollout.id, self.read(rollout) or Tape())
            self.world.tapes[rollout.id] = json.dumps(before.joined(tape).to_record())

    def finish(self, rollout: Rollout, tape: Tape, seconds: float) -> None:
        self.store(rollout, tape)

    def read(self, rollout: Rollout) -> Tape | None:
        text = self.world.tapes.get(rollout.id)
        return tape_from_record(json.loads(text)) if text else None


class FakeLock:
    """Its renewing is not played: a holder has the lock until it is killed or robbed."""

    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def show(self) -> LeaseState | None:
        return self.world.lease

    def pulse(self) -> Pulse:
        with self.world.call("look at the lock"):
            lease, now = self.world.lease, self.world.clock.now()
            if lease is None:
                return Pulse(None, Life.DEAD)
            if lease.holder in self.world.alive:
                return Pulse(lease, Life.ALIVE)
            return Pulse(lease, Life.DEAD if seems_dead(lease, now) else Life.ALIVE, now - lease.renewed)

    def acquire(self, reason: str) -> None:
        with self.world.call("acquire"):
            lease, now = self.world.lease, self.world.clock.now()
            if lease and (lease.holder in self.world.alive or (lease.until and now < lease.until)):
                raise LockHeld(sentence(lease, now), state="Nothing was changed.", hint=way_out(lease, "eve@host"))
            if lease and lease.until is None:  # watched until it must have run out
                self.world.clock.sleep(max(0.0, lease.expires - now))
            now = self.world.clock.now()
            self.world.lease = LeaseState(self.holder, reason, now, now)
        self.world.alive.add(self.holder)  # renewing begins with the answer

    def rival(self) -> str:
        lease = self.world.lease
        return lease.rival if lease and lease.holder == self.holder else ""

    def ask(self, rival: str) -> None:
        with self.world.call("ask to give way"):
            if self.world.lease:
                self.world.lease = replace(self.world.lease, rival=rival)

    def retract(self) -> None:
        self.ask("")

    def check(self) -> None:
        lease = self.world.lease
        if lease is None or lease.holder != self.holder:
            raise LockHeld("the lock was lost", hint="opsctl status, then opsctl resume")

    def release(self) -> None:
        if self.holder in self.world.alive:  # a killed process releases nothing
            self.world.alive.discard(self.holder)
            if self.world.lease and self.world.lease.holder == self.holder:
                self.world.lease = None


class FakeGuard:
    """The pod alone; tests play what it does by `flows.stand_by` with ports of their own."""

    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def start(self, rollout: Rollout) -> None:
        with self.world.write("start guard", self.holder):
            self.world.guard = self.world.guard or (rollout.id, self.world.clock.now())

    def remove(self) -> None:
        with self.world.call("remove guard"):
            self.world.guard = None


class FakeFreezes:
    def __init__(self, world: World) -> None:
        self.world = world

    def read(self) -> Freeze | None:
        with self.world.call("read freeze"):
            return self.world.freeze

    def write(self, freeze: Freeze) -> None:
        with self.world.call("freeze"):
            self.world.freeze = freeze

    def lift(self) -> None:
        with self.world.call("unfreeze"):
            self.world.freeze = None


class FakeReservations:
    def __init__(self, world: World) -> None:
        self.world, self.person = world, "ana@host"

    def show(self) -> LeaseState | None:
        with self.world.call("show lock"):
            return self.world.lease

    def take(self, reason: str, until: float) -> LeaseState:
        self._refuse_alive()
        now = self.world.clock.now()
        self.world.lease = LeaseState(self.person, reason, now, now, until - now, until)
        return self.world.lease

    def give_back(self) -> LeaseState | None:
        lease = self.world.lease
        if lease and lease.until is None:
            self._refuse_alive()
        self.world.lease = None
        return lease

    def _refuse_alive(self) -> None:
        lease, now = self.world.lease, self.world.clock.now()
        if lease and (lease.holder in self.world.alive or (lease.until and now < lease.until)):
            raise LockHeld(sentence(lease, now), state="Nothing was changed.", hint=way_out(lease, self.person))


class FakeSettings:
    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def ensure(self, rollout: Rollout) -> None:
        digest = settings_digest(rollout.settings)
        if not digest:
            return
        with self.world.write("ensure settings", self.holder):
            self.world.settings[digest] = Stored(digest, f"uid-of-{digest}", str(rollout.id))

    def stored(self) -> list[Stored]:
        with self.world.call("read settings"):
            return list(self.world.settings.values())

    def used(self) -> frozenset[str]:
        with self.world.call("read used settings"):
            deployments = self.world.deployments.values()
            return frozenset(each.settings for own in deployments for each in (own, *own.pods) if each.settings)

    def delete(self, gone: Stored) -> None:
        with self.world.write("delete settings", self.holder):
            if self.world.settings.get(gone.digest, gone) != gone:
                raise ToolFailed("somebody else wrote the settings")
            self.world.settings.pop(gone.digest, None)


class FakeMigrations:
    def __init__(self, world: World, holder: str) -> None:
        self.world, self.holder = world, holder

    def start(self, rollout: Rollout) -> None:
        with self.world.write("migrate", self.holder):
            self.world.migrations.setdefault(rollout.id, (self.world.clock.now(), rollout.image))


class FakeHooks:
    """One process's: they die with it. Each takes `World.hook_s`; those in `World.bad_hooks` fail."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._begun: dict[HookName, float] = {}
        self._stopped: set[HookName] = set()

    def begin(self, name: HookName, hook: Hook, rollout: Rollout, active: Color | None) -> None:
        assert name not in self._begun, f"{name} runs already"
        self._begun[name] = self.world.clock.now()
        self.world.hooks_run.append((name, facts(name, "test", rollout, active)))

    def trouble(self, hook: Hook) -> str:
        return "" if hook.command != ["missing"] else "missing is not installed, or not on PATH"

    def states(self) -> dict[HookName, HookState]:
        return {name: self._state(name, since) for name, since in self._begun.items()}

    def _state(self, name: HookName, since: float) -> HookState:
        if name in self._stopped:
            return HookState(since, HookEnd.STOPPED)
        if self.world.clock.time < since + self.world.hook_s:
            return HookState(since)
        bad = name in self.world.bad_hooks
        return HookState(since, HookEnd.FAILED if bad else HookEnd.ENDED, "exit code 3" if bad else "")

    def lines(self) -> list[tuple[HookName, str]]:
        return []

    def stop(self, names: Collection[HookName]) -> None:
        self._stopped |= {name for name in names if self.states()[name].end is None}

    def end(self) -> None:
        self._begun.clear()
        self._stopped.clear()


class FakeNotices:
    def __init__(self, world: World) -> None:
        self.world = world

    def send(self, event: Event, rollout: Rollout, active: Color | None) -> None:
        self.world.notices.append((event, active))

    def finish(self) -> list[Undelivered]:
        return self.world.undelivered


class FakeWatching:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.waited: list[str] = []
        self.findings: list[Finding] = []
        self.started: list[Rollout] = []
        self.decisions: list[tuple[Rollout, Decision]] = []
        self.finished: list[Rollout] = []
        self.said: list[tuple[str, str]] = []
        self.seen: Observation | None = None
        self.guarding: list[Guarding] = []

    def waits(self, held: str, left: float) -> None:
        self.waited.append(held)

    def checked(self, findings: Sequence[Finding]) -> None:
        self.findings += findings

    def began(self, rollout: Rollout, before: Snapshot) -> None:
        self.started.append(rollout)

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None:
        self.seen = seen
        self.decisions.append((rollout, decision))
        assert len(self.decisions) < 20_000, f"no end in sight while {rollout.phase.value}: {decision}"

    def hook_says(self, who: str, line: str) -> None:
        self.said.append((who, line))

    def ended(self, rollout: Rollout) -> None:
        self.finished.append(rollout)

    def guards(self, rollout: Rollout, seen: Observation, passed: float, of: float, found: Guarding) -> None:
        self.guarding.append(found)
