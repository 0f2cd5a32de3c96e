"""Reading a plan, which Terraform tells twice.

The event stream of `plan -json` names each planned change, at once but without values. `show -json` has the values,
but needs the provider's schemas: 1.7 s for a new stack whose plan takes 2.9 s. It is read all the same, as nobody can
say of an addition without its values what it opens to the world or costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opsctl.core.plan import Action, Change, Difference, PlanSummary, ordered, within
from opsctl.core.plan_policy import findings

MASKED = "(sensitive)"
UNKNOWN = "(known after apply)"


def from_events(events: Sequence[Mapping[str, Any]]) -> PlanSummary:
    """The summary as far as the event stream of `plan -json` tells it: no values."""
    planned = (event["change"] for event in events if event.get("type") == "planned_change")
    outputs = (event["outputs"] for event in events if event.get("type") == "outputs")
    changed = tuple(sorted(name for found in outputs for name, output in found.items() if output["action"] != "noop"))
    return replace(ordered(filter(None, map(_planned, planned))), outputs=changed, warnings=_warnings(events))


def from_show(plan: Mapping[str, Any]) -> PlanSummary:
    """The summary of `terraform show -json PLAN`, with each changed attribute; warnings are not in there."""
    found = plan.get("output_changes", {}).items()
    changed = tuple(sorted(name for name, change in found if change["actions"] != ["no-op"]))
    summary = ordered(filter(None, map(_shown, plan.get("resource_changes", []))))
    return replace(summary, outputs=changed, findings=findings(plan))


def _warnings(events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Each once: a check reports the same sentence for every resource that it looks at."""
    found = (event["diagnostic"] for event in events if event.get("type") == "diagnostic")
    said = (_sentence(diagnostic) for diagnostic in found if diagnostic["severity"] == "warning")
    return tuple(dict.fromkeys(said))


def _sentence(diagnostic: Mapping[str, Any]) -> str:
    detail = " ".join(str(diagnostic.get("detail", "")).split())
    summary = str(diagnostic["summary"])
    return detail if summary == "Check block assertion failed" and detail else f"{summary}: {detail}".rstrip(": ")


def drifted(plan: Mapping[str, Any]) -> tuple[PlanSummary, PlanSummary]:
    """(drift, pending) of `show -json` of an ordinary plan.

    Drift is what was changed behind Terraform's back *and* what an apply would put right, attribute by
    attribute; a reported difference that no apply would touch is noise (a fresh VPC has some). Pending is the
    rest of the plan: changes of the configuration that nobody has applied yet.
    """
    planned = {change.address: change for change in from_show(plan).changes}
    reported = filter(None, map(_shown, plan.get("resource_drift", [])))
    drift = [_put_right(change, planned[change.address]) for change in reported if change.address in planned]
    found = {change.address: change for change in drift if change}
    return ordered(found.values()), ordered(planned[address] for address in planned.keys() - found.keys())


def _put_right(drift: Change, planned: Change) -> Change | None:
    """The part of `drift` that `planned` reverses, None where that is nothing."""
    if drift.action is Action.DESTROY:
        return drift
    paths = [difference.path for difference in planned.differences]
    kept = tuple(found for found in drift.differences if any(_overlap(found.path, path) for path in paths))
    return replace(drift, differences=kept) if kept else None


def _overlap(one: str, other: str) -> bool:
    return within(one, other) or within(other, one)


_STREAM = {
    "create": Action.ADD, "update": Action.CHANGE, "replace": Action.REPLACE, "delete": Action.DESTROY,
    "remove": Action.FORGET, "import": Action.IMPORT, "move": Action.MOVE,
}  # fmt: skip


def _planned(change: Mapping[str, Any]) -> Change | None:
    action = _STREAM.get(change["action"])
    resource = change["resource"]
    if action is None:  # noop and read change nothing
        return None
    return Change(resource["addr"], resource["module"], resource["resource_type"], action, change.get("reason", ""))


_SHOWN = {
    ("create",): Action.ADD, ("update",): Action.CHANGE, ("delete",): Action.DESTROY, ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE, ("create", "delete"): Action.REPLACE, ("create", "forget"): Action.ADD,
}  # fmt: skip


_PROTECTIONS = ("deletion_protection", "enable_deletion_protection")


def _shown(found: Mapping[str, Any]) -> Change | None:
    change = found["change"]
    action = _SHOWN.get(tuple(change["actions"]), _without_change(found))
    if action is None or found.get("mode") != "managed":
        return None
    differences = tuple(_differences((), _Sides.of(change)))
    forcing = [_path(steps) for steps in change.get("replace_paths", ())]
    forced = tuple(found for found in differences if any(within(found.path, path) for path in forcing))
    return Change(
        found["address"] + (f" (deposed {found['deposed']})" if found.get("deposed") else ""),
        found.get("module_address", ""), found["type"], action, found.get("action_reason", ""), differences, forced,
        protected=any((change["before"] or {}).get(name) for name in _PROTECTIONS),
    )  # fmt: skip


def _without_change(found: Mapping[str, Any]) -> Action | None:
    if found["change"].get("importing"):
        return Action.IMPORT
    return Action.MOVE if found.get("previous_address") else None


@dataclass(frozen=True)
class _Sides:
    """One node of the five parallel trees in which Terraform describes a change."""

    before: Any
    after: Any
    unknown: Any
    hidden_before: Any
    hidden_after: Any

    @staticmethod
    def of(change: Mapping[str, Any]) -> _Sides:
        names = ("before", "after", "after_unknown", "before_sensitive", "after_sensitive")
        return _Sides(*(change.get(name) for name in names))

    def child(self, step: str | int) -> _Sides:
        trees = (self.before, self.after, self.unknown, self.hidden_before, self.hidden_after)
        return _Sides(*(_child(tree, step) for tree in trees))

    def steps(self) -> Sequence[str | int] | None:
        """The steps to walk further, or None at a value that is compared as a whole."""
        trees = [tree for tree in (self.before, self.after) if tree is not None]
        if trees and all(isinstance(tree, dict) for tree in trees):
            unknown = self.unknown if isinstance(self.unknown, dict) else {}
            return sorted({*unknown, *(key for tree in trees for key in tree)})
        if len(trees) == 2 and all(isinstance(tree, list) for tree in trees) and len(trees[0]) == len(trees[1]):
            return range(len(trees[0]))
        return None


def _differences(path: tuple[str | int, ...], sides: _Sides) -> Iterator[Difference]:
    hidden = sides.hidden_before is True or sides.hidden_after is True
    steps = None if hidden or sides.unknown is True else sides.steps()
    if steps is not None:
        for step in steps:
            yield from _differences((*path, step), sides.child(step))
    elif sides.before != sides.after or sides.unknown is True:
        before = _text(_masked(sides.before, sides.hidden_before))
        after = UNKNOWN if sides.unknown is True else _text(_masked(sides.after, sides.hidden_after))
        yield Difference(_path(path), MASKED, MASKED) if hidden else Difference(_path(path), before, after)


def _child(tree: Any, step: str | int) -> Any:
    if isinstance(tree, dict):
        return tree.get(step)
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    return tree if tree is True else None  # a whole subtree can be marked unknown or sensitive at its root


def _masked(value: Any, hidden: Any) -> Any:
    """A value that is shown as a whole, with its sensitive parts replaced."""
    if hidden is True:
        return MASKED
    if isinstance(value, dict):
        return {key: _masked(part, _child(hidden, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, _child(hidden, index)) for index, part in enumerate(value)]
    return value


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
