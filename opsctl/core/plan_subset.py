"""Whether a new plan does nothing that was not approved with an earlier one.

Between the two an apply came part of the way. So what is left may be less, an addition that was cut short may have
become a replacement of what nobody has used yet, and of a replacement either half may be left.
"""

from __future__ import annotations

from opsctl.core.plan import Action, Change, PlanSummary, within
from opsctl.core.plan_reading import UNKNOWN

_LEFT_OF = {
    Action.REPLACE: (Action.REPLACE, Action.ADD, Action.DESTROY),
    Action.IMPORT: (Action.IMPORT, Action.CHANGE),
}


def subset_of(new: PlanSummary, approved: PlanSummary) -> bool:
    return not beyond(new, approved)


def beyond(new: PlanSummary, approved: PlanSummary) -> tuple[str, ...]:
    """The addresses at which `new` would do something that `approved` did not show."""
    known = {change.address: change for change in approved.changes}
    return tuple(change.address for change in new.changes if not _covered(change, known.get(_named(change))))


def _named(change: Change) -> str:
    """What is left over of a replacement that creates first is the same resource, deposed."""
    return change.address.partition(" (deposed")[0]


def _covered(new: Change, approved: Change | None) -> bool:
    if approved is None or (new.loses and not approved.loses):
        return False
    anew = new.action is Action.REPLACE and new.unfinished and approved.action is Action.ADD
    if not anew and new.action not in _LEFT_OF.get(approved.action, (approved.action,)):
        return False
    return new.action is Action.DESTROY or _same_values(new, approved)


def _same_values(new: Change, approved: Change) -> bool:
    """No attribute gets another value than was shown. A change in place may touch only what was shown."""
    shown = {found.path: found.after for found in approved.differences}
    for found in new.differences:
        known = shown.get(found.path) or _around(found.path, shown)
        if known is None and new.action is Action.CHANGE:
            return False
        if known is not None and UNKNOWN not in (known, found.after) and known != found.after:
            return False
    return True


def _around(path: str, shown: dict[str, str]) -> str | None:
    """A value that was to become known during the apply covers whatever it holds now."""
    return next((after for parent, after in shown.items() if after == UNKNOWN and within(path, parent)), None)
