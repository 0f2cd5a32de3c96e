"""What the flows need from the world, each as a handful of methods. `tools` has the real ones, tests have fakes.

Every method that talks to the cluster may raise `Unreachable` (no answer in time: nothing is known) and
`ToolFailed` (an answer that says no).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from opsctl.core.account import Caller
    from opsctl.core.apply_events import Applied
    from opsctl.core.apply_record import ApplyRecord, LastApply
    from opsctl.core.checkup import Finding
    from opsctl.core.cluster_made import ClusterMade
    from opsctl.core.color import Color
    from opsctl.core.cost.difference import CostChange
    from opsctl.core.decisions import Decision
    from opsctl.core.drift.memory import Memory
    from opsctl.core.durations import Durations
    from opsctl.core.environment import Hook
    from opsctl.core.freeze import Freeze
    from opsctl.core.guarding import Guarding
    from opsctl.core.health import Counts, DoorSample, Sample, Service
    from opsctl.core.hook import HookName, HookState
    from opsctl.core.lease import LeaseState, Pulse
    from opsctl.core.notice import Event, Undelivered
    from opsctl.core.observation import Observation
    from opsctl.core.plan import PlanSummary
    from opsctl.core.queries import Figure
    from opsctl.core.release import Rollout
    from opsctl.core.room import Room
    from opsctl.core.saved_plan import Kind, SavedPlan
    from opsctl.core.secrets import Keys
    from opsctl.core.settings import Stored
    from opsctl.core.sizes import Sizes
    from opsctl.core.snapshot import ColorState, Moved, Snapshot, TrafficState
    from opsctl.core.state_lock import Run, TerraformLock
    from opsctl.core.steps import LetGo
    from opsctl.core.tape import Tape
    from opsctl.core.unfinished import Made

# --- releases ---------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None: ...


class Cluster(Protocol):
    """The application's namespace."""

    def read(self) -> Snapshot: ...

    def ensure_namespace(self) -> None:
        """Make the namespace unless it exists; the lock lives in it, so this comes first and may be done twice."""

    def scale(self, color: Color, sizes: Sizes) -> None: ...

    def stop_pods(self, names: Sequence[str]) -> None:
        """Delete pods; each ends inside its grace period. One that is gone already is fine."""

    def room(self) -> Room:
        """What nodes and quotas have left; a part that these credentials may not see is None."""

    def secrets(self, wanted: Mapping[str, Keys]) -> Mapping[str, Keys | None]:
        """The keys of each of these Secrets that exists, for somebody who wants some of them; None where these
        credentials may not read it."""

    def last_words(self, color: Color) -> tuple[str, ...]:
        """For people: the last log line and warning event of the color's failing pods, at most a few."""


class Agents(Protocol):
    """Whoever holds a WebSocket on a pod, where the application has an endpoint for it."""

    def let_go(self, state: ColorState, step: LetGo) -> None:
        """Returns when the pods have taken it on, before anybody has gone. Raises `ToolFailed` where one has not."""


class Traffic(Protocol):
    """All routers: the active Service of each workload, later also an ALB."""

    def read(self) -> tuple[TrafficState, ...]: ...

    def switch(self, to: Color, expected: Color | None) -> Moved:
        """Move all traffic, each router in one write; one that has moved already is left.

        Raises `ToolFailed` if a router goes neither to `expected` nor to `to` just now, and nothing was moved;
        `TrafficRefused` where one said no and the others were brought back.
        """


class Charts(Protocol):
    def prepare(self) -> None:
        """Make sure that both colors' addresses and the active Service exist."""

    def install(self, rollout: Rollout) -> None:
        """Bring the rollout's release into its color; does not wait for pods."""


class Prober(Protocol):
    """Probes run beside the loop: begin a round, collect what has ended so far."""

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        """Probe these services of these colors' pods, by what the color offers, unless the same probe still runs."""

    def collect(self) -> list[Sample]: ...

    def begin_door(self, color: Color) -> None:
        """One request on the users' path, on a fresh connection, for what this color offers."""

    def collect_door(self) -> list[DoorSample]: ...

    def give_up(self) -> None:
        """Begin none of what still waits for its turn: nobody wants to know any more."""


class Changes(Protocol):
    """When to look, and never what is so: what a watch tells may be late, come twice, or be about something else."""

    def wait(self, seconds: float) -> None:
        """Return when something stirs in the cluster or a probe fails, at the latest after so many seconds."""

    def stirred(self) -> bool:
        """Whether it was told of a change since this was asked last."""

    @property
    def serves_s(self) -> float:
        """Seconds that a snapshot serves while nothing stirs: longer where a change would be told."""


