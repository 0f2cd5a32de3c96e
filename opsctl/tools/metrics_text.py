"""The Prometheus text format, as far as a release needs it: which series are there, and what users met."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from opsctl.core.health import Counts

_LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_REQUESTS, _DURATIONS = "http_requests_total", "http_request_duration_seconds_bucket"  # of docs/app-contract.md


@dataclass(frozen=True)
class Line:
    """One value of one series. Escapes in labels are left as they stand."""

    name: str
    labels: Mapping[str, str]
    value: float


def read_lines(text: str) -> list[Line]:
    """Raises ValueError with the first line that is not in the format."""
    return [_line(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def summed(lines: Iterable[Line]) -> dict[str, float]:
    """Name to the sum over all its labels."""
    series: dict[str, float] = {}
    for line in lines:
        series[line.name] = series.get(line.name, 0.0) + line.value
    return series


def missing_series(series: Mapping[str, float], required: Iterable[str]) -> list[str]:
    return [name for name in required if name not in series]


def read_counts(lines: Sequence[Line], health_paths: Collection[str], slow: float) -> Counts | None:
    """Users' requests, those answered with 5xx, and those slower than `slow` seconds; None where nothing is counted.

    Slow is what lies above the lowest bucket that reaches `slow`, so that nothing quicker counts. A process that
    has met no user yet has counted 0.
    """
    if not any(line.name == _REQUESTS for line in lines):
        return None
    users = [line for line in lines if line.labels.get("path") not in health_paths]
    requests = [line for line in users if line.name == _REQUESTS]
    errors = [line for line in requests if line.labels.get("code", "").startswith("5")]
    buckets = [line for line in users if line.name == _DURATIONS]
    return Counts(_sum(requests), _sum(errors), _sum(_at(inf, buckets)) - _sum(_at(_reaching(slow, buckets), buckets)))


def _line(text: str) -> Line:
    found = _LINE.fullmatch(text)
    if not found:
        raise ValueError(f"unexpected line {text[:60]!r}")
    return Line(found[1], dict(_LABEL.findall(found[2] or "")), float(found[3]))


def _reaching(seconds: float, buckets: Sequence[Line]) -> float:
    return min((bound for line in buckets if (bound := _bound(line)) >= seconds), default=inf)


def _at(bound: float, buckets: Sequence[Line]) -> list[Line]:
    return [line for line in buckets if _bound(line) == bound]


def _bound(line: Line) -> float:
    try:
        return float(line.labels.get("le", ""))
    except ValueError:
        return -inf


def _sum(lines: Iterable[Line]) -> float:
    return sum(line.value for line in lines)
