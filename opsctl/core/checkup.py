"""What `opsctl doctor` found: one line a thing, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    name: str
    level: Level
    detail: str
    remedy: str = ""


CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 10.0  # the lock's deadline leaves 5 s for clocks that differ


def judge_version(name: str, found: str, least: tuple[int, ...], remedy: str) -> Finding:
    """`found` is whatever the tool prints; the first dotted number in it counts."""
    match = re.search(r"\d+(?:\.\d+)+", found)
    if not match:
        return Finding(name, Level.WARN, f"says no version: {found[:40]!r}", remedy)
    version = tuple(int(part) for part in match[0].split("."))
    if version < least:
        wanted = ".".join(map(str, least))
        return Finding(name, Level.FAIL, f"{match[0]} is too old, {wanted} is needed", remedy)
    return Finding(name, Level.OK, match[0])


def judge_skew(kubectl: Finding, cluster: str) -> Finding:
    """Kubernetes supports a kubectl that is at most one minor version older or newer than the cluster."""
    if kubectl.level is not Level.OK or abs(_minor(kubectl.detail) - _minor(cluster)) <= 1:
        return kubectl
    detail = f"{kubectl.detail}, and cluster.version is {cluster}: Kubernetes supports one minor version apart"
    remedy = f"install kubectl {cluster}; `opsctl logs` alone runs it"
    return Finding(kubectl.name, Level.WARN, detail, remedy)


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def judge_clock(skew: float) -> Finding:
    """`skew`: seconds by which the cluster's clock is ahead of ours; HTTP dates have whole seconds."""
    level = Level.FAIL if abs(skew) > CLOCK_FAIL_S else Level.WARN if abs(skew) > CLOCK_WARN_S else Level.OK
    remedy = "" if level is Level.OK else "set the clock (NTP); the lock's heartbeat is judged by it"
    return Finding("clock", level, f"{skew:+.0f} s against the cluster", remedy)


def judge_account(wanted: str | None, found: str, who: str) -> Finding:
    if wanted and wanted != found:
        remedy = "use credentials of the environment's account: aws.profile"
        return Finding("aws account", Level.FAIL, f"{found}, but the environment says {wanted}", remedy)
    return Finding("aws account", Level.OK, f"{found} as {who.rpartition('/')[2] or who}")