class Queries(Protocol):
    """The operator's own figures, asked beside the loop."""

    def begin(self, queries: list[str]) -> None:
        """Ask these, unless the same question is still under way."""

    def collect(self) -> list[Figure]: ...


class Load(Protocol):
    """Requests of our own on a color that has no users, at the rate that the environment says."""

    def put_on(self, state: ColorState) -> None:
        """Ask these pods from now on; may be said again whenever they change."""

    def take_off(self) -> None:
        """Stop, if there is any, and forget what was counted."""

    def counts(self) -> Counts: ...


class Journal(Protocol):
    """Rollout records, newest last; the last ten are kept."""

    def rollouts(self) -> list[Rollout]: ...

    def save(self, rollout: Rollout) -> None:
        """Write a record over the version read or written last. Raises `ToolFailed` if somebody else wrote it."""


class Tapes(Protocol):
    """What was seen of rollouts, kept beside their records and forgotten with them. Nothing here raises."""

    def store(self, rollout: Rollout, tape: Tape) -> None:
        """Begin to store it, beside the loop, together with what others stored before; not while such a write lasts."""

    def finish(self, rollout: Rollout, tape: Tape, seconds: float) -> None:
        """As `store`, and wait until it is stored, at most so long."""

    def read(self, rollout: Rollout) -> Tape | None:
        """None where nothing is left of it, or nothing that can be read."""


class Lock(Protocol):
    """The right to change this environment's releases, held by one process at a time."""

    def show(self) -> LeaseState | None: ...

    def pulse(self) -> Pulse:
        """Look at it and remember; looks in a row tell whether its holder lives."""

    def acquire(self, reason: str) -> None:
        """Take it and keep renewing it. Raises `LockHeld` while somebody alive holds it; to see that takes seconds."""

    def check(self) -> None:
        """Raises `LockHeld` if it was lost, or could have run out. Called before each write."""

    def rival(self) -> str:
        """Who asked us, the holder, to give way; empty for nobody."""

    def ask(self, rival: str) -> None:
        """Ask whoever holds it to give way; `rival` says who asks and what for."""

    def retract(self) -> None:
        """Take back what was asked."""

    def release(self) -> None: ...


class Freezes(Protocol):
    """Whether new releases may be brought to users."""

    def read(self) -> Freeze | None:
        """The freeze as stored, also one that is over."""

    def write(self, freeze: Freeze) -> None:
        """Over one that is there, too."""

    def lift(self) -> None:
        """One that is not there is fine."""


class Reservations(Protocol):
    """The lock as a person holds it: without a heartbeat, until a moment named beforehand."""

    def show(self) -> LeaseState | None: ...

    def take(self, reason: str, until: float) -> LeaseState:
        """Raises `LockHeld` while anybody else has the lock, alive."""

    def give_back(self) -> LeaseState | None:
        """Take away a person's lock, or a dead process's; what it was. Raises `LockHeld` where a process lives."""


class Guard(Protocol):
    """A pod in the cluster that goes on with a rollout when whoever began it is gone."""

    def start(self, rollout: Rollout) -> None:
        """Start it, or let it be where it is there already; does not wait for it."""

    def remove(self) -> None:
        """Remove whatever guard there is."""


class Migrations(Protocol):
    """A command that is run once in the image of a new release."""

    def start(self, rollout: Rollout) -> None:
        """Start it, or let it be where it is there already; does not wait for it."""


class Hooks(Protocol):
    """An operator's own commands, each run beside the loop on the computer where opsctl runs."""

    def begin(self, name: HookName, hook: Hook, rollout: Rollout, active: Color | None) -> None:
        """Begin it, and do not wait. What cannot be started is a state like any other failure."""

    def trouble(self, hook: Hook) -> str:
        """Why it cannot be started, as far as it is known beforehand; empty where it can, or is not to be."""

    def states(self) -> Mapping[HookName, HookState]:
        """Those that were begun, and how they are by now."""

    def lines(self) -> list[tuple[HookName, str]]:
        """What they have printed since this was asked last."""

    def stop(self, names: Collection[HookName]) -> None:
        """Ask these to end, where they still run; does not wait."""

    def end(self) -> None:
        """End all that still run, wait for it, and forget them."""


class Notices(Protocol):
    """Tells others, beside the loop."""

    def send(self, event: Event, rollout: Rollout, active: Color | None) -> None:
        """Never waits and never fails."""

    def finish(self) -> list[Undelivered]:
        """Wait a few seconds for what is under way; whom it did not reach, each once."""


