"""The actions that a decision may ask for. Each has a condition that makes doing it twice harmless."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.color import Color
from opsctl.core.environment import Hook
from opsctl.core.hook import HookName
from opsctl.core.sizes import Sizes, words


@dataclass(frozen=True)
class Install:
    """Put the rollout's release into a color that has no traffic."""

    color: Color

    def __str__(self) -> str:
        return f"install into {self.color}"


@dataclass(frozen=True)
class Scale:
    """`agents` is how many at most lose their pod by it."""

    color: Color
    sizes: Sizes
    agents: int = 0

    def __str__(self) -> str:
        return f"scale {self.color} to {words(self.sizes)}"


@dataclass(frozen=True)
class Restore:
    """Put back the release that stood in a color until somebody deleted its Deployment."""

    color: Color
    release: int

    def __str__(self) -> str:
        return f"restore release {self.release} in {self.color}"


@dataclass(frozen=True)
class Switch:
    """Move all traffic, each workload's in one write, which fails unless it still goes to `expected`."""

    to: Color
    expected: Color | None

    def __str__(self) -> str:
        return f"switch {self.expected or 'nobody'} to {self.to}"


@dataclass(frozen=True)
class StopPods:
    """Let pods end inside their grace period; their Deployment replaces them. `agents` is how many they hold."""

    color: Color
    pods: tuple[str, ...]
    agents: int = 0

    def __str__(self) -> str:
        return f"stop {len(self.pods)} pods of {self.color}"


@dataclass(frozen=True)
class LetGo:
    """Ask pods, by the application's own endpoint, to close so many WebSockets each, spread over so many seconds."""

    color: Color
    portions: tuple[tuple[str, int], ...]
    path: str
    within: float

    def __str__(self) -> str:
        return f"let {sum(count for _, count in self.portions)} agents of {self.color} go"


@dataclass(frozen=True)
class StartGuard:
    """Start the guard pod of a rollout, or let it be where it is there already."""

    rollout: int

    def __str__(self) -> str:
        return f"start the guard of rollout {self.rollout}"


@dataclass(frozen=True)
class Migrate:
    """Start the migration of a rollout, or let it be where it is there already."""

    rollout: int

    def __str__(self) -> str:
        return f"migrate for rollout {self.rollout}"


@dataclass(frozen=True)
class BeginHook:
    """Begin a hook beside the loop; nobody waits for its end here."""

    name: HookName
    hook: Hook

    def __str__(self) -> str:
        return f"begin {self.name}"


Step = Install | Scale | Restore | Switch | StopPods | LetGo | StartGuard | Migrate | BeginHook
