"""Terraform, its state and its lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from opsctl.core.state_lock import Run, TerraformLock
    from opsctl.core.unfinished import Made


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

    def unstored(self) -> bool:
        """Whether an apply here ended with a state that the bucket did not take."""

    def store(self) -> None:
        """Give that state to the bucket. Raises `LockHeld` or `ToolFailed` where it is not taken, and keeps it."""

    def forget(self) -> None:
        """Initialise again at the next `prepare`: the state bucket that Terraform knew is gone."""

    def without_state(self) -> Infra:
        """The same configuration with an empty local state, to plan before there is a bucket."""


class ImportIds(Protocol):
    def of(self, made: Made) -> Made | None:
        """With the id that Terraform imports it by; None where that cannot be found out."""


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
