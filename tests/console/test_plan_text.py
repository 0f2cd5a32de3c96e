"""A plan as an operator reads it."""

from __future__ import annotations

from opsctl.console.cost_words import budget_lines
from opsctl.console.plan_text import plan_data, plan_lines
from opsctl.core.cost.difference import CostChange
from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_policy import PolicyFinding, Severity

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
PUBLIC = PolicyFinding("public", Severity.HIGH, DATABASE.address, "publicly_accessible: reachable from the internet")
ENDPOINTS = [
    Change(f"module.network.aws_vpc_endpoint.this[{number}]", "module.network", "aws_vpc_endpoint", Action.ADD)
    for number in range(3)
]


def test_the_dangerous_change_is_told_with_its_reason() -> None:
    summary = PlanSummary((DATABASE, NODES, *ENDPOINTS), ("url",), ("a warning " * 12,), (PUBLIC,))
    assert list(plan_lines("production", summary)) == [
        "production   3 add · 1 change · 1 replace · 0 destroy",
        "! REPLACE  module.database.aws_db_instance.main",
        "           LOST FOR GOOD: the database and its automated backups",
        "           because storage_encrypted: false → true cannot change in place",
        "           AWS will refuse: deletion protection is on",
        "           outage: users are cut off until it is there again",
        "  change   module.cluster.aws_eks_node_group.main",
        "           a0: 1 → 2",
        "           a1: 1 → 2",
        "           a2: 1 → 2",
        "           and 2 more (opsctl plan --full)",
        "  module   module.cluster: 0 add · 1 change · 0 replace · 0 destroy",
        "  module   module.database: 0 add · 0 change · 1 replace · 0 destroy",
        "  add      module.network: 3 (aws_vpc_endpoint ×3)",
        "  high     module.database.aws_db_instance.main: publicly_accessible: reachable",
        "           from the internet (public)",
        "  cost     unknown, and compared with no budget: no prices for this region",
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
    assert lines[-2].endswith("more types)")


def test_no_changes() -> None:
    assert list(plan_lines("production", PlanSummary())) == ["production   no changes"]


def test_the_same_as_data() -> None:
    data = plan_data(PlanSummary((DATABASE, *ENDPOINTS)))
    assert data["counts"] == {
        "replace": 1, "destroy": 0, "change": 0, "add": 3, "import": 0, "forget": 0, "move": 0,
    }  # fmt: skip
    assert data["dangerous"] == ["module.database.aws_db_instance.main"]
    assert data["changes"][0]["forced_by"] == [{"path": "storage_encrypted", "before": "false", "after": "true"}]


def test_users_who_are_cut_off_come_before_what_only_goes() -> None:
    role = Change("module.a.aws_iam_role.old", "module.a", "aws_iam_role", Action.DESTROY)
    listener = Change(
        "module.z.aws_lb_listener.https", "module.z", "aws_lb_listener", Action.CHANGE,
        differences=(Difference("port", "443", "444"),),
    )  # fmt: skip
    lines = list(plan_lines("production", PlanSummary((role, listener))))
    assert lines[1:3] == [
        "  change   module.z.aws_lb_listener.https",
        "           outage: users are cut off until it is there again",
    ]
    assert "           downtime unknown: opsctl does not know what this change interrupts" in lines


def test_scripts_get_downtime_findings_and_modules() -> None:
    data = plan_data(PlanSummary((DATABASE, NODES, *ENDPOINTS), findings=(PUBLIC,)))
    assert data["changes"][0]["downtime"]["level"] == "outage"
    assert data["findings"] == [
        {"rule": "public", "severity": "high", "address": DATABASE.address, "message": PUBLIC.message}
    ]
    assert data["modules"] == {
        "module.cluster": {"change": 1}, "module.database": {"replace": 1}, "module.network": {"add": 3},
    }  # fmt: skip


def test_what_a_plan_costs() -> None:
    dearer, cheaper = CostChange(2013, 2156, 0.2), CostChange(2156.4, 2013, 0.155, partial=True)
    lines = [list(plan_lines("production", PlanSummary((NODES,), cost=cost)))[-1] for cost in (dearer, cheaper)]
    assert lines == [
        "  cost     +$143 a month (2,013 → 2,156, estimate ±20 %)",
        "  cost     -$143 a month (at least 2,156 → 2,013, estimate ±16 %)",
    ]
    assert plan_data(PlanSummary((NODES,), cost=dearer))["cost"]["difference"] == 143


def test_a_plan_over_the_budget_says_so_beforehand() -> None:
    dearer = CostChange(2013, 2156, 0.2)
    assert budget_lines(dearer, 2000) == ["  budget   $156 a month over it: provision wants --over-budget"]
    assert [budget_lines(dearer, budget) for budget in (None, 2156)] == [[], []]


def test_what_is_the_same_of_many_is_said_once_with_every_address() -> None:
    said = "policy is known only after the apply"
    names = ("a-long-name-with-hyphens", "b")
    many = tuple(PolicyFinding("not-judged", Severity.LOW, f"m.aws_sns_topic_policy.{name}", said) for name in names)
    assert list(plan_lines("production", PlanSummary((DATABASE,), findings=many)))[-4:-1] == [
        "  low      2 times: policy is known only after the apply (not-judged)",
        "           m.aws_sns_topic_policy.a-long-name-with-hyphens",
        "           m.aws_sns_topic_policy.b",
    ]
