"""What `decide` may answer."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.release import Outcome, Phase
from opsctl.core.steps import Step


@dataclass(frozen=True)
class Wait:
    why: str


@dataclass(frozen=True)
class Enter:
    """Go on to a phase; entering `draining`, `leaving` names the old pods that have to go."""

    phase: Phase
    why: str = ""
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """`why` is said only where the step mends what somebody else did."""

    step: Step
    why: str = ""


@dataclass(frozen=True)
class Unguarded:
    """Go on without a guard in the cluster: there can be none."""

    why: str


@dataclass(frozen=True)
class Noted:
    """Put on record what became known, such as how a hook ended."""

    what: str
    why: str = ""


@dataclass(frozen=True)
class End:
    outcome: Outcome
    why: str


Decision = Wait | Enter | Act | Unguarded | Noted | End
