"""A Terraform that exists in memory, and an operator who answers as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opsctl.core.account import Caller
from opsctl.core.apply_events import Applied
from opsctl.core.apply_record import ApplyRecord, LastApply
from opsctl.core.checkup import Finding
from opsctl.core.cluster_made import ClusterMade
from opsctl.core.cost.difference import CostChange
from opsctl.core.durations import Durations
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import Kind, SavedPlan
from opsctl.core.unfinished import Made
from opsctl.errors import Interrupted, OpsError, ToolFailed, Unreachable, UsageError
from opsctl.ports.provisioning import InfraPorts, Origin
from opsctl.ports.terraform import OnEvent, PlanRun

AT = "2026-11-22T14:01:23Z"


def resource(address: str) -> dict[str, Any]:
    *module, kind, _ = address.split(".")
    return {"addr": address, "module": ".".join(module), "resource_type": kind}


def planned(address: str, action: str = "create") -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": resource(address), "action": action}}


def ran(kind: str, address: str, action: str = "create") -> dict[str, Any]:
    return {"type": kind, "@timestamp": AT, "hook": {"resource": resource(address), "action": action}}


def failed(summary: str, detail: str = "", address: str = "") -> dict[str, Any]:
    diagnostic = {"severity": "error", "summary": summary, "detail": detail, "address": address}
    return {"type": "diagnostic", "diagnostic": diagnostic}


def shown(address: str, actions: list[str], **sides: Any) -> dict[str, Any]:
    found = resource(address)
    change = {"actions": actions, "before": {}, "after": {}, **sides}
    kind, module = found["resource_type"], found["module"]
    return {"address": address, "mode": "managed", "type": kind, "module_address": module, "change": change}


_ACTIONS = {"create": ["create"], "update": ["update"], "delete": ["delete"], "replace": ["delete", "create"]}


def _as_shown(event: Mapping[str, Any]) -> dict[str, Any]:
    change = event["change"]
    return shown(change["resource"]["addr"], _ACTIONS[change["action"]])


@dataclass
class FakeInfra:
    """Plans `planning`; applying plays `applying` and succeeds, fails, or is interrupted."""

    planning: list[Mapping[str, Any]] = field(default_factory=list)
    applying: list[Mapping[str, Any]] = field(default_factory=list)
    showing: Mapping[str, Any] = field(default_factory=dict)
    ends: str = "complete"
    prepares: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)
    applied: list[Path] = field(default_factory=list)
    terraform: str = "1.11.4"
    aws_provider: str = "5.100.0"
    endpoint: str = ""
    known: set[str] = field(default_factory=set)
    adopted: tuple[Made, ...] = ()
    initialised: bool = False
    left_behind: bool = False

    def prepare(self) -> None:
        self.calls.append("prepare")
        if not self.initialised:
            self.prepares()
        self.initialised = True

    def version(self) -> str:
        return self.terraform

    def plan(self, file: Path, on_event: OnEvent, *, destroy: bool = False, lock: bool = True) -> PlanRun:
        self.calls.append("plan destroy" if destroy else "plan" if lock else "plan without lock")
        self.prepares()  # a plan needs the state as well
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("planned")
        for event in self.planning:
            on_event(event)
        return PlanRun(tuple(self.planning), self.terraform)

    def show(self, file: Path) -> Mapping[str, Any]:
        assert file.exists()
        self.calls.append("show")
        outputs = [name for event in self.planning for name in event.get("outputs", ())]
        return self.showing or {
            "resource_changes": [_as_shown(event) for event in self.planning if "change" in event],
            "output_changes": {name: {"actions": ["create"]} for name in outputs},
        }

    def apply(self, file: Path, on_event: OnEvent, log: Path) -> bool:
        assert file.read_text() == "planned"
        self.calls.append("apply")
        self.applied.append(file)
        for event in self.applying:
            on_event(event)
        if self.ends == "interrupted":
            raise Interrupted("interrupted")
        return self.ends == "complete"

    def outputs(self) -> Mapping[str, Any]:
        found = {"name": {"sensitive": False, "value": "x"}, "secret": {"sensitive": True, "value": "s"}}
        return found if not self.endpoint else found | {"cluster": {"value": {"endpoint": self.endpoint, "name": "c"}}}

    def provider(self) -> str:
        return self.aws_provider

    def addresses(self) -> frozenset[str]:
        self.calls.append("state list")
        return frozenset(self.known)

    def imports(self) -> tuple[Made, ...]:
        return self.adopted

    def adopt(self, made: Sequence[Made]) -> None:
        self.adopted = tuple(made)

    def unstored(self) -> bool:
        return self.left_behind

    def store(self) -> None:
        self.calls.append("store")
        self.left_behind = False

    def forget(self) -> None:
        self.calls.append("forget")
        self.initialised = False

    def without_state(self) -> FakeInfra:
        self.calls.append("without state")
        return replace(self, prepares=lambda: None)


@dataclass
class FakeAccount:
    found: Caller = field(default_factory=lambda: Caller("123456789012", "arn:aws:iam::123456789012:user/ana"))

    def caller(self) -> Caller:
        return self.found


class FakeImportIds:
    """Knows each id but those of routes."""

    def of(self, made: Made) -> Made | None:
        return None if made.type == "aws_route" else made


@dataclass
class FakeWorkloads:
    """A cluster whose controllers let go of what was removed after `holds_back` more looks."""

    there: list[ClusterMade] = field(default_factory=list)
    address: str = "https://cluster.test"
    holds_back: int = 0
    removed: list[ClusterMade] = field(default_factory=list)
    silent: bool = False

    def server(self) -> str:
        if self.silent:
            raise Unreachable("no answer from the cluster")
        return self.address

    def made(self) -> tuple[ClusterMade, ...]:
        if self.removed:
            self.holds_back -= 1
        return tuple(one for one in self.there if self.holds_back >= 0 or one not in self.removed)

    def remove(self, made: ClusterMade) -> None:
        self.removed.append(made)


@dataclass
class FakeBucket:
    there: bool = True
    name: str = "state-bucket"
    unfinished: bool = False

    def exists(self) -> bool:
        return self.there

    def began(self) -> None:
        self.unfinished = True

    def finished(self) -> None:
        self.unfinished = False
        self.there = True

    def demand(self) -> None:
        """What initialising Terraform does without its bucket."""
        if not self.there:
            raise ToolFailed("init failed")


@dataclass
class FakePlans:
    folder: Path
    plans: dict[int, SavedPlan] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)
    claimed: set[int] = field(default_factory=set)
    told: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)

    def reserve(self) -> int:
        return max(self.plans, default=0) + 1

    def file(self, number: int) -> Path:
        return self.folder / f"{number}.bin"

    def seal(self, file: Path) -> str:
        return file.read_text() if file.exists() else ""

    def log(self, number: int) -> Path:
        return self.folder / f"{number}.jsonl"

    def claim(self, number: int) -> bool:
        first = number not in self.claimed
        self.claimed.add(number)
        return first

    def begun(self) -> tuple[SavedPlan, ...]:
        return tuple(plan for plan in self.plans.values() if plan.consumed is not None and plan.ended is None)

    def running(self, number: int) -> bool:
        return number in self.alive

    def events(self, number: int) -> Sequence[Mapping[str, Any]]:
        return self.told.get(number, [])

    def save(self, plan: SavedPlan) -> None:
        self.plans[plan.number] = plan

    def load(self, number: int) -> SavedPlan:
        if number not in self.plans:
            raise UsageError("no such plan")
        return self.plans[number]

    def scratch(self) -> Path:
        return self.folder / "scratch.bin"

    def discard(self, file: Path) -> None:
        file.unlink(missing_ok=True)


@dataclass
class FakeRecords:
    saved: list[ApplyRecord] = field(default_factory=list)
    outputs: Mapping[str, Any] | None = None
    reachable: bool = True

    def save(self, record: ApplyRecord) -> bool:
        self.saved.append(record)
        return self.reachable

    def save_outputs(self, outputs: Mapping[str, Any]) -> bool:
        self.outputs = outputs
        return self.reachable

    def last(self) -> LastApply:
        return LastApply(self.saved[-1] if self.saved else None, self.reachable)


@dataclass
class FakeOperator:
    agrees: bool = True
    shown: list[tuple[str, PlanSummary]] = field(default_factory=list)
    asked: list[Kind] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    saw: Applied = field(default_factory=Applied)
    known: Durations = field(default_factory=dict)

    @contextmanager
    def working(self, name: str, detail: str) -> Iterator[OnEvent]:
        yield lambda event: None

    def say(self, text: str) -> None:
        self.said.append(text)

    def show(self, title: str, summary: PlanSummary) -> None:
        self.shown.append((title, summary))

    def approve(self, kind: Kind, summary: PlanSummary) -> None:
        self.asked.append(kind)
        if not self.agrees:
            raise OpsError("the answer was not 'yes'")

    @contextmanager
    def applying(self, summary: PlanSummary, known: Durations) -> Iterator[Callable[[Applied], None]]:
        self.known = known
        yield lambda applied: setattr(self, "saw", applied)


@dataclass
class FakeCosts:
    budget: float | None = None
    change: CostChange | None = None

    def of(self, document: Mapping[str, Any]) -> CostChange | None:
        return self.change


@dataclass
class FakePreflight:
    found: list[Finding] = field(default_factory=list)
    begun: int = 0

    def begin(self) -> None:
        self.begun += 1

    def findings(self, summary: PlanSummary) -> list[Finding]:
        return self.found


ORIGIN = Origin(
    "dev", "123456789012", "us-east-1", "config-1", "0.1.0", "commit-1", False, "ana@build-7", False, 60
)  # fmt: skip


@dataclass
class Site:
    """One environment with all its fakes. The clock stands still until a test moves it."""

    folder: Path
    account: FakeAccount = field(default_factory=FakeAccount)
    workloads: FakeWorkloads = field(default_factory=FakeWorkloads)
    stack: FakeInfra = field(default_factory=FakeInfra)
    bootstrap: FakeInfra = field(default_factory=FakeInfra)
    bucket: FakeBucket = field(default_factory=FakeBucket)
    records: FakeRecords = field(default_factory=FakeRecords)
    operator: FakeOperator = field(default_factory=FakeOperator)
    time: float = 1_000_000.0
    origin: Origin = ORIGIN
    costs: FakeCosts = field(default_factory=FakeCosts)
    preflight: FakePreflight = field(default_factory=FakePreflight)
    waits: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.plans = FakePlans(self.folder)
        self.stack.prepares = self.bucket.demand

    def wait(self, seconds: float) -> None:
        self.time += seconds
        self.waits()

    @property
    def ports(self) -> InfraPorts:
        return InfraPorts(
            self.account, self.stack, self.bootstrap, self.bucket, FakeImportIds(), self.workloads, self.plans,
            self.records, self.operator, self.origin,
            lambda: self.time, self.wait, self.costs, self.preflight,
        )  # fmt: skip
