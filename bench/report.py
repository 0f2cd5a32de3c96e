"""The table for people and the object for programs, with what one has to know to believe the figures."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from bench.measure import Goal, Row

_HEAD = f"{'measurement':<36} {'opsctl':>9} {'bare':>8} {'ratio':>6}  goal"


def table(rows: Sequence[Row], machine: dict[str, Any]) -> str:
    return "\n".join([_HEAD, *(line for row in rows for line in _lines(row)), "", _words(machine)])


def as_json(rows: Sequence[Row], machine: dict[str, Any]) -> dict[str, Any]:
    return {
        "machine": machine,
        "rows": [{**asdict(row), "ratio": row.ratio, "missed_by": row.missed_by} for row in rows],
    }


def machine(load_before: float) -> dict[str, Any]:
    """`load_before`: processes that wanted a processor in the minute before the first measurement."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() or None,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(load_before, 1),
        "busy": load_before > (os.cpu_count() or 1) / 2,
    }


def _lines(row: Row) -> Iterator[str]:
    bare = f"{row.bare:.2f}" if row.bare is not None else ""
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    yield f"{row.name:<36} {row.ours:>5.2f} {row.unit:<3} {bare:>8} {ratio:>6}  {_verdict(row)}".rstrip()
    if row.goal:
        yield f"{'':<8}goal: {_goal(row, row.goal)}"


def _verdict(row: Row) -> str:
    if row.goal is None:
        return ""
    return f"missed by {row.missed_by:.2f} {row.unit}" if row.missed_by else "met"


def _goal(row: Row, goal: Goal) -> str:
    if not goal.factor:
        return f"at most {goal.extra:g} {row.unit}"
    factor = f"{goal.factor:g} × {row.against}" if goal.factor != 1 else row.against
    extra = f" + {goal.extra:g} {row.unit}" if goal.extra else ""
    return f"at most {factor}{extra} = {goal.limit(row.bare or 0):.2f} {row.unit}"


def _words(found: dict[str, Any]) -> str:
    words = f"commit {found['commit']}, {found['cores']} cores, Python {found['python']}, medians"
    if found["busy"]:
        words += f"\nThe machine was busy with other things (load {found['load_before']}): trust ratios, not seconds."
    return words
