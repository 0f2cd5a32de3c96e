"""What users notice of a change, by type, action and attribute."""

from __future__ import annotations

import pytest

from opsctl.core.downtime import Level, downtime
from opsctl.core.plan import Action, Change, Difference


def change(kind: str, action: Action, *paths: str) -> Change:
    return Change(f"m.{kind}.x", "m", kind, action, differences=tuple(Difference(path, "1", "2") for path in paths))


@pytest.mark.parametrize(
    ("kind", "paths", "level"),
    [
        ("aws_db_instance", ["instance_class"], Level.FAILOVER),
        ("aws_db_instance", ["engine_version", "instance_class"], Level.OUTAGE),
        ("aws_db_instance", ["backup_retention_period"], Level.NONE),
        ("aws_db_parameter_group", ["parameter[0].value"], Level.FAILOVER),
        ("aws_eks_cluster", ["version"], Level.CONTROL_PLANE),
        ("aws_eks_node_group", ["version"], Level.ROLLING),
        ("aws_eks_node_group", ["labels.pool"], Level.NONE),
        ("aws_elasticache_replication_group", ["node_type"], Level.FAILOVER),
        ("aws_lb_listener", ["default_action[0].type"], Level.OUTAGE),
        ("aws_cloudwatch_log_group", ["retention_in_days"], Level.NONE),
        ("aws_iam_role_policy", ["policy"], Level.UNKNOWN),
        ("aws_iam_role_policy", ["tags.a", "tags_all.a"], Level.NONE),
        ("aws_something_new", ["size"], Level.UNKNOWN),
    ],
)
def test_a_change_in_place(kind: str, paths: list[str], level: Level) -> None:
    found = downtime(change(kind, Action.CHANGE, *paths))
    assert found.level is level
    assert bool(found.why) is (level is not Level.NONE)


@pytest.mark.parametrize("kind", ["aws_lb", "aws_lb_target_group", "aws_nat_gateway", "aws_lb_listener"])
@pytest.mark.parametrize("action", [Action.REPLACE, Action.DESTROY])
def test_what_carries_users_cuts_them_off(kind: str, action: Action) -> None:
    assert downtime(change(kind, action)).level is Level.OUTAGE


@pytest.mark.parametrize("action", [Action.ADD, Action.IMPORT, Action.MOVE, Action.FORGET])
def test_what_is_new_or_only_renamed_interrupts_nobody(action: Action) -> None:
    assert downtime(change("aws_lb", action)).level is Level.NONE


def test_nobody_uses_what_was_never_finished() -> None:
    halfway = Change("m.aws_lb.x", "m", "aws_lb", Action.REPLACE, "replace_because_tainted", unfinished=True)
    assert downtime(halfway).level is Level.NONE


def test_what_the_table_does_not_know_is_never_harmless() -> None:
    assert downtime(change("aws_something_new", Action.DESTROY)).level is Level.UNKNOWN
