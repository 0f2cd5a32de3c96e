"""Every place where a release may be cut short, in what kind of release, and by what.

The lists are what a run passes, in order; a test compares them with what a run passes today, so that a step that is
new in a release fails it until it has its cases. Only a guarded deploy has a guard in the cluster, and is cut short
before cutover alone: later the guard would go on by itself, where these cases want a person to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_INSTALL = (
    "warming: after intent install", "warming: after settings", "warming: after install", "warming: after done install",
)  # fmt: skip
_SCALE = ("warming: after intent scale", "warming: after scale", "warming: after done scale")
_PROVED = ("before phase gating", "after phase gating", "before phase cutover", "after phase cutover")
_SWITCH = ("cutover: after intent switch", "cutover: after switch", "cutover: after done switch")
_BAKE = ("before phase baking", "after phase baking")
_DRAIN = (
    "before phase draining", "after phase draining",
    "draining: after intent stop", "draining: after stop", "draining: after done stop",
)  # fmt: skip
_GUARD = ("warming: after intent start", "warming: after start", "warming: after done start")
_MIGRATE = (
    "migrating: after intent migrate", "migrating: after migrate", "migrating: after done migrate",
    "before phase warming", "after phase warming",
)  # fmt: skip
_GATE_HOOK = ("gating: after intent begin", "gating: after begin", "gating: after done begin")
_BAKE_HOOK = ("baking: after intent begin", "baking: after begin", "baking: after done begin")
_DONE = ("before outcome succeeded", "after outcome succeeded")

BOUNDARIES: dict[str, tuple[str, ...]] = {
    "deploy": (
        "after lock", "after addresses", "after record", *_INSTALL, *_SCALE, *_PROVED, *_SWITCH, *_BAKE, *_DRAIN,
        *_DONE,
    ),
    "rollback": ("after lock", "after record", *_PROVED, *_SWITCH, *_BAKE, *_DRAIN, *_DONE),
    "guarded deploy": _GUARD,
    "migrating deploy": _MIGRATE,
    "hooked deploy": (*_GATE_HOOK, *_BAKE_HOOK),
    "asking deploy": ("draining: after intent let", "draining: after let", "draining: after done let"),
    "failing deploy": (
        "before phase rolling_back", "after phase rolling_back",
        "rolling_back: after intent switch", "rolling_back: after switch", "rolling_back: after done switch",
        "rolling_back: after intent scale", "rolling_back: after scale", "rolling_back: after done scale",
        "before outcome rolled_back", "after outcome rolled_back",
    ),
}  # fmt: skip
"""By release; of all but the first two only what is their own: until then they pass what a deploy does."""

FAULTS = ("kill", "term", "away")
BEFORE_RECORD = ("after lock", "after addresses")


@dataclass(frozen=True)
class Case:
    """`steer`: what a person types afterwards, where something is left to do."""

    release: str
    boundary: str
    fault: str
    steer: str

    def __str__(self) -> str:
        return f"{self.release} · {self.boundary} · {self.fault} · {self.steer}"


def cases() -> Iterator[Case]:
    """All of them; those who come after take turns between going on and going back."""
    number = 0
    for release, boundaries in BOUNDARIES.items():
        for boundary in boundaries:
            for fault in FAULTS:
                number += 1
                yield Case(release, boundary, fault, "resume" if number % 2 else "abort")


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """A row a boundary, a column a fault: seconds that the case took, or FAILED."""
    found = {record["name"].rpartition(" · ")[0]: record for record in records}
    lines = []
    for release, passed in BOUNDARIES.items():
        lines.append(f"{release:<36}" + "".join(f"{fault:>9}" for fault in FAULTS))
        for boundary in passed:
            cells = (found.get(f"{release} · {boundary} · {fault}") for fault in FAULTS)
            lines.append(f"  {boundary:<34}" + "".join(f"{_cell(record):>9}" for record in cells))
    return "\n".join(lines)


def _cell(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "-"
    return f"{record['took_s']:.0f} s" if record["ok"] else "FAILED"
