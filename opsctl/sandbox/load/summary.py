"""The final report for people: a dozen lines, at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any


def summary(report: Mapping[str, Any]) -> str:
    return "\n".join((*_head(report), *_requests(report["requests"]), *_agents(report["agents"]), *_changes(report)))


def progress(second: Mapping[str, Any], duration: float) -> str:
    """One line about the last second, while the run goes on."""
    return (
        f"{second['second']:>4} of {duration:.0f} s  {second['answered']} answered, {second['lost']} lost, "
        f"{second['bad']} bad, {second['agents_open']} agents"
    )


def _head(report: Mapping[str, Any]) -> Iterator[str]:
    why = "" if report["ended_by"] == "duration" else ", ended early"
    yield f"{report['seconds']:.1f} s from {_clock(report['started'])}, source {report['source']}{why}"
    yield ""


def _requests(requests: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':<12}{'scheduled':>10}{'answered':>10}{'lost':>7}{'bad':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
    for name, title in (("fresh", "new conn."), ("kept", "kept conn."), ("total", "total")):
        part = requests[name]
        times, lost, bad = part["latency_ms"], part["lost"]["count"], part["bad"]["count"]
        counts = f"{part['scheduled']:>10}{part['answered']:>10}{lost:>7}{bad:>7}"
        yield f"{title:<12}{counts}" + "".join(
            f"{times[key]:>9.1f}" if times else f"{'-':>9}" for key in ("p50", "p95", "p99")
        )
    for what in ("lost", "bad"):
        yield from _trouble(what, requests["total"][what])
    for name, span in requests["total"]["versions"].items():
        yield f"version {name or '?':<20} {span['count']:>9} answers, {_when(span)}"


def _agents(agents: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    closes = ", ".join(f"{count} × {code}" for code, count in agents["closes"].items()) or "none"
    yield f"agents      {agents['open']} of {agents['wanted']} open; closes: {closes}"
    yield f"echoes      {agents['echoes']} of {agents['messages']}, {agents['wrong_echoes']} wrong"
    if times := agents["reconnect_ms"]:
        most = agents["most_reconnects"]
        yield (
            f"reconnects  p50 {times['p50']:.0f} ms, max {times['max']:.0f} ms; at most {most['1_s']} in 1 s, "
            f"{most['5_s']} in 5 s"
        )
    if agents["most_on_a_pod"]:
        yield f"pods        at most {agents['most_on_a_pod']} agents on one"
    yield from _trouble("unplanned", agents["unplanned"]) if agents["unplanned"]["count"] else ["unplanned   0"]
    yield from _trouble("refused", agents["connect_failures"])


def _changes(report: Mapping[str, Any]) -> Iterator[str]:
    if len(report["changes"]) > 1:
        yield ""
    for change in report["changes"][1:11]:
        yield f"{_clock(change['time'])}  answers now from {change['version']} ({change['color']})"
    if len(report["changes"]) > 11:
        yield f"… and {len(report['changes']) - 11} more changes of release"


def _trouble(what: str, found: Mapping[str, Any]) -> Iterator[str]:
    if found["count"]:
        reasons = ", ".join(f"{count} {reason}" for reason, count in found["by"].items())
        yield f"{what:<10}  {reasons}; {_when(found)}"


def _when(span: Mapping[str, Any]) -> str:
    return f"{_clock(span['first'])} to {_clock(span['last'])}"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-3]
