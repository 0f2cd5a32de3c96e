"""A plan as an operator reads it."""

from __future__ import annotations

from opsctl.console.plan_text import plan_data, plan_lines
from opsctl.core.plan import Action, Change, Difference, PlanSummary

DATABASE = Change(
    "module.database.aws_db_instance.main",
    "module.database",
    "aws_db_instance",
    Action.REPLACE,
    "replace_because_cannot_update",
    (Difference("arn", "x", "(known after apply)"), Difference("storage_encrypted", "false", "true")),
    (Difference("storage_encrypted", "false", "true"),),
    protected=True,
)
NODES = Change(
    "module.cluster.aws_eks_node_group.main",
    "module.cluster",
    "aws_eks_node_group",
    Action.CHANGE,
    differences=tuple(Difference(f"a{number}", "1", "2") for number in range(5)),
)
ENDPOINTS = [
    Change(f"module.network.aws_vpc_endpoint.this[{number}]", "module.network", "aws_vpc_endpoint", Action.ADD)
    for number in range(3)
]


def test_the_dangerous_change_is_told_with_its_reason() -> None:
    summary = PlanSummary((DATABASE, NODES, *ENDPOINTS), ("url",), ("a warning " * 12,))
    assert list(plan_lines("production", summary)) == [
        "production   3 add · 1 change · 1 replace · 0 destroy",
        "! REPLACE  module.database.aws_db_instance.main",
        "           LOST FOR GOOD: the database and its automated backups",
        "           because storage_encrypted: false → true cannot change in place",
        "           AWS will refuse: deletion protection is on",
        "  change   module.cluster.aws_eks_node_group.main",
        "           a0: 1 → 2",
        "           a1: 1 → 2",
        "           a2: 1 → 2",
        "           and 2 more (opsctl plan --full)",
        "  add      module.network: 3 (aws_vpc_endpoint ×3)",
        "  output   url",
        "  note     a warning a warning a warning a warning a warning a warning a warning",
        "           a warning a warning a warning a warning a warning",
    ]


def test_in_full_every_change_and_attribute_is_listed() -> None:
    lines = list(plan_lines("production", PlanSummary((DATABASE, NODES, *ENDPOINTS)), in_full=True))
    assert "           a4: 1 → 2" in lines
    assert "  add      module.network.aws_vpc_endpoint.this[2]" in lines
    assert not any("more" in line for line in lines)


def test_lines_stay_within_eighty_columns() -> None:
    policy = Difference("policy", '{"Statement": ["a long one"]} ' * 20, '{"Statement": ["another"]} ' * 20)
    types = [
        Change(
            f"module.m.aws_some_long_type_name_{number}.x", "module.m", f"aws_some_long_type_name_{number}", Action.ADD
        )
        for number in range(12)
    ]
    changed = Change("module.m.aws_iam_policy.x", "module.m", "aws_iam_policy", Action.CHANGE, differences=(policy,))
    replaced = Change("module.m.aws_kms_key.x", "module.m", "aws_kms_key", Action.REPLACE, forced_by=(policy,))
    lines = list(plan_lines("production", PlanSummary((replaced, changed, *types))))
    assert max(map(len, lines)) <= 80
    assert lines[-1].endswith("more types)")


def test_no_changes() -> None:
    assert list(plan_lines("production", PlanSummary())) == ["production   no changes"]


def test_the_same_as_data() -> None:
    data = plan_data(PlanSummary((DATABASE, *ENDPOINTS)))
    assert data["counts"] == {
        "replace": 1, "destroy": 0, "change": 0, "add": 3, "import": 0, "forget": 0, "move": 0,
    }  # fmt: skip
    assert data["dangerous"] == ["module.database.aws_db_instance.main"]
    assert data["changes"][0]["forced_by"] == [{"path": "storage_encrypted", "before": "false", "after": "true"}]
