"""Terraform's lock on the state, with a face: who holds it, since when, for which plan, alive or dead.

Terraform writes an object beside the state and knows nothing more: a killed run leaves it for ever. Whether its holder
lives can only be judged where it runs: a run of this project on this computer keeps the log of its events locked for
as long as it lives. Anybody else's life is unknown, and stays so until a person says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from opsctl.core.lease import Life, clock

_SOONEST_S, _LATEST_S = -2.0, 60.0  # when a run takes the lock, after its first event; loading a provider takes seconds


@dataclass(frozen=True)
class TerraformLock:
    """As Terraform wrote it. `since` is seconds since the epoch, `who` user@host."""

    id: str
    who: str
    operation: str
    since: float

    @property
    def doing(self) -> str:
        words = {"OperationTypePlan": "plan", "OperationTypeApply": "apply"}
        return words.get(self.operation, self.operation)

    @property
    def host(self) -> str:
        return self.who.rpartition("@")[2]


@dataclass(frozen=True)
class Run:
    """A Terraform that opsctl started here: for which plan, `doing` plan or apply, and what is known of its end.

    `began` and `worked` are when its log has the first event, and the last one that tells of work.
    """

    plan: int
    doing: str
    began: float
    alive: bool
    ended: bool
    worked: float = 0.0


@dataclass(frozen=True)
class SeenLock:
    """`run` is the one that took it, where it is one of this project's on this computer."""

    lock: TerraformLock
    run: Run | None
    life: Life

    @property
    def dead(self) -> bool:
        return self.life is Life.DEAD


def from_object(found: Mapping[str, Any]) -> TerraformLock:
    """Of the lock's object; Terraform writes nanoseconds, which Python's dates do not know."""
    created = str(found.get("Created", ""))
    whole, dot, rest = created.partition(".")
    text = whole + dot + rest.rstrip("Z")[:6] + "+00:00" if dot else whole.replace("Z", "+00:00")
    since = datetime.fromisoformat(text).timestamp() if created else 0.0
    return TerraformLock(str(found["ID"]), str(found.get("Who", "somebody")), str(found.get("Operation", "")), since)


def judge(lock: TerraformLock, runs: Sequence[Run], host: str) -> SeenLock:
    """Whose it is, and whether that one lives. `host` is this computer's name.

    Another checkout here may hold it, too. So a dead run is taken for its holder only if it worked after the lock was
    taken, which nobody else could have done.
    """
    known = [run for run in runs if run.doing == lock.doing and _SOONEST_S <= lock.since - run.began <= _LATEST_S]
    latest = max(known, key=lambda run: run.began, default=None)
    if lock.host != host or latest is None or latest.ended:
        return SeenLock(lock, None, Life.UNKNOWN)
    if latest.alive:
        return SeenLock(lock, latest, Life.ALIVE)
    return SeenLock(lock, latest, Life.DEAD) if latest.worked > lock.since else SeenLock(lock, None, Life.UNKNOWN)


def sentence(seen: SeenLock, now: float) -> str:
    lock = seen.lock
    whose = f"of plan {seen.run.plan:04d}, " if seen.run else ""
    since = f"since {clock(lock.since, now)} ({max(0.0, now - lock.since):.0f} s ago)"
    return f"locked by {lock.who}: {lock.doing} {whose}{since}; {_LIFE[seen.life]}"


_LIFE = {
    Life.ALIVE: "its Terraform is running here",
    Life.DEAD: "its Terraform is dead",
    Life.UNKNOWN: "whether it lives cannot be told from here",
}


def way_out(seen: SeenLock) -> str:
    """What to type."""
    if seen.life is Life.ALIVE:
        return "wait until it ends, or press Ctrl-C where it runs"
    named = "" if seen.dead else f" --id {seen.lock.id}, once you have made sure that it is dead"
    return f"opsctl lock release --terraform{named}"


def seen_json(seen: SeenLock | None) -> dict[str, Any]:
    """`state` is locked or free; who cannot tell says unknown, and why."""
    if seen is None:
        return {"state": "free"}
    plan = seen.run.plan if seen.run else None
    return {"state": "locked", **asdict(seen.lock), "plan": plan, "life": seen.life.value}


def seen_of(found: Mapping[str, Any]) -> SeenLock:
    """Back from `seen_json` of a lock that is held."""
    lock = TerraformLock(found["id"], found["who"], found["operation"], found["since"])
    life, plan = Life(found["life"]), found["plan"]
    run = Run(plan, lock.doing, lock.since, life is Life.ALIVE, ended=False) if plan is not None else None
    return SeenLock(lock, run, life)
