"""A new plan may only do what an approved one showed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_reading import UNKNOWN
from opsctl.core.plan_subset import beyond, subset_of

REPO = "m.aws_ecr_repository.x"


def change(action: Action, *values: tuple[str, str], address: str = REPO, **more: Any) -> Change:
    found = tuple(Difference(path, "old", after) for path, after in values)
    return Change(address, "m", "aws_ecr_repository", action, differences=found, **more)


def covered(new: Change, approved: Change) -> bool:
    return subset_of(PlanSummary((new,)), PlanSummary((approved,)))


ADD = change(Action.ADD, ("name", "x"), ("arn", UNKNOWN))
TAINTED = change(Action.REPLACE, ("arn", UNKNOWN), reason="replace_because_tainted", unfinished=True)


def test_less_is_within_what_was_approved() -> None:
    other = change(Action.ADD, address="m.aws_vpc.x")
    assert subset_of(PlanSummary((ADD,)), PlanSummary((ADD, other)))
    assert subset_of(PlanSummary(), PlanSummary((ADD,)))


def test_what_nobody_saw_is_named() -> None:
    other = change(Action.ADD, address="m.aws_vpc.x")
    assert beyond(PlanSummary((ADD, other)), PlanSummary((ADD,))) == ("m.aws_vpc.x",)


@pytest.mark.parametrize(
    ("new", "approved", "expected"),
    [
        (TAINTED, ADD, True),
        (replace(TAINTED, unfinished=False), ADD, False),
        (change(Action.REPLACE), change(Action.CHANGE), False),
        (change(Action.DESTROY), change(Action.CHANGE), False),
        (change(Action.ADD), change(Action.REPLACE), True),
        (change(Action.DESTROY), change(Action.REPLACE), True),
        (change(Action.DESTROY, address=f"{REPO} (deposed ab12)"), change(Action.REPLACE), True),
        (change(Action.ADD), change(Action.DESTROY), False),
        (change(Action.CHANGE, ("a", "1")), change(Action.CHANGE, ("a", "1"), ("b", "2")), True),
        (change(Action.CHANGE, ("a", "1"), ("c", "3")), change(Action.CHANGE, ("a", "1")), False),
        (change(Action.CHANGE, ("a", "2")), change(Action.CHANGE, ("a", "1")), False),
        (change(Action.CHANGE, ("a", "known by now")), change(Action.CHANGE, ("a", UNKNOWN)), True),
        (change(Action.CHANGE, ("a.b", "known by now")), change(Action.CHANGE, ("a", UNKNOWN)), True),
        (change(Action.ADD, ("name", "y")), ADD, False),
        (change(Action.CHANGE, ("tags.a", "1")), change(Action.IMPORT), False),
    ],
)
def test_what_may_have_become_of_a_change(new: Change, approved: Change, expected: bool) -> None:
    assert covered(new, approved) is expected


def test_losing_data_has_to_have_been_shown() -> None:
    assert not covered(change(Action.DESTROY), replace(change(Action.REPLACE), unfinished=True))
