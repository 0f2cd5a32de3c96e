"""How long steps took before, and what that says of an apply."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from opsctl.core.apply_events import Applied, Running, Took
from opsctl.core.durations import Rest, Row, expected, rest, rows, with_more
from opsctl.core.plan import Action, Change, PlanSummary

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
KNOWN = {"aws_db_instance create": (80.0, 82.0, 300.0), "aws_vpc create": (11.0,), "aws_vpc delete": (3.0,)}


def change(kind: str, action: Action = Action.ADD, name: str = "x") -> Change:
    return Change(f"m.{kind}.{name}", "m", kind, action)


def running(kind: str, seconds: float, action: str = "create") -> Applied:
    address = f"m.{kind}.x"
    return Applied(running={address: Running(address, action, NOW - timedelta(seconds=seconds), kind)})


def test_the_median_of_the_last_few_is_expected() -> None:
    assert expected(KNOWN, "aws_db_instance", "create") == 82.0
    assert expected(KNOWN, "aws_db_instance", "delete") is None
    many = with_more({}, [Took("a", "aws_vpc", "create", float(number)) for number in range(20)])
    assert many == {"aws_vpc create": tuple(float(number) for number in range(11, 20))}
    assert with_more(KNOWN, [Took("a", "aws_vpc", "create", 12.04)])["aws_vpc create"] == (11.0, 12.0)


def test_what_is_at_work_the_longest_first() -> None:
    applied = Applied(running={**running("aws_db_instance", 30).running, **running("aws_new", 90).running})
    assert rows(applied, KNOWN, NOW) == [
        Row("m.aws_new.x", "create", 90.0, None), Row("m.aws_db_instance.x", "create", 30.0, 82.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "applied", "expected_rest"),
    [
        ([change("aws_db_instance"), change("aws_vpc")], Applied(), Rest(82.0, 0)),
        ([change("aws_db_instance")], running("aws_db_instance", 30), Rest(52.0, 0)),
        ([change("aws_db_instance")], running("aws_db_instance", 200), Rest(0.0, 0)),
        ([change("aws_vpc"), change("aws_new")], Applied(), Rest(11.0, 1)),
        ([change("aws_vpc", name=str(number)) for number in range(40)], Applied(), Rest(44.0, 0)),
        ([change("aws_vpc")], Applied(took=(Took("m.aws_vpc.x", "aws_vpc", "create", 11.0),)), Rest(0.0, 0)),
        (
            [change("aws_vpc", Action.REPLACE)], Applied(took=(Took("m.aws_vpc.x", "aws_vpc", "delete", 3.0),)),
            Rest(11.0, 0),
        ),
        ([change("aws_new", Action.IMPORT)], Applied(), Rest(0.0, 0)),
    ],
)  # fmt: skip
def test_how_long_it_takes_at_least(changes: list[Change], applied: Applied, expected_rest: Rest) -> None:
    assert rest(PlanSummary(tuple(changes)), applied, KNOWN, NOW) == expected_rest
