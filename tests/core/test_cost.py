"""Estimates: from an environment, from a plan, and what they say about themselves."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from opsctl.core.cost.assumed import Assumed, assume
from opsctl.core.cost.change import cost_of_plan
from opsctl.core.cost.difference import CostChange, refuse_over_budget
from opsctl.core.cost.estimate import Estimate, book_of, estimate
from opsctl.core.cost.picture import picture
from opsctl.core.cost.prices import BOOKS, HOURS
from opsctl.core.cost.resources import PRICED, UNPRICED, Resource
from opsctl.core.cost.traffic import TRAFFIC
from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment
from opsctl.core.keys import with_value
from opsctl.errors import OpsError, Refused

BOOK = BOOKS["us-east-1"]
PLAIN = derive(Environment(name="test", aws=Aws(account_id="123456789012")))[0]


def of(*resources: Resource, **assumed: Any) -> Estimate:
    return estimate(resources, Assumed(**assumed), BOOK)


def amounts(found: Estimate) -> dict[str, float]:
    return {line.what: round(line.usd, 2) for line in found.lines}


def group(least: int = 3, most: int = 12, kind: str = "m7g.xlarge") -> Resource:
    scaling = {"min_size": least, "max_size": most, "desired_size": least}
    return Resource("cluster", "aws_eks_node_group", {"instance_types": [kind], "scaling_config": [scaling]})


def test_each_resource_is_charged_by_what_decides_its_price() -> None:
    database = {"instance_class": "db.m7g.xlarge", "allocated_storage": 200, "multi_az": True}
    cache = {"engine": "valkey", "node_type": "cache.m7g.large", "num_cache_clusters": 3}
    found = of(
        Resource("network", "aws_nat_gateway", number=3),
        Resource("database", "aws_db_instance", database),
        Resource("cache", "aws_elasticache_replication_group", cache),
        Resource("network", "aws_vpc_endpoint", {"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}),
        Resource("network", "aws_vpc_endpoint", {"vpc_endpoint_type": "Gateway"}),
        Resource("edge", "aws_wafv2_web_acl", {"rule": [{}, {}, {}]}),
    )
    assert amounts(found) == {
        "NAT gateways": 98.55,  # 3 × 730 h × 0.045
        "NAT data": 4.5,
        "PostgreSQL db.m7g.xlarge, two zones": 490.56,
        "200 GB database storage": 46.0,
        "3 cache nodes cache.m7g.large": 275.94,
        "interface endpoints": 14.6,
        "WAF": 5.0,
        "WAF rules": 3.0,
        "WAF requests": 30.0,
    }
    assert found.missing == ()


def test_a_database_in_one_zone_costs_half() -> None:
    told = {"instance_class": "db.t4g.small", "allocated_storage": 20}
    one, two = (of(Resource("database", "aws_db_instance", {**told, "multi_az": both})) for both in (False, True))
    assert two.usd == pytest.approx(2 * one.usd)


def test_nodes_are_as_many_as_both_colors_fill_within_the_bounds_of_the_group() -> None:
    nodes = [of(group(), nodes=number, peak=number).lines[0].what for number in (1, 5, 40, None)]
    assert nodes == ["3 nodes m7g.xlarge", "5 nodes m7g.xlarge", "12 nodes m7g.xlarge", "3 nodes m7g.xlarge"]


def test_a_smaller_standby_saves_nodes_but_while_releases_run() -> None:
    full, none = assume(PLAIN), assume(with_value(PLAIN, "release.standby", 0))
    assert full.nodes == full.peak == none.peak
    assert none.nodes is not None
    assert full.nodes is not None
    assert none.nodes < full.nodes
    lines = amounts(estimate([group(least=1)], none, BOOK))
    extra = full.nodes - none.nodes
    assert lines[f"{extra} more while releases run"] == round(extra * 30 * 0.1632, 2)


def test_an_unknown_instance_type_is_missing_and_not_guessed() -> None:
    found = of(group(kind="x2gd.xlarge"))
    assert found.lines == ()
    assert "ec2.x2gd.xlarge is not in the table" in found.missing[0]


def test_what_nobody_knows_and_what_is_charged_by_use_is_named() -> None:
    found = of(Resource("", "aws_quantum_thing", number=1), Resource("backup", "aws_backup_plan"))
    assert found.missing == ("1 aws_quantum_thing, which opsctl does not know", "storage of recovery points")
    assert of(Resource("", "aws_iam_role"), Resource("", "aws_accessanalyzer_analyzer")).missing == ()


def test_resources_in_a_region_without_prices_are_named() -> None:
    found = of(Resource("backup", "aws_kms_key", region="us-west-2"), Resource("backup", "aws_kms_key"))
    assert found.usd == 1.0
    assert found.missing == ("1 resources in us-west-2, for which there are no prices",)


def test_copies_in_the_dr_region_are_named_as_many_as_there_are() -> None:
    named = [item for item in picture(PLAIN).estimate.missing if "DR region" in item or "us-west-2" in item]
    secrets = len(PLAIN.secrets.names)
    assert named == ["images in the DR region", f"{4 + secrets} resources in us-west-2, for which there are no prices"]
    with_copies = {"replica": [{"region": "us-west-2"}]}
    plan = {"resource_changes": [change("module.secrets.aws_secretsmanager_secret.this", None, with_copies)]}
    found = cost_of_plan(plan, PLAIN)
    assert found is not None
    assert (found.after, found.partial) == (0.40, True)


def test_insights_that_are_paid_for_are_named() -> None:
    paid = picture(with_value(PLAIN, "database.insights", "advanced")).estimate.missing
    assert [item for item in paid if item not in picture(PLAIN).estimate.missing] == [
        "Database Insights, by processor (rds.insights is not in the table)"
    ]


def test_a_region_without_a_book_is_refused() -> None:
    with pytest.raises(OpsError, match=r"no prices for eu-central-1, and does not guess; it has us-east-1"):
        book_of("eu-central-1")
    with pytest.raises(OpsError, match="no prices"):
        picture(with_value(PLAIN, "aws.region", "eu-central-1"))


def test_the_error_is_that_of_the_lines_and_never_small() -> None:
    checked, recalled, guessed = (
        of(Resource("", "aws_eks_cluster")),
        of(group(kind="m8g.large")),
        of(Resource("", "aws_cloudwatch_log_group")),
    )
    assert [found.lines[0].error for found in (checked, recalled, guessed)] == [0.05, 0.15, 0.5]
    assert checked.error == 0.15
    assert guessed.error == 0.5


def test_answers_to_users_leave_by_cloudfront_where_there_is_one() -> None:
    balancer, distribution = Resource("edge", "aws_lb"), Resource("edge", "aws_cloudfront_distribution")
    assert amounts(of(balancer, answers_gb=200))["answers to users"] == 9.0
    assert "answers to users" not in amounts(of(balancer, distribution, answers_gb=200))


def test_every_price_that_a_resource_can_ask_for_is_in_the_table() -> None:
    asked = {price for _, price, _ in TRAFFIC.values()} | {"cloudfront.gb", "egress.gb", "ebs.gp3", "rds.gp3", "eks"}
    assert not [key for key in asked if BOOK.of(key) is None]
    assert all(price.source for price in BOOK.prices.values())
    assert not PRICED.keys() & UNPRICED.keys()


def test_sizes_are_in_proportion_within_a_family() -> None:
    price = BOOK.of("ec2.m7g.2xlarge")
    assert price is not None
    assert price.usd == pytest.approx(0.3264)
    assert BOOK.of("ec2.m7g.metal") is None


# --- the environment's own picture ------------------------------------------------------------------------


def test_the_default_environment_says_total_bounds_and_savings() -> None:
    found = picture(PLAIN)
    assert 1200 < found.estimate.usd < 2500
    assert found.fewest < found.estimate.usd < found.most
    compute, database = found.savings
    assert compute.usd == pytest.approx(3 * HOURS * 0.1632 * 0.75 * 0.27)
    assert database.usd == pytest.approx((2 * 0.336 + 3 * 0.126) * HOURS * 0.20)


def test_savings_are_told_for_the_share_that_is_meant() -> None:
    half, *_ = picture(with_value(PLAIN, "cost.savings_percent", 50)).savings
    assert half.usd == pytest.approx(3 * HOURS * 0.1632 * 0.50 * 0.27)
    [database] = picture(with_value(PLAIN, "cost.savings_percent", 0)).savings
    assert database.plan == "database savings plan"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("network.nat", "single"),
        ("cluster.nodes.instance_types", ["m7g.large"]),
        ("cluster.nodes.max", 4),
        ("cluster.existing_name", "shared"),
        ("network.existing.vpc_id", "vpc-0a1b2c3d"),
        ("registry.existing_url", "210987654321.dkr.ecr.us-east-1.amazonaws.com/shared"),
        ("cache.enabled", False),
        ("observability.dashboards", []),
        ("observability.probe_seconds", 0),
        ("secrets.names", []),
        ("database.multi_az", False),
        ("database.instance_class", "db.t4g.medium"),
    ],
)
def test_what_is_smaller_costs_less(path: str, value: Any) -> None:
    assert picture(with_value(PLAIN, path, value)).estimate.usd < picture(PLAIN).estimate.usd


@pytest.mark.parametrize(
    ("without", "dollars"),
    [("config", 15.0), ("guardduty", 8.0), ("cloudtrail", 0.1), ("inspector", 0.0), ("security_hub", 0.0)],
)
def test_what_watches_the_account_is_charged_to_the_environment_that_makes_it(without: str, dollars: float) -> None:
    fewer = [service for service in PLAIN.security.services if service != without]
    saved = picture(PLAIN).estimate.usd - picture(with_value(PLAIN, "security.services", fewer)).estimate.usd
    assert saved == pytest.approx(dollars)


def test_no_baseline_costs_nothing() -> None:
    without = picture(with_value(PLAIN, "security.account_baseline", False)).estimate
    assert picture(PLAIN).estimate.usd - without.usd == pytest.approx(15 + 8 + 1 + 0.1)
    assert not {"security checks", "image scans"} & set(without.missing)
    assert {"security checks", "image scans"} <= set(picture(PLAIN).estimate.missing)


def test_asking_from_outside_more_often_costs_more() -> None:
    often = with_value(PLAIN, "observability.probe_seconds", 10)
    assert picture(often).estimate.usd - picture(PLAIN).estimate.usd == pytest.approx(1)


def test_a_dashboard_in_grafana_costs_each_person_that_looks() -> None:
    managed = with_value(PLAIN, "observability.grafana", "managed")
    assert picture(managed).estimate.usd - picture(PLAIN).estimate.usd == pytest.approx(2 * 9)


def test_what_is_kept_by_use_is_named_without_an_amount() -> None:
    assert "collected samples" in picture(PLAIN).estimate.missing
    without = with_value(PLAIN, "observability.prometheus", "none")
    assert "stored samples" not in picture(without).estimate.missing


# --- a plan -----------------------------------------------------------------------------------------------


def change(address: str, before: Any, after: Any) -> dict[str, Any]:
    _, module, kind, name = address.split(".")
    found = {"address": address, "module_address": f"module.{module}", "mode": "managed", "type": kind, "name": name}
    return {**found, "change": {"before": before, "after": after}}


def test_a_plan_costs_the_difference_of_what_is_there_before_and_after() -> None:
    database = {"instance_class": "db.t4g.small", "allocated_storage": 20, "multi_az": False}
    plan = {
        "resource_changes": [
            change("module.database.aws_db_instance.this", database, {**database, "multi_az": True}),
            change("module.network.aws_eip.this", None, {}),
            change("module.registry.aws_kms_key.this", {}, None),
        ]
    }
    found = cost_of_plan(plan, PLAIN)
    assert found is not None
    assert found.difference == pytest.approx(0.032 * HOURS + 0.115 * 20 + 0.005 * HOURS - 1)
    assert not found.partial


def test_a_plan_in_a_region_without_prices_has_no_cost() -> None:
    assert cost_of_plan({}, with_value(PLAIN, "aws.region", "eu-central-1")) is None


def test_resources_of_the_dr_region_are_found_by_their_provider() -> None:
    call = {"module": {"resources": [{"type": "aws_kms_key", "name": "copy", "provider_config_key": "backup:aws.dr"}]}}
    plan = {
        "resource_changes": [change("module.backup.aws_kms_key.copy", None, {})],
        "configuration": {"root_module": {"module_calls": {"backup": call}}},
    }
    found = cost_of_plan(plan, PLAIN)
    assert found is not None
    assert (found.after, found.partial) == (0, True)


@pytest.mark.parametrize(
    ("before", "after", "budget", "refused"),
    [
        (1000, 1500, 1400, True),
        (0, 1500, 1400, True),
        (1000, 1400, 1400, False),
        (1600, 1500, 1400, False),  # too dear already, and on its way down
        (1500, 1500, 1400, False),
        (1000, 1500, None, False),
    ],
)
def test_a_plan_may_not_make_dearer_what_is_over_the_budget(
    before: float, after: float, budget: float | None, refused: bool
) -> None:
    with pytest.raises(Refused, match=r"\$100 over the budget of \$1,400") if refused else nullcontext():
        refuse_over_budget(CostChange(before, after, 0.2), budget)


def test_traffic_of_ones_own_changes_the_estimate() -> None:
    for key, price in (("logs_gb", 0.50), ("nat_gb", 0.045)):
        more = with_value(PLAIN, f"cost.assumed.{key}", 1100.0)
        assert picture(more).estimate.usd - picture(PLAIN).estimate.usd == pytest.approx(1000 * price)


def test_the_share_of_the_budget() -> None:
    found = picture(with_value(PLAIN, "cost.monthly_budget_usd", 2000.0))
    assert found.share == pytest.approx(found.estimate.usd / 2000)
    assert picture(PLAIN).share is None