class Settings(Protocol):
    """The application's settings, one object for each content, which is never changed."""

    def ensure(self, rollout: Rollout) -> None:
        """Make the rollout's settings, or let them be where they are there already. Raises `ToolFailed` where what is
        there under their name is something else."""

    def stored(self) -> list[Stored]:
        """All that opsctl made."""

    def used(self) -> frozenset[str]:
        """Digests of settings that a Deployment or a pod refers to."""

    def delete(self, gone: Stored) -> None:
        """Raises `ToolFailed` if they were taken into use since they were read; those that are gone are fine."""


class Watching(Protocol):
    """Narrates a rollout as it goes; `console` implements it."""

    def waits(self, held: str, left: float) -> None:
        """Somebody else has the lock: `held` says who. Called again and again, with the seconds left to wait."""

    def checked(self, findings: Sequence[Finding]) -> None:
        """What the pre-flight of a release found."""

    def began(self, rollout: Rollout, before: Snapshot) -> None: ...

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None: ...

    def hook_says(self, who: str, line: str) -> None:
        """A line that a hook printed, or what became of a notice."""

    def ended(self, rollout: Rollout) -> None:
        """The loop was left: with an outcome, or without one by an interrupt or an error."""

    def guards(self, rollout: Rollout, seen: Observation, passed: float, of: float, found: Guarding) -> None:
        """One look of the guard after a release, so many seconds of all after its start."""


@dataclass(frozen=True)
class ReleasePorts:
    """What a release flow is handed."""

    clock: Clock
    cluster: Cluster
    agents: Agents
    traffic: Traffic
    charts: Charts
    prober: Prober
    changes: Changes
    load: Load
    queries: Queries
    journal: Journal
    lock: Lock
    guard: Guard
    migrations: Migrations
    hooks: Hooks
    notices: Notices
    settings: Settings
    freezes: Freezes
    watching: Watching


@dataclass(frozen=True)
class AccessPorts:
    """What the flows are handed that say who may change an environment."""

    clock: Clock
    cluster: Cluster
    reservations: Reservations
    freezes: Freezes


# --- infrastructure ---------------------------------------------------------------------------------------

OnEvent = Callable[[Mapping[str, Any]], None]
"""Gets each event of Terraform's JSON stream as it comes, and `{"type": "tick"}` about ten times a second."""


@dataclass(frozen=True)
class PlanRun:
    """What `plan -json` said: its events, and the version of Terraform that wrote the plan file."""

    events: tuple[Mapping[str, Any], ...]
    terraform: str


class Infra(Protocol):
    """Terraform on one root directory. Each method may raise `ToolMissing`, `ToolFailed`, `LockHeld`, `Interrupted`."""

    def prepare(self) -> None:
        """Write the root and initialise Terraform, where something changed since the last time."""

    def version(self) -> str: ...

    def plan(self, file: Path, on_event: OnEvent, *, destroy: bool = False, lock: bool = True) -> PlanRun: ...

    def show(self, file: Path) -> Mapping[str, Any]:
        """`show -json` of a plan file, sensitive values in clear."""

    def apply(self, file: Path, on_event: OnEvent, log: Path) -> bool:
        """True where all of the plan was done. Failures are in the events, which `log` keeps."""

    def outputs(self) -> Mapping[str, Any]: ...


class Stack(Infra, Protocol):
    """The environment's own root, whose state is in the state bucket."""

    def provider(self) -> str:
        """The AWS provider's version that was chosen by `prepare`."""

    def addresses(self) -> frozenset[str]:
        """Of all resources in the state."""

    def imports(self) -> tuple[Made, ...]:
        """What import blocks that opsctl wrote are for."""

    def adopt(self, made: Sequence[Made]) -> None:
        """Write import blocks for these and no others."""

    def forget(self) -> None:
        """Initialise again at the next `prepare`: the state bucket that Terraform knew is gone."""

    def without_state(self) -> Infra:
        """The same configuration with an empty local state, to plan before there is a bucket."""


class Account(Protocol):
    def caller(self) -> Caller:
        """Whose credentials these are. Raises `Unreachable`, or `ToolFailed` where AWS does not accept them."""


class ImportIds(Protocol):
    def of(self, made: Made) -> Made | None:
        """With the id that Terraform imports it by; None where that cannot be found out."""


class Workloads(Protocol):
    """The cluster, as far as it makes things in AWS. Each method may raise `Unreachable` or `ToolFailed`."""

    def server(self) -> str:
        """Its address."""

    def made(self) -> tuple[ClusterMade, ...]: ...

    def remove(self, made: ClusterMade) -> None: ...


