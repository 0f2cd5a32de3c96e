"""Counting, and nothing else. Times are seconds since 1970, durations are seconds.

*Lost* is a request without a complete answer. *Bad* is a complete answer that is wrong. *Unplanned* is a WebSocket
that ended without a close frame, or with a code other than 1001 and 1012.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

PLANNED_CODES = frozenset({1001, 1012})  # going away, service restart
NO_CLOSE_FRAME = 1006
MAX_CHANGES = 1000
WINDOWS_S = (1, 5)  # spans in which reconnects are counted


@dataclass
class Span:
    """How often, and between when and when."""

    count: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, at: float) -> None:
        self.count += 1
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)

    def report(self) -> dict[str, Any]:
        return {"count": self.count, "first": _rounded(self.first), "last": _rounded(self.last)}


@dataclass
class Reasons:
    """A span, and how often for which reason. `on_first` hears of the first one as it happens."""

    span: Span = field(default_factory=Span)
    by: Counter[str] = field(default_factory=Counter)
    on_first: Callable[[float, str], None] | None = None

    def add(self, at: float, reason: str) -> None:
        if self.on_first is not None and not self.span.count:
            self.on_first(at, reason)
        self.span.add(at)
        self.by[reason] += 1

    def report(self) -> dict[str, Any]:
        return {**self.span.report(), "by": dict(self.by.most_common())}


@dataclass
class Requests:
    """One kind of HTTP traffic. At the end: scheduled = answered + lost; sent = scheduled - those never sent."""

    scheduled: int = 0
    sent: int = 0
    answered: int = 0
    lost: Reasons = field(default_factory=Reasons)
    bad: Reasons = field(default_factory=Reasons)
    latencies: array[float] = field(default_factory=lambda: array("d"))
    late: array[float] = field(default_factory=lambda: array("d"))
    versions: dict[str, Span] = field(default_factory=dict)
    colors: dict[str, Span] = field(default_factory=dict)

    def answer(self, at: float, latency: float, version: str, color: str, fault: str) -> None:
        """A complete answer; `fault` says what is wrong with it and is empty if nothing is."""
        self.answered += 1
        self.latencies.append(latency)
        self.versions.setdefault(version, Span()).add(at)
        self.colors.setdefault(color, Span()).add(at)
        if fault:
            self.bad.add(at, fault)

    def report(self) -> dict[str, Any]:
        return {
            "scheduled": self.scheduled,
            "sent": self.sent,
            "answered": self.answered,
            "lost": self.lost.report(),
            "bad": self.bad.report(),
            "latency_ms": milliseconds(self.latencies),
            "late_ms": milliseconds(self.late),
            "versions": {name: span.report() for name, span in self.versions.items()},
            "colors": {name: span.report() for name, span in self.colors.items()},
        }


@dataclass
class Agents:
    """WebSockets. `open` maps each open agent to the (version, color) that holds it."""

    wanted: int = 0
    open: dict[int, tuple[str, str]] = field(default_factory=dict)
    opened: int = 0
    closes: Counter[int] = field(default_factory=Counter)
    unplanned: Reasons = field(default_factory=Reasons)
    connect_failures: Reasons = field(default_factory=Reasons)
    reconnects: array[float] = field(default_factory=lambda: array("d"))
    came_back: array[float] = field(default_factory=lambda: array("d"))  # when
    pods: Counter[str] = field(default_factory=Counter)  # agents now, by pod, where the application says its name
    peaks: Counter[str] = field(default_factory=Counter)  # and the most that there ever were
    messages: int = 0
    echoes: int = 0
    wrong_echoes: int = 0

    def closed(self, at: float, code: int, reason: str) -> None:
        """The other side ended a connection. `reason` names how, for those that are unplanned."""
        self.closes[code] += 1
        if code not in PLANNED_CODES:
            self.unplanned.add(at, reason)

    def joined(self, pod: str) -> None:
        self.pods[pod] += 1
        self.peaks[pod] = max(self.peaks[pod], self.pods[pod])

    def left(self, pod: str) -> None:
        self.pods[pod] -= 1

    def report(self) -> dict[str, Any]:
        return {
            "wanted": self.wanted,
            "open": len(self.open),
            "open_by_version": dict(Counter(version for version, _ in self.open.values())),
            "open_by_color": dict(Counter(color for _, color in self.open.values())),
            "opened": self.opened,
            "closes": {str(code): count for code, count in sorted(self.closes.items())},
            "unplanned": self.unplanned.report(),
            "connect_failures": self.connect_failures.report(),
            "reconnect_ms": milliseconds(self.reconnects),
            "most_reconnects": {f"{s}_s": most_within(self.came_back, s) for s in WINDOWS_S},
            "most_on_a_pod": max((n for pod, n in self.peaks.items() if pod), default=None),
            "messages": self.messages,
            "echoes": self.echoes,
            "wrong_echoes": self.wrong_echoes,
        }


@dataclass
class Tally:
    """The whole account of a run.

    `changes`: each time an answer on a new connection came from another release than the one before it, as
    (time, version, color). A cutover shows here; the first 1,000 are kept.
    """

    fresh: Requests = field(default_factory=Requests)
    kept: Requests = field(default_factory=Requests)
    agents: Agents = field(default_factory=Agents)
    changes: list[tuple[float, str, str]] = field(default_factory=list)

    def saw_release(self, at: float, version: str, color: str) -> None:
        if len(self.changes) < MAX_CHANGES and (not self.changes or self.changes[-1][1:] != (version, color)):
            self.changes.append((at, version, color))

    def report(self) -> dict[str, Any]:
        return {
            "requests": {
                "total": total((self.fresh, self.kept)).report(),
                "fresh": self.fresh.report(),
                "kept": self.kept.report(),
            },
            "agents": self.agents.report(),
            "changes": [{"time": _rounded(at), "version": v, "color": c} for at, v, c in self.changes],
        }


def total(parts: Iterable[Requests]) -> Requests:
    """All kinds of HTTP traffic as one."""
    whole = Requests()
    for part in parts:
        whole.scheduled += part.scheduled
        whole.sent += part.sent
        whole.answered += part.answered
        whole.latencies.extend(part.latencies)
        whole.late.extend(part.late)
        _merge(whole.lost, part.lost)
        _merge(whole.bad, part.bad)
        for mine, theirs in ((whole.versions, part.versions), (whole.colors, part.colors)):
            for name, span in theirs.items():
                _join(mine.setdefault(name, Span()), span)
    return whole


def _merge(whole: Reasons, part: Reasons) -> None:
    _join(whole.span, part.span)
    whole.by.update(part.by)


def _join(whole: Span, part: Span) -> None:
    whole.count += part.count
    firsts = [at for at in (whole.first, part.first) if at is not None]
    lasts = [at for at in (whole.last, part.last) if at is not None]
    whole.first, whole.last = min(firsts, default=None), max(lasts, default=None)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed. `ordered` must not be empty."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def most_within(times: Sequence[float], seconds: float) -> int:
    """The most of these moments, in order, that lie within any span of so many seconds."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def milliseconds(seconds: Sequence[float]) -> dict[str, float] | None:
    """p50, p95, p99 and max in milliseconds; None without values."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(percentile(ordered, share) * 1000, 2) for name, share in shares.items()}


def _rounded(at: float | None) -> float | None:
    return None if at is None else round(at, 3)
