"""Drift: what means the same, what matters, what is let be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsctl.core.drift.finding import Found, findings
from opsctl.core.drift.ignoring import sort_out
from opsctl.core.drift.matter import Matter, matter_of
from opsctl.core.drift.sameness import same
from opsctl.core.environment import Ignored
from opsctl.core.plan import Difference
from opsctl.core.plan_reading import MASKED

POLICY = {"Version": "2012-10-17", "Statement": [{"Action": ["s3:Get*", "s3:List*"], "Effect": "Allow"}]}
OTHER_ORDER = {"Statement": [{"Effect": "Allow", "Action": ["s3:List*", "s3:Get*"]}], "Version": "2012-10-17"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (json.dumps(POLICY), json.dumps(OTHER_ORDER, indent=2)),
        (["a", "b"], ["b", "a"]),
        ([{"port": 1}, {"port": 2}], [{"port": 2}, {"port": 1}]),
        (None, ""),
        (None, []),
        (None, {"a": None, "b": []}),
        (1, "1"),
        (1.0, 1),
        (True, "true"),
    ],
)
def test_the_same_in_other_words(one: Any, other: Any) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, 0),
        (None, False),
        (["a"], ["a", "a"]),
        ("a", "A"),
        (1, 1.5),
        (json.dumps(POLICY), json.dumps({**POLICY, "Version": "2008-10-17"})),
        ({"ordered_cache_behavior": ["/a", "/b"]}, {"ordered_cache_behavior": ["/b", "/a"]}),
    ],
)
def test_what_is_really_different(one: Any, other: Any) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    ("kind", "attribute", "matter"),
    [
        ("aws_iam_role", "tags.owner", Matter.COSMETIC),
        ("aws_db_instance", "tags_all.owner", Matter.COSMETIC),
        ("aws_kms_key", "description", Matter.COSMETIC),
        ("aws_iam_role", "assume_role_policy", Matter.SECURITY),
        ("aws_vpc_security_group_ingress_rule", "cidr_ipv4", Matter.SECURITY),
        ("aws_vpc_security_group_ingress_rule", "deleted", Matter.SECURITY),
        ("aws_db_instance", "publicly_accessible", Matter.SECURITY),
        ("aws_db_instance", "deletion_protection", Matter.SECURITY),
        ("aws_eks_cluster", "vpc_config.endpoint_public_access", Matter.SECURITY),
        ("aws_eks_cluster", "enabled_cluster_log_types", Matter.SECURITY),
        ("aws_ecr_repository", "image_tag_mutability", Matter.SECURITY),
        ("aws_launch_template", "metadata_options.http_tokens", Matter.SECURITY),
        ("aws_db_instance", "allocated_storage", Matter.RELEVANT),
        ("aws_eks_node_group", "scaling_config.min_size", Matter.RELEVANT),
        ("aws_nat_gateway", "deleted", Matter.RELEVANT),
    ],
)
def test_how_much_it_matters(kind: str, attribute: str, matter: Matter) -> None:
    assert matter_of(kind, attribute) is matter


def drifted(address: str, wanted: Any, found: Any, *, sensitive: Any = None, **more: Any) -> dict[str, Any]:
    """What `show -json` tells of one resource that somebody changed from `wanted` to `found`; None is gone."""

    def change(before: Any, after: Any) -> dict[str, Any]:
        actions = ["delete"] if after is None else ["create"] if before is None else ["update"]
        sides = {"before": before, "after": after, "before_sensitive": sensitive, "after_sensitive": sensitive}
        kind = address.split(".")[-2]
        return {"address": address, "mode": "managed", "type": kind, "change": {"actions": actions, **sides}, **more}

    return {"resource_drift": [change(wanted, found)], "resource_changes": [change(found, wanted)]}


def found_in(plan: dict[str, Any]) -> tuple[Found, ...]:
    return findings(plan, "live")[0]


def test_only_what_really_differs_is_found() -> None:
    wanted = {"policy": json.dumps(POLICY), "names": ["a", "b"], "note": None, "size": 1}
    found = {"policy": json.dumps(OTHER_ORDER), "names": ["b", "a"], "note": "", "size": 2}
    assert [each.attribute for each in found_in(drifted("aws_x.a", wanted, found))] == ["size"]


def test_one_finding_an_attribute_wherever_it_stands_in_a_list() -> None:
    wanted = {"rule": [{"days": 1}, {"days": 2}]}
    found = {"rule": [{"days": 3}, {"days": 4}]}
    [only] = found_in(drifted("aws_x.a", wanted, found))
    assert (only.attribute, len(only.differences)) == ("rule.days", 2)


def test_a_tag_is_told_once() -> None:
    wanted, found = ({name: {"owner": who} for name in ("tags", "tags_all")} for who in ("a", "b"))
    assert [each.attribute for each in found_in(drifted("aws_x.a", wanted, found))] == ["tags.owner"]


def test_a_default_tag_is_told_with_the_value_that_it_had() -> None:
    wanted = {"tags": {}, "tags_all": {"application": "agent"}}
    found = {"tags": {"application": "somebody"}, "tags_all": {"application": "somebody"}}
    [each] = found_in(drifted("aws_x.a", wanted, found))
    assert each.attribute == "tags.application"
    assert each.differences == (Difference("tags.application", "agent", "somebody"),)


def test_data_sources_and_what_no_apply_would_touch_are_no_drift() -> None:
    read = drifted("data.aws_ami.x", {"id": 1}, {"id": 2})
    for entry in (*read["resource_drift"], *read["resource_changes"]):
        entry["mode"] = "data"
    assert found_in(read) == ()
    weights = drifted("aws_lb_listener.this", {"weight": 100}, {"weight": 0})
    weights["resource_changes"][0]["change"]["actions"] = ["no-op"]  # opsctl's own, by ignore_changes
    assert found_in(weights) == ()


def test_a_resource_that_is_gone_is_one_finding() -> None:
    [only] = found_in(drifted("module.m.aws_flow_log.this", {"name": "x", "days": 1}, None))
    assert (only.attribute, only.matter) == ("deleted", Matter.SECURITY)


def test_sensitive_values_are_found_and_never_told() -> None:
    [only] = found_in(drifted("aws_x.a", {"password": "old"}, {"password": "new"}, sensitive={"password": True}))
    assert (only.differences[0].before, only.differences[0].after) == (MASKED, MASKED)


def test_security_comes_first() -> None:
    wanted, found = {"tags": {"a": "1"}, "size": 1, "policy": "x"}, {"tags": {"a": "2"}, "size": 2, "policy": "y"}
    matters = [each.matter for each in found_in(drifted("aws_x.a", wanted, found))]
    assert matters == [Matter.SECURITY, Matter.RELEVANT, Matter.COSMETIC]


def test_a_number_stays_the_same_while_values_change_and_differs_by_environment() -> None:
    first, later = (drifted("aws_x.a", {"size": 1}, {"size": size}) for size in (2, 3))
    numbers = [findings(plan, name)[0][0].id for plan, name in ((first, "live"), (later, "live"), (first, "test"))]
    assert numbers[0] == numbers[1] != numbers[2]


def test_rules_fit_by_module_and_by_part_of_an_attribute() -> None:
    found = found_in(drifted("module.m.aws_x.a", {"s": {"min": 1}, "size": 1}, {"s": {"min": 2}, "size": 2}))
    known = ["module.m.aws_x.a"]
    rules = {
        "module": Ignored("module.m", "s", "known for a while", "2026-12-31"),
        "old": Ignored("module.m.aws_x.a", "size", "known for a while", "2026-11-01"),
        "gone": Ignored("module.gone", "size", "known for a while", "2026-12-31"),
    }
    sorted_out = sort_out(found, rules, known, "2026-11-26")
    assert [each.attribute for each in sorted_out.let_be] == ["s.min"]
    assert [each.attribute for each in sorted_out.open] == ["size"]
    assert (sorted_out.expired, sorted_out.unknown) == (("old",), ("gone",))
