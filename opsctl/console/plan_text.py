"""A plan as text: counts, what is dangerous, what changes, what is added a module, in 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from opsctl.console.cost_words import change_data, change_words
from opsctl.core.downtime import Level, downtime
from opsctl.core.plan import Action, Change, Difference, PlanSummary

_WIDTH = 80
_FEW = 3  # attributes shown of a change; --full shows all
_GROUPED = (Action.ADD, Action.IMPORT, Action.MOVE, Action.FORGET)


def counts(summary: PlanSummary) -> str:
    """`3 add · 2 change · 1 replace · 0 destroy`; the rarer actions only where there are some."""
    found = summary.counts
    shown = [Action.ADD, Action.CHANGE, Action.REPLACE, Action.DESTROY]
    shown += [action for action in (Action.IMPORT, Action.FORGET, Action.MOVE) if found[action]]
    return " · ".join(f"{found[action]} {action}" for action in shown)


def plan_lines(title: str, summary: PlanSummary, *, in_full: bool = False) -> Iterator[str]:
    """The whole picture, line by line; `in_full` adds each attribute of each change."""
    if summary.empty:
        yield f"{title}   no changes"
        yield from _notes(summary)
        return
    yield f"{title}   {counts(summary)}"
    for change in _worst_first(summary):
        if in_full or change.action not in _GROUPED:
            yield from _change_lines(change, in_full)
    yield from _modules(summary)
    if not in_full:
        yield from _grouped(summary)
    yield from _findings(summary)
    yield f"  cost     {change_words(summary.cost)}"
    if summary.outputs:
        yield from _wrapped("output", ", ".join(summary.outputs))
    yield from _notes(summary)


def _worst_first(summary: PlanSummary) -> list[Change]:
    """Data that is lost, then users who are cut off, then as they are."""
    return sorted(summary.changes, key=lambda change: (not change.loses, downtime(change).level is not Level.OUTAGE))


def _modules(summary: PlanSummary) -> Iterator[str]:
    """How much happens in each module, where more than one is touched by something other than an addition."""
    touched = [change for change in summary.changes if change.action not in _GROUPED]
    modules = sorted({change.module for change in touched})
    for module in modules if len(modules) > 1 else ():
        yield f"  {'module':<9}{module or '(root)'}: {counts(PlanSummary(_inside(summary, module)))}"


def _inside(summary: PlanSummary, module: str) -> tuple[Change, ...]:
    return tuple(change for change in summary.changes if change.module == module)


def _findings(summary: PlanSummary) -> Iterator[str]:
    """Each with its address; what is the same of many is said once."""
    same = groupby(summary.findings, key=lambda found: (found.severity, found.rule, found.message))
    for (severity, rule, message), grouped in same:
        addresses = [found.address for found in grouped]
        if len(addresses) == 1:
            yield from _wrapped(str(severity), f"{addresses[0]}: {message} ({rule})")
            continue
        yield from _wrapped(str(severity), f"{len(addresses)} times: {message} ({rule})")
        yield from (f"           {address}" for address in addresses)


def _notes(summary: PlanSummary) -> Iterator[str]:
    for warning in summary.warnings:
        yield from _wrapped("note", warning)


def _wrapped(label: str, text: str) -> list[str]:
    head = f"  {label:<9}"
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _change_lines(change: Change, in_full: bool) -> Iterator[str]:
    head = f"{'!' if change.loses else ' '} {_verb(change):<9}{change.address}"
    yield head
    if change.loses:
        yield f"           LOST FOR GOOD: {change.loses}"
    for difference in change.forced_by:
        yield f"           because {difference_words(difference, beside=31)} cannot change in place"
    if change.action is Action.REPLACE and not change.forced_by and change.reason:
        yield f"           because {_REASONS.get(change.reason, change.reason.replace('_', ' '))}"
    if change.protected and change.loses:
        yield "           AWS will refuse: deletion protection is on"
    yield from _downtime_line(change)
    if in_full or change.action is Action.CHANGE:
        yield from _attribute_lines(change, len(change.differences) if in_full else _FEW)


def _downtime_line(change: Change) -> Iterator[str]:
    found = downtime(change)
    if found.level is not Level.NONE:
        yield f"           {_DOWNTIME.get(found.level, found.level)}: {found.why}"


_DOWNTIME = {Level.UNKNOWN: "downtime unknown"}


def _attribute_lines(change: Change, shown: int) -> Iterator[str]:
    for difference in change.differences[:shown]:
        yield f"           {difference_words(difference)}"
    more = len(change.differences) - shown
    if more > 0:
        yield f"           and {more} more (opsctl plan --full)"


_REASONS = {
    "replace_because_tainted": "an earlier apply left it half made",
    "tainted": "an earlier apply left it half made",
    "replace_by_request": "it was asked for",
    "replace_by_triggers": "something that it depends on changes",
}


def _verb(change: Change) -> str:
    return change.action.upper() if change.loses else change.action


def difference_words(difference: Difference, beside: int = 0) -> str:
    """Both values cut so that they fit on a line of which `beside` columns are taken by other words."""
    room = (_WIDTH - 16 - beside - len(difference.path)) // 2
    return f"{difference.path}: {_cut(difference.before, room)} → {_cut(difference.after, room)}"


def _cut(text: str, room: int) -> str:
    flat = " ".join(text.split()) or '""'
    return flat if len(flat) <= max(room, 12) else flat[: max(room, 12) - 1] + "…"


def _grouped(summary: PlanSummary) -> Iterator[str]:
    """One row a module for what is only added: how many, and of which types."""
    for action in _GROUPED:
        changes = [change for change in summary.changes if change.action is action]
        for module in sorted({change.module for change in changes}):
            types = Counter(change.type for change in changes if change.module == module)
            named = [f"{name} ×{number}" if number > 1 else name for name, number in types.most_common()]
            yield f"  {action:<9}{_module_row(module, sum(types.values()), named)}"


def _module_row(module: str, number: int, types: list[str]) -> str:
    head, shown = f"{module or '(root)'}: {number}", list[str]()
    for name in types:
        if len(head) + len(", ".join([*shown, name])) + 25 > _WIDTH:
            break
        shown.append(name)
    more = f", and {len(types) - len(shown)} more types" if len(shown) < len(types) else ""
    return f"{head} ({', '.join(shown)}{more})" if shown else head


def plan_data(summary: PlanSummary) -> dict[str, Any]:
    """The summary as JSON for scripts; sensitive values are masked."""
    return {
        "counts": {str(action): number for action, number in summary.counts.items()},
        "outputs": list(summary.outputs),
        "warnings": list(summary.warnings),
        "findings": [vars(found) for found in summary.findings],
        "modules": _module_counts(summary),
        "cost": change_data(summary.cost),
        "dangerous": [change.address for change in summary.dangerous],
        "changes": [_change_data(change) for change in summary.changes],
    }


def _module_counts(summary: PlanSummary) -> dict[str, dict[str, int]]:
    """By module address, empty for the root; actions that do not happen there are left out."""
    modules = sorted({change.module for change in summary.changes})
    found = {module: PlanSummary(_inside(summary, module)).counts for module in modules}
    return {
        module: {str(action): number for action, number in each.items() if number} for module, each in found.items()
    }


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "address": change.address,
        "module": change.module,
        "type": change.type,
        "action": str(change.action),
        "reason": change.reason,
        "loses": change.loses,
        "downtime": {"level": str(downtime(change).level), "why": downtime(change).why},
        "protected": change.protected,
        "forced_by": [vars(difference) for difference in change.forced_by],
        "differences": [vars(difference) for difference in change.differences],
    }
