"""Drift as text and as data: what matters first, since when, what is let be and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from opsctl.console.plan_text import counts, difference_words, plan_data
from opsctl.core.drift.finding import Found
from opsctl.core.drift.matter import DELETED
from opsctl.core.drift.memory import Seen
from opsctl.core.drift.report import DriftReport, by_matter
from opsctl.core.environment import Ignored


def drift_lines(heading: str, report: DriftReport, rules: Mapping[str, Ignored]) -> Iterator[str]:
    yield f"{heading}   {_summary(report)}"
    for matter, found in by_matter(report.found.open):
        for each in found:
            yield f"  {matter.value:<9}{each.address}"
            yield from _details(each, report.seen[each.id])
    for each in report.found.let_be:
        rule = rules[report.found.ignored[each.id]]
        yield f"  let be   {each.address} {each.attribute}"
        yield f"           until {rule.until}: {rule.reason}"
    for seen in report.resolved:
        yield f"  gone     {seen.address} {seen.attribute}"
    yield from _about_rules(report, rules)
    if not report.pending.empty:
        yield f"  pending  {counts(report.pending)} of the configuration itself: opsctl plan"
    if report.found.open:
        yield "  next     opsctl provision puts the configuration's values back"


def _summary(report: DriftReport) -> str:
    found = [f"{len(these)} {matter}" for matter, these in by_matter(report.found.open)]
    return f"drift: {' · '.join(found)}" if found else "no drift"


def _details(found: Found, seen: Seen) -> Iterator[str]:
    if found.attribute == DELETED:
        yield "           is gone from AWS"
    for difference in found.differences:
        yield f"           {difference_words(difference)}"
    yield f"           {found.id}, seen since {_day(seen.first)}"


def _about_rules(report: DriftReport, rules: Mapping[str, Ignored]) -> Iterator[str]:
    for name in report.found.expired:
        yield f"  rule     drift.ignore.{name} ended on {rules[name].until} and counts no longer"
    for name in report.found.unknown:
        yield f"  rule     drift.ignore.{name}: there is no {rules[name].address}"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def drift_data(report: DriftReport) -> dict[str, Any]:
    """Times are seconds since the epoch, values of attributes are text as people read it."""
    found = report.found
    return {
        "matters": report.matters,
        "findings": [_found_data(each, report) for each in (*found.open, *found.let_be)],
        "resolved": [vars(seen) for seen in report.resolved],
        "rules": {"expired": list(found.expired), "unknown": list(found.unknown)},
        "pending": plan_data(report.pending),
    }


def _found_data(each: Found, report: DriftReport) -> dict[str, Any]:
    seen = report.seen[each.id]
    return {
        "id": each.id,
        "address": each.address,
        "attribute": each.attribute,
        "matter": str(each.matter),
        "first_seen": seen.first,
        "last_seen": seen.last,
        "ignored_by": report.found.ignored.get(each.id),
        "differences": [vars(difference) for difference in each.differences],
    }
