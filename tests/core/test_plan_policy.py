"""What a plan would make worse, from values as `show -json` has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsctl.core.plan_policy import PolicyFinding, Severity, findings


def planned(kind: str, after: Any, before: Any = None, unknown: Any = None) -> tuple[PolicyFinding, ...]:
    actions = ["create"] if before is None else ["update"] if after is not None else ["delete"]
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}
    found = {"address": f"m.{kind}.x", "mode": "managed", "type": kind, "change": change}
    return findings({"resource_changes": [found]})


def policy(**statement: Any) -> str:
    return json.dumps({"Statement": {"Effect": "Allow", **statement}})


SSH = {"from_port": 22, "to_port": 22}
BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)


@pytest.mark.parametrize(
    ("kind", "after", "rule", "severity"),
    [
        ("aws_vpc_security_group_ingress_rule", {**SSH, "cidr_ipv4": "0.0.0.0/0"}, "open-to-all", Severity.HIGH),
        ("aws_vpc_security_group_ingress_rule", {**SSH, "cidr_ipv6": "::/0"}, "open-to-all", Severity.HIGH),
        ("aws_security_group", {"ingress": [{**SSH, "cidr_blocks": ["0.0.0.0/0"]}]}, "open-to-all", Severity.HIGH),
        (
            "aws_vpc_security_group_ingress_rule", {"from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"},
            "open-to-all", Severity.MEDIUM,
        ),
        ("aws_db_instance", {"storage_encrypted": False}, "no-encryption", Severity.HIGH),
        ("aws_elasticache_replication_group", {"transit_encryption_enabled": False}, "no-encryption", Severity.HIGH),
        ("aws_db_instance", {"publicly_accessible": True}, "public", Severity.HIGH),
        ("aws_s3_bucket_public_access_block", {**BLOCKED, "block_public_acls": False}, "public", Severity.HIGH),
        (
            "aws_eks_cluster",
            {"vpc_config": [{"endpoint_public_access": True, "public_access_cidrs": ["0.0.0.0/0"]}]},
            "public", Severity.HIGH,
        ),
        ("aws_lb", {"enable_deletion_protection": False}, "no-deletion-protection", Severity.MEDIUM),
        ("aws_db_instance", {"backup_retention_period": 0}, "no-backups", Severity.HIGH),
        ("aws_db_instance", {"skip_final_snapshot": True}, "no-final-snapshot", Severity.MEDIUM),
        ("aws_iam_policy", {"policy": policy(Action="*", Resource="*")}, "all-rights", Severity.HIGH),
        ("aws_iam_policy", {"policy": policy(Action=["s3:Get*", "*:*"], Resource=["*"])}, "all-rights", Severity.HIGH),
        ("aws_iam_role", {"assume_role_policy": policy(Principal={"AWS": "*"})}, "trusts-all", Severity.HIGH),
        ("aws_vpc", {"tags_all": {"application": "a"}}, "untagged", Severity.LOW),
    ],
)  # fmt: skip
def test_what_is_added_is_judged(kind: str, after: dict[str, Any], rule: str, severity: Severity) -> None:
    assert [(found.rule, found.severity) for found in planned(kind, after)] == [(rule, severity)]


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_vpc_security_group_ingress_rule", {**SSH, "cidr_ipv4": "10.0.0.0/8"}),
        ("aws_vpc_security_group_egress_rule", {**SSH, "cidr_ipv4": "0.0.0.0/0"}),
        ("aws_s3_bucket_public_access_block", BLOCKED),
        ("aws_iam_policy", {"policy": policy(Action="s3:*", Resource="*")}),
        ("aws_kms_key", {"policy": policy(Action="kms:*", Resource="*", Principal={"AWS": "arn:aws:iam::1:root"})}),
        ("aws_iam_role", {"assume_role_policy": policy(Principal={"AWS": "*"}, Condition={"StringEquals": {}})}),
        ("aws_iam_policy", {"policy": "no JSON"}),
        ("aws_vpc", {"tags_all": {"application": "a", "environment": "e", "managed-by": "opsctl", "more": "m"}}),
    ],
)
def test_what_is_in_order_is_not_told(kind: str, after: dict[str, Any]) -> None:
    assert planned(kind, after) == ()


def test_a_change_tells_what_it_brings_not_what_was_so_before() -> None:
    public = {"publicly_accessible": True, "backup_retention_period": 7}
    assert planned("aws_db_instance", {**public, "name": "b"}, {**public, "name": "a"}) == ()
    worse = planned("aws_db_instance", {**public, "backup_retention_period": 0}, public)
    assert [found.rule for found in worse] == ["no-backups"]


def test_a_guard_that_is_turned_off_is_worse_than_one_that_never_was() -> None:
    found = planned("aws_db_instance", {"deletion_protection": False}, {"deletion_protection": True})
    assert [(each.rule, each.severity) for each in found] == [("switched-off", Severity.HIGH)]
    assert planned("aws_kms_key", {"enable_key_rotation": False}, {"enable_key_rotation": True})


def test_a_key_that_goes() -> None:
    assert [found.rule for found in planned("aws_kms_key", None, {"description": "d"})] == ["key-deletion"]


def test_what_cannot_be_judged_yet_is_said() -> None:
    found = planned("aws_iam_role_policy", {}, unknown={"policy": True})
    assert [(each.rule, each.severity) for each in found] == [("not-judged", Severity.LOW)]


def test_the_worst_comes_first() -> None:
    after = {"storage_encrypted": False, "skip_final_snapshot": True, "tags_all": {}}
    assert [found.severity for found in planned("aws_db_instance", after)] == ["high", "medium", "low"]
