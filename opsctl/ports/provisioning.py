"""All that an infrastructure flow is handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    from opsctl.core.cost.difference import CostChange
    from opsctl.core.drift.memory import Memory
    from opsctl.core.durations import Durations
    from opsctl.core.plan import PlanSummary
    from opsctl.core.saved_plan import Kind, SavedPlan
    from opsctl.ports.terraform import ImportIds, Infra, OnEvent, Stack, StateBucket


class Account(Protocol):
    def caller(self) -> Caller:
        """Whose credentials these are. Raises `Unreachable`, or `ToolFailed` where AWS does not accept them."""


class Workloads(Protocol):
    """The cluster, as far as it makes things in AWS. Each method may raise `Unreachable` or `ToolFailed`."""

    def server(self) -> str:
        """Its address."""

    def made(self) -> tuple[ClusterMade, ...]: ...

    def remove(self, made: ClusterMade) -> None: ...


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

    def claim(self, number: int) -> bool:
        """True once for each plan: whoever gets it may hand the plan to an apply."""

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
