"""The Prometheus text format, as far as a gate needs it: which series are there, and their summed values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?")


def read_series(text: str) -> dict[str, float]:
    """Name to the sum over all its labels. Raises ValueError with the first line that is not in the format."""
    series: dict[str, float] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if not found:
            raise ValueError(f"unexpected line {line[:60]!r}")
        series[found[1]] = series.get(found[1], 0.0) + float(found[2])
    return series


def missing_series(series: Mapping[str, float], required: Iterable[str]) -> list[str]:
    return [name for name in required if name not in series]
