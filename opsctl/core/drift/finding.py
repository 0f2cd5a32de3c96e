"""`show -json` of a plan → findings, one an attribute, each with a number that stays the same from day to day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opsctl.core.drift.matter import DELETED, Matter, matter_of
from opsctl.core.drift.sameness import same, same_text
from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_reading import MASKED, drifted

_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Found:
    """`attribute` is a path without positions; `differences` are Terraform's, sensitive values masked."""

    id: str
    address: str
    type: str
    attribute: str
    matter: Matter
    differences: tuple[Difference, ...]


def findings(plan: Mapping[str, Any], environment: str) -> tuple[tuple[Found, ...], PlanSummary]:
    """(what was changed by hand, configuration changes not yet applied), worst first."""
    drift, pending = drifted(plan)
    sides = {found["address"]: found["change"] for found in plan.get("resource_drift", ())}
    found = [each for change in drift.changes for each in _of(change, sides.get(change.address, {}), environment)]
    order = list(Matter)
    return tuple(sorted(found, key=lambda each: (order.index(each.matter), each.address, each.attribute))), pending


def _of(change: Change, sides: Mapping[str, Any], environment: str) -> Iterator[Found]:
    if change.action is Action.DESTROY:
        yield _found(change, DELETED, (), environment)
        return
    by_attribute: dict[str, list[Difference]] = {}
    for difference in change.differences:
        if not _means_the_same(difference, sides):
            by_attribute.setdefault(_POSITION.sub("", difference.path), []).append(difference)
    for attribute, differences in by_attribute.items():
        if _told_as_tags(attribute) not in by_attribute:
            yield _found(change, attribute, _with_default_tags(attribute, differences, by_attribute), environment)


def _found(change: Change, attribute: str, differences: tuple[Difference, ...], environment: str) -> Found:
    number = hashlib.sha256("\0".join((environment, change.address, attribute)).encode()).hexdigest()[:8]
    matter = matter_of(change.type, attribute)
    return Found(f"d-{number}", change.address, change.type, attribute, matter, differences)


def _means_the_same(difference: Difference, sides: Mapping[str, Any]) -> bool:
    top = re.split(r"[.\[]", difference.path)[0]
    before, after = ((sides.get(side) or {}).get(top) for side in ("before", "after"))
    if same({top: before}, {top: after}):
        return True
    return difference.before != MASKED and same_text(difference.before, difference.after)


def _with_default_tags(
    attribute: str, differences: Sequence[Difference], by_attribute: Mapping[str, Sequence[Difference]]
) -> tuple[Difference, ...]:
    """A tag that comes from the provider's default tags is null in `tags`, and has its value in `tags_all` alone."""
    whole = by_attribute.get(attribute.replace("tags.", "tags_all.", 1)) if attribute.startswith("tags.") else None
    if whole is None:
        return tuple(differences)
    return tuple(replace(each, path=each.path.replace("tags_all", "tags", 1)) for each in whole)


def _told_as_tags(attribute: str) -> str:
    """Terraform tells a tag twice."""
    return attribute.replace("tags_all", "tags", 1) if attribute.startswith("tags_all") else ""
