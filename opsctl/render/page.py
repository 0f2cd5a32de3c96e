"""The report as a page: one file, no scripts, nothing from elsewhere. The only module that knows Jinja2.

Whatever comes from a cluster is hostile here: names, log lines and reasons are escaped, all of them, always.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from opsctl.render.figures import probe_figures, users_figures
from opsctl.render.plots import HEIGHT, WIDTH, axis_of, bands

_FAILED = ("rolling_back", "abandoning")
_SHADED = ("warming", "awaiting_promotion", "baking")  # every other one, as they follow upon each other
_NAMES = {
    "migrating": "migrate", "warming": "warm", "gating": "gate", "awaiting_promotion": "promotion",
    "cutover": "cutover", "baking": "bake", "draining": "drain", "rolling_back": "rollback", "abandoning": "abandon",
}  # fmt: skip
_DECISIONS = {"go on to rolling_back": "bring users back", "go on to abandoning": "abandon it"}
_WORST_FIRST = ("unhealthy", "unknown", "healthy")


def page(report: Mapping[str, Any], template: str, version: str) -> str:
    """HTML of what `core.report.report_json` gives. `template`: the text of templates/report/page.html."""
    from jinja2 import Environment, StrictUndefined

    jinja = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    jinja.filters |= {"clock": clock, "day": day, "span": span, "phase": phase, "words": words, "decision": decision}
    samples, axis = report["samples"], axis_of(report)
    return jinja.from_string(template).render(
        r=report,
        version=version,
        axis=axis,
        ticks=axis.ticks(),
        bands=bands(axis, report["phases"]),
        moves=[{**move, "x": axis.x(move["at"]), "percent": axis.percent(move["at"])} for move in report["moves"]],
        users=users_figures(samples, axis) if samples else [],
        probes=probe_figures(samples, axis) if samples else [],
        deciding=_deciding(report),
        failed_phases=_FAILED,
        shaded_phases=_SHADED,
        width=WIDTH,
        height=HEIGHT,
    )


def clock(at: float) -> str:
    """14:08:05.123, UTC as all times of the page."""
    return time.strftime("%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}"


def day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def span(seconds: float | None) -> str:
    """40 ms, 3.1 s, 4 min 10 s."""
    if seconds is None:
        return "not over"
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def phase(name: str) -> str:
    """As the terminal names it."""
    return _NAMES.get(name, name)


def words(text: str) -> str:
    return text.replace("_", " ")


def decision(what: str) -> str:
    """As a person would say it."""
    return _DECISIONS.get(what, words(what))


def _deciding(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The decision that made it fail, else the last one that rests on verdicts."""
    judged = [decision for decision in report["decisions"] if decision["verdicts"]]
    failed = [each for each in judged if each["decision"].endswith((*_FAILED, "halted"))]
    found = next(iter(failed or judged[-1:]), None)
    order = {verdict: n for n, verdict in enumerate(_WORST_FIRST)}
    by_weight = sorted(found["verdicts"], key=lambda v: order.get(v["verdict"], len(order))) if found else []
    return found and {**found, "verdicts": by_weight}
