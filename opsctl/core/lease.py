"""The lock: who may change an environment's releases, why, and until when. Times are seconds since the epoch.

A process holds it by a heartbeat: it renews the lease each second, and stops writing `MARGIN_S` before it could
have run out. A person holds it until a moment named beforehand.

Whether a process is dead is seen, not computed from what its computer takes for the time:

| the lease                                             | verdict                                            |
|-------------------------------------------------------|----------------------------------------------------|
| of a person, its moment has come                      | dead                                               |
| of a person, before that                              | alive                                              |
| nobody changed it for its duration, by our own clock  | dead: its holder had stopped writing before that   |
| silent for `LONG_S` by its own times, and for          | dead, with a short wait                            |
| `MISSED_S` by our own clock                           |                                                    |
| changed while we looked                               | alive                                              |
| anything else, also a heartbeat from the future       | not known yet: look on, for its duration at most   |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

DURATION_S = 5.0
"""Short, as a dead operator's release is unguarded for so long."""
RENEW_EVERY_S = 1.0
RENEW_TIMEOUT_S = 1.0
"""For connecting and for the answer, each; so two renewals that fail still leave time for a third."""
MARGIN_S = 2.0
"""A holder stops writing this long before its lease could run out: room for a write that is under way."""
MISSED_S = 2.0
"""Two heartbeats: a clock that is far behind makes a live lease look old, but not still."""
LONG_S = 2 * DURATION_S + 20.0
"""By its own times a lease may look this old and still be renewed, by a computer whose clock is behind."""


class Life(Enum):
    ALIVE = "alive"
    UNKNOWN = "unknown"
    DEAD = "dead"


@dataclass(frozen=True)
class LeaseState:
    """The lease as stored. `until` is set where a person holds it; `version` changes with each write."""

    holder: str  # user@host:pid of a process, user@host of a person
    reason: str  # completes "<holder> …", as in "deploys release 14"
    since: float
    renewed: float
    duration: float = DURATION_S
    until: float | None = None
    ci: str = ""  # address of the CI job that the holder runs in
    rival: str = ""  # who asked the holder to give way, and what for
    version: str = ""

    @property
    def expires(self) -> float:
        return self.until if self.until is not None else self.renewed + self.duration


@dataclass(frozen=True)
class Sighting:
    """A lease, and since when it has looked so, by the looker's own clock: one that never jumps, in seconds."""

    lease: LeaseState
    unchanged_since: float
    changed: bool = False  # it looked different at an earlier look

    def again(self, lease: LeaseState, at: float) -> Sighting:
        """Look once more."""
        if lease.version == self.lease.version:
            return replace(self, lease=lease)
        return Sighting(lease, at, changed=True)


@dataclass(frozen=True)
class Pulse:
    """What looking again and again tells of the lock. No lease is dead: nobody holds it."""

    lease: LeaseState | None
    life: Life
    quiet: float = 0.0  # seconds since it was last seen to be written, by the looker's own clock


def life(seen: Sighting, now: float, at: float) -> Life:
    """`now` is the time of day, `at` the looker's own clock as in `Sighting`."""
    lease = seen.lease
    if lease.until is not None:
        return Life.ALIVE if now < lease.until else Life.DEAD
    quiet = at - seen.unchanged_since
    if quiet >= lease.duration or (quiet >= MISSED_S and now - lease.renewed >= LONG_S):
        return Life.DEAD
    return Life.ALIVE if seen.changed else Life.UNKNOWN


def seems_dead(lease: LeaseState, now: float) -> bool:
    """By one look, for people: its own times say so. Nothing is taken away on this word."""
    return now >= lease.expires


def ci_url(variables: Mapping[str, str]) -> str:
    """Where the CI job that this is runs can be looked at; empty outside CI."""
    github = [variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if all(github):
        return "{}/{}/actions/runs/{}".format(*github)
    names = ("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL")
    found = (variables.get(name, "") for name in names)
    return next((url for url in found if url.startswith(("https://", "http://"))), "")


def sentence(lease: LeaseState, now: float) -> str:
    """Who holds it, why and since when, in local time."""
    since = f"since {clock(lease.since, now)} ({max(0.0, now - lease.since):.0f} s ago)"
    if lease.until is not None:
        return f"{lease.holder} holds it {since} until {clock(lease.until, now)}: {lease.reason}"
    return f"{lease.holder} {lease.reason} {since}, heartbeat {max(0.0, now - lease.renewed):.0f} s ago"


def way_out(lease: LeaseState, asker: str) -> str:
    """What whoever met a lock that is alive may type. `asker` is user@host."""
    if lease.until is None:
        job = f"; its CI job: {lease.ci}" if lease.ci else ""
        return f"opsctl deploy --wait 10m waits, opsctl status --watch looks{job}"
    mine = lease.holder == asker
    return "it is yours: opsctl lock release" if mine else f"ask {lease.holder}, then opsctl lock release"


def clock(at: float, now: float) -> str:
    """The local time of day; with the date where it is another day."""
    found = datetime.fromtimestamp(at)
    return found.strftime("%H:%M:%S" if found.date() == datetime.fromtimestamp(now).date() else "%Y-%m-%d %H:%M")
