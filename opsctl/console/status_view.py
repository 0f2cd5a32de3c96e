"""The one-screen picture of an environment that `opsctl status` prints."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping
from typing import Any

from opsctl.console.access_view import access_text
from opsctl.console.layout import WIDTH, indented, minutes, settings_words
from opsctl.core.release import Phase

_HEAD = "    color  release  pods   restarts  api  websocket  metrics  sockets  traffic"


def status_text(status: Mapping[str, Any], infrastructure: str) -> str:
    """The one-screen picture of an environment, 80 columns."""
    lines = [status["environment"], _HEAD]
    lines += [_color_row(color, row) for color, row in status["colors"].items()]
    lines += textwrap.wrap(
        rollback_words(status["rollback"]), WIDTH, initial_indent="  rollback  ", subsequent_indent=" " * 12
    )
    for router in status["traffic"]:
        lines.append(f"  router    {router['router']} → {router['active'] or 'nobody'}")
    lines.append(f"  infra     {infrastructure}")
    lines.append(access_text(status, time.time()))
    if status["phase"]:
        lines += _row_of(
            "phase", f"{status['phase']}: release {status['release']['id']}; {carried_words(status, time.time())}"
        )
        lines += _row_of("guard", guard_words(status["guard"]))
    if status["drain"] and status["drain"]["agents"]:
        lines += _row_of("drain", _drain_words(status["drain"]))
    return "\n".join(lines)


def _row_of(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"  {label:<8}  ", subsequent_indent=" " * 12)


def carried_words(status: Mapping[str, Any], now: float) -> str:
    """Who is at the unfinished release; where nobody is, what to type."""
    lock = status["lock"]
    if lock and lock["until"] is None and now < lock["expires"]:
        return f"{lock['holder']} is at it"
    if status["phase"] == Phase.AWAITING_PROMOTION.value:
        return "it waits for a person: opsctl promote, or opsctl abort"
    return "nobody is at it: opsctl resume, or opsctl abort"


def _drain_words(drain: Mapping[str, Any]) -> str:
    return f"{drain['agents']} agents left on {drain['color']}, {minutes(drain['seconds'])} to go within the budget"


def guard_words(guard: Mapping[str, Any] | None) -> str:
    if guard is None:
        return "none: this release ends when somebody carries it to its end"
    if guard["ready"]:
        return f"{guard['pod']} stands by, to bring users back if whoever released is gone"
    return f"{guard['pod']} is not ready{': ' if guard['trouble'] else ''}{guard['trouble']}"


def _color_row(color: str, row: Mapping[str, Any]) -> str:
    words = {name: _word(found["verdict"]) for name, found in row["services"].items()}
    marker = "▶" if row["serving"] else " "
    pods = f"{row['ready']}/{row['desired']}"
    sockets = "-" if row["sockets"] is None else str(row["sockets"])
    share = "100 %" if row["serving"] else "0 %"
    text = (
        f"  {marker} {color:<5}  {row['release'] or '-':<7}  {pods:<5}  {row['restarts']:<8}  "
        f"{words.get('api', '-'):<3}  {words.get('websocket', '-'):<9}  {words.get('metrics', '-'):<7}  "
        f"{sockets:<7}  {share}"
    )
    trouble = f" · {row['verdict']}: {row['detail']}" if row["verdict"] != "healthy" and row["desired"] else ""
    told = row["image"] + settings_words(row) + trouble
    return "\n".join([text, *indented(told, 12), *_parts_row(row["workloads"]), *_probed_row(row)])


def _probed_row(row: Mapping[str, Any]) -> list[str]:
    """Only where Kubernetes' word is taken for some."""
    if row["probed"] >= row["ready"]:
        return []
    return indented(f"{row['probed']} of its pods were probed; the others are ready, as Kubernetes says", 12)


def _parts_row(parts: Mapping[str, Any]) -> list[str]:
    """Only where there are several."""
    told = ", ".join(f"{name} {part['ready']}/{part['desired']}" for name, part in parts.items())
    return indented(told, 12) if len(parts) > 1 else []


def _word(verdict: str) -> str:
    return {"healthy": "ok", "unhealthy": "BAD", "unknown": "?"}[verdict]


def rollback_words(rollback: Mapping[str, Any]) -> str:
    if not rollback["ready"]:
        return f"not ready: {rollback['why']}"
    to = rollback["to"]
    return f"ready: to {to['color']} {to['release']} in about {rollback['seconds']:.0f} s ({rollback['why']})"
