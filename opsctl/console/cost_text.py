"""An estimate as text: lines by module, the total with its error, and what it rests on, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from opsctl.console.cost_words import dollars, percent
from opsctl.core.cost.estimate import EXCLUDED, Estimate, Line
from opsctl.core.cost.picture import CostPicture
from opsctl.core.environment import Environment

_WIDTH = 80


def cost_lines(heading: str, environment: Environment, found: CostPicture) -> Iterator[str]:
    estimate = found.estimate
    yield f"{heading}   prices of {estimate.book.captured_on}, table {estimate.book.version}"
    yield f"  {'module':<14} {'what':<40} {'$ a month':>10}   error"
    for line in estimate.lines:
        yield f"  {line.module:<14} {line.what:<40} {dollars(line.usd):>10}   ±{percent(line.error)}"
    least = "at least " if estimate.missing else ""
    yield f"  {'total':<14} {least:<40} {dollars(estimate.usd):>10}   ±{percent(estimate.error)}"
    yield ""
    if found.emulated:
        yield from _wrapped("emulated", "costs nothing: this is what the same would cost in AWS")
    yield from _wrapped("nodes", _nodes_words(environment, found))
    yield from _wrapped("assumed", "; ".join(estimate.assumed.sentences))
    yield from _wrapped("left out", "; ".join([*estimate.missing, *EXCLUDED]))
    if found.budget is not None and found.share is not None:
        yield from _wrapped("budget", f"${found.budget:,.0f} a month, {found.share:.0%} of it used by this estimate")
    for saving in found.savings:
        words = f"a 1-year {saving.plan} for {saving.of} would save about ${saving.usd:,.0f} a month"
        yield from _wrapped("saving", words)
    if found.savings:
        yield from _wrapped("", "decide after 2 to 4 weeks of measurements; this is advice, and nothing is ever bought")


def _nodes_words(environment: Environment, found: CostPicture) -> str:
    nodes, fits = environment.cluster.nodes, found.estimate.assumed.nodes
    bounds = f"${found.fewest:,.0f} at {nodes.min} nodes, ${found.most:,.0f} at {nodes.max}"
    if fits is None:
        return f"as many as the group begins with, as opsctl does not know {nodes.instance_types[0]}; {bounds}"
    standby = environment.release.standby
    kept = "at full size" if standby == "full" else f"at {standby} pods"
    return f"as many as the pods fill, with the old color kept {kept}; {bounds}"


def _wrapped(label: str, text: str) -> list[str]:
    head = f"  {label:<9}"
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def table_lines(rows: Sequence[tuple[str, str, CostPicture | str]]) -> Iterator[str]:
    """Every environment of the project: (name, region, its picture or why there is none)."""
    yield f"  {'environment':<24} {'region':<14} {'$ a month':>10}   error   budget"
    for name, region, found in rows:
        if isinstance(found, str):
            yield f"  {name:<24} {region:<14} {'unknown':>10}   {found}"
            continue
        estimate = found.estimate
        least = "≥" if estimate.missing else ""
        amount, error = least + dollars(estimate.usd), percent(estimate.error)
        yield f"  {name:<24} {region:<14} {amount:>10}   ±{error:<6} {_budget_words(found)}"
    yield f"  {'together':<24} {'':<14} {dollars(together([found for *_, found in rows])):>10}"


def _budget_words(found: CostPicture) -> str:
    if found.emulated:
        return "(emulated: costs nothing)"
    return "none" if found.share is None else f"{found.share:.0%}"


def together(pictures: Iterable[CostPicture | str]) -> float:
    """Of all that are known and not emulated, US dollars."""
    return sum(found.estimate.usd for found in pictures if not isinstance(found, str) and not found.emulated)


def cost_data(found: CostPicture) -> dict[str, Any]:
    return {
        "emulated": found.emulated,
        **_estimate_data(found.estimate),
        "usd_fewest_nodes": round(found.fewest, 2),
        "usd_most_nodes": round(found.most, 2),
        "budget_usd": found.budget,
        "budget_share": found.share,
        "savings": [vars(saving) for saving in found.savings],
    }


def _estimate_data(found: Estimate) -> dict[str, Any]:
    book = found.book
    return {
        "usd_a_month": round(found.usd, 2),
        "error": round(found.error, 3),
        "prices": {"version": book.version, "captured_on": book.captured_on, "region": book.region},
        "lines": [_line_data(line) for line in found.lines],
        "missing": list(found.missing),
        "excluded": list(EXCLUDED),
        "assumed": vars(found.assumed),
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {**vars(line), "usd": round(line.usd, 2)}