class StateBucket(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def unfinished(self) -> bool:
        """Whether this computer began to make it and did not come to the end."""

    def exists(self) -> bool:
        """Raises `Unreachable` where nobody can tell."""

    def began(self) -> None: ...

    def finished(self) -> None: ...


class Costs(Protocol):
    @property
    def budget(self) -> float | None:
        """Dollars a month; None where none is set."""

    def of(self, document: Mapping[str, Any]) -> CostChange | None:
        """What a plan does to the monthly cost, from its `show -json`; None where there are no prices."""


class Preflight(Protocol):
    """What would stop an apply half way. Neither method raises: what nobody can tell is a finding, too."""

    def begin(self) -> None:
        """Start asking AWS, and return at once."""

    def findings(self, summary: PlanSummary) -> Sequence[Finding]:
        """What is to be said of this plan, seconds after `begin` at the latest."""


class SavedPlans(Protocol):
    def reserve(self) -> int:
        """The next number, with a folder of its own."""

    def file(self, number: int) -> Path:
        """Where Terraform writes the plan."""

    def seal(self, file: Path) -> str:
        """The digest of a plan file; empty where it is gone."""

    def log(self, number: int) -> Path:
        """Where the events of its apply are kept."""

    def begun(self) -> tuple[SavedPlan, ...]:
        """Handed to an apply of which no end is known, the oldest first."""

    def running(self, number: int) -> bool:
        """Whether the apply of a plan, or the opsctl that started it, is alive on this computer."""

    def events(self, number: int) -> Sequence[Mapping[str, Any]]:
        """What the apply of a plan said, as far as it was written."""

    def save(self, plan: SavedPlan) -> None: ...

    def load(self, number: int) -> SavedPlan:
        """Raises `UsageError` where there is no such plan."""

    def scratch(self) -> Path:
        """Where Terraform writes a plan that is only looked at."""

    def discard(self, file: Path) -> None:
        """Delete a plan file, which holds the state and with it secrets."""


class ApplyRecords(Protocol):
    def save(self, record: ApplyRecord) -> bool:
        """Remember it here and in the state bucket; False where the bucket did not take it."""

    def save_outputs(self, outputs: Mapping[str, Any]) -> bool:
        """Remember them likewise: releases tell the pods of them."""

    def last(self) -> LastApply: ...


class DriftMemory(Protocol):
    """What the last look for drift saw, on this computer."""

    def load(self) -> Memory: ...

    def save(self, memory: Memory) -> None: ...


class Operator(Protocol):
    """The person at the terminal: sees what happens, and is asked before anything is changed."""

    def working(self, name: str, detail: str) -> AbstractContextManager[OnEvent]:
        """A step that takes a while; give it the events as they come."""

    def say(self, text: str) -> None: ...

    def show(self, title: str, summary: PlanSummary) -> None: ...

    def approve(self, kind: Kind, summary: PlanSummary) -> None:
        """Returns where the person agrees, else raises `Refused`."""

    def applying(self, summary: PlanSummary, known: Durations) -> AbstractContextManager[Callable[[Applied], None]]:
        """Watches an apply; `known` is how long such steps took before."""


class StateLocks(Protocol):
    def read(self) -> TerraformLock | None:
        """None where it is free. Raises `Unreachable` where nobody can tell."""

    def runs(self) -> tuple[Run, ...]:
        """Each Terraform that was started on this computer for a plan of the environment."""

    def unlock(self, lock: TerraformLock) -> None: ...


@dataclass(frozen=True)
class StateLockPorts:
    """What the flows are handed that look at Terraform's lock. `host` is this computer's name."""

    locks: StateLocks
    host: str
    now: Callable[[], float]


@dataclass(frozen=True)
class Origin:
    """Where a plan comes from: the environment, its configuration's digest, the project's git commit, and who asks."""

    environment: str
    account: str
    region: str
    config: str
    opsctl: str
    commit: str
    dirty: bool
    by: str
    emulated: bool
    valid_minutes: int


@dataclass(frozen=True)
class InfraPorts:
    """What an infrastructure flow is handed. `now` gives seconds since the epoch, `pause` waits so many."""

    account: Account
    stack: Stack
    bootstrap: Infra
    bucket: StateBucket
    import_ids: ImportIds
    workloads: Workloads
    plans: SavedPlans
    records: ApplyRecords
    operator: Operator
    origin: Origin
    now: Callable[[], float]
    pause: Callable[[float], None]
    costs: Costs
    preflight: Preflight
