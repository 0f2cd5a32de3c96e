"""What a pre-flight says of an account: a table of facts, needs and findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsctl.core.checkup import Finding, Level
from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment
from opsctl.core.keys import with_value
from opsctl.core.plan import Action, Change, PlanSummary
from opsctl.core.preflight.facts import Certificate, Credentials, Facts, Quota, Vpc
from opsctl.core.preflight.judge import judge
from opsctl.core.preflight.needs import Needs, needs_of_all, needs_of_plan
from opsctl.core.preflight.refusal import worth_saying

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
PLAIN = derive(Environment(name="test", aws=Aws(account_id="123456789012")))[0]
OURS = "ai-agent-sdk-test"
FACTS = Facts(
    credentials=Credentials(temporary=False),
    vpcs=(Vpc("vpc-1", "default", ("172.31.0.0/16",)),),
    peers=(),
    addresses=1,
    processors=10,
    roles=frozenset({"rds.amazonaws.com"}),
    limits={Quota.VPCS: 5, Quota.ADDRESSES: 5, Quota.PROCESSORS: 64},
)
NEEDS = Needs(vpcs=1, addresses=3, processors=12, most_processors=48, roles=frozenset({"rds.amazonaws.com"}))


def found(facts: Facts, name: str, needs: Needs = NEEDS, environment: Environment = PLAIN) -> list[Finding]:
    return [each for each in judge(environment, needs, facts, NOW) if each.name == name]


def test_an_account_with_room_is_fine() -> None:
    assert {each.level for each in judge(PLAIN, NEEDS, FACTS, NOW)} == {Level.OK}


def test_where_aws_says_nothing_nothing_is_fine() -> None:
    silent = Facts(why={"roles": "not allowed: iam:ListRoles"})
    findings = judge(PLAIN, NEEDS, silent, NOW)
    assert {each.name for each in findings if each.level is Level.UNKNOWN} == {
        "credentials", "quota", "aws roles", "network",
    }  # fmt: skip
    assert found(silent, "aws roles")[0].detail == "not allowed: iam:ListRoles"
    assert not [each for each in findings if each.level in (Level.FAIL, Level.WARN)]


@pytest.mark.parametrize(
    ("credentials", "level", "words"),
    [
        (Credentials(temporary=False), Level.OK, "without an end"),
        (Credentials(temporary=True, renewed=True, expires=NOW + 60), Level.OK, "renewed by themselves"),
        (Credentials(temporary=True), Level.UNKNOWN, "nobody says until when"),
        (Credentials(temporary=True, expires=NOW + 7200), Level.OK, "120 more minutes"),
        (Credentials(temporary=True, expires=NOW + 1800), Level.WARN, "30 more minutes"),
        (Credentials(temporary=True, expires=NOW + 60), Level.FAIL, "1 more minutes"),
        (Credentials(temporary=True, expires=NOW - 60), Level.FAIL, "0 more minutes"),
    ],
)
def test_credentials_have_to_outlive_the_apply(credentials: Credentials, level: Level, words: str) -> None:
    [finding] = found(replace(FACTS, credentials=credentials), "credentials")
    assert (finding.level, words in finding.detail) == (level, True)


@pytest.mark.parametrize(
    ("quota", "facts", "level"),
    [
        (Quota.ADDRESSES, replace(FACTS, addresses=2), Level.OK),
        (Quota.ADDRESSES, replace(FACTS, addresses=3), Level.FAIL),
        (Quota.VPCS, replace(FACTS, limits={**FACTS.limits, Quota.VPCS: 1}), Level.FAIL),
        (Quota.PROCESSORS, replace(FACTS, processors=20), Level.WARN),  # the fewest nodes fit, the most do not
        (Quota.PROCESSORS, replace(FACTS, processors=60), Level.FAIL),
        (Quota.PROCESSORS, replace(FACTS, limits={}), Level.UNKNOWN),
    ],
)
def test_quotas_have_to_hold_what_the_plan_adds(quota: Quota, facts: Facts, level: Level) -> None:
    [finding] = [each for each in found(facts, "quota") if each.detail.startswith(quota)]
    assert finding.level is level
    assert ("Service Quotas" in finding.remedy) is (level in (Level.FAIL, Level.WARN))


def test_a_quota_that_is_not_touched_is_not_asked_for() -> None:
    assert {each.level for each in found(Facts(), "quota", needs=Needs())} == {Level.OK}


def test_an_unknown_instance_type_is_unknown() -> None:
    odd = with_value(PLAIN, "cluster.nodes.instance_types", ["x2gd.large"])
    [finding] = [each for each in found(FACTS, "quota", needs_of_all(odd)) if each.detail.startswith("on-demand")]
    assert finding.level is Level.UNKNOWN


def test_roles_that_aws_has_yet_to_make_are_a_warning() -> None:
    needs = replace(NEEDS, roles=frozenset({"rds.amazonaws.com", "eks.amazonaws.com"}))
    [finding] = found(FACTS, "aws roles", needs)
    assert finding.level is Level.WARN
    assert "eks.amazonaws.com" in finding.detail
    assert "rds.amazonaws.com" not in finding.detail


@pytest.mark.parametrize(
    ("version", "level"), [("1.35", Level.OK), ("1.34", Level.WARN), ("1.33", Level.FAIL), ("1.36", Level.UNKNOWN)]
)
def test_versions_near_their_end(version: str, level: Level) -> None:
    old = with_value(PLAIN, "cluster.version", version)
    [finding] = [each for each in found(FACTS, "support", environment=old) if "cluster.version" in each.detail]
    assert finding.level is level


def test_a_version_whose_extended_support_is_paid_for_is_no_failure() -> None:
    old = with_value(with_value(PLAIN, "cluster.version", "1.33"), "cluster.support", "extended")
    [finding] = [each for each in found(FACTS, "support", environment=old) if "cluster.version" in each.detail]
    assert (finding.level, "2027-07-29" in finding.detail) == (Level.WARN, True)


def test_the_version_of_somebody_elses_cluster_is_theirs() -> None:
    shared = with_value(with_value(PLAIN, "cluster.version", "1.33"), "cluster.existing_name", "shared")
    assert not [each for each in found(FACTS, "support", environment=shared) if "cluster.version" in each.detail]


@pytest.mark.parametrize(
    ("vpc", "level"),
    [
        (Vpc("vpc-2", "office", ("10.40.128.0/20",)), Level.WARN),
        (Vpc("vpc-2", OURS, ("10.40.0.0/16",)), Level.OK),  # our own
        (Vpc("vpc-2", "other", ("10.41.0.0/16",)), Level.OK),
    ],
)
def test_networks_that_overlap_can_never_be_joined(vpc: Vpc, level: Level) -> None:
    [finding] = found(replace(FACTS, vpcs=(vpc,)), "network")
    assert (finding.level, "office (10.40.128.0/20)" in finding.detail) == (level, level is Level.WARN)


def test_so_can_networks_of_peers() -> None:
    [finding] = found(replace(FACTS, peers=("10.40.0.0/24",)), "network")
    assert finding.level is Level.WARN


ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0-1"


@pytest.mark.parametrize(
    ("certificates", "level", "words"),
    [
        ({ARN: Certificate("ISSUED", NOW + 90 * 86_400)}, Level.OK, "issued"),
        ({ARN: Certificate("ISSUED", NOW + 9 * 86_400)}, Level.WARN, "ends in 9 days"),
        ({ARN: Certificate("PENDING_VALIDATION")}, Level.FAIL, "ACM says PENDING_VALIDATION"),
        ({ARN: Certificate("NOT FOUND")}, Level.FAIL, "ACM says NOT FOUND"),
        (None, Level.UNKNOWN, "AWS did not say"),
    ],
)
def test_a_certificate_that_is_named_has_to_be_there(
    certificates: dict[str, Certificate] | None, level: Level, words: str
) -> None:
    named = with_value(PLAIN, "edge.certificate_arn", ARN)
    [finding] = found(replace(FACTS, certificates=certificates), "certificate", environment=named)
    assert (finding.level, words in finding.detail) == (level, True)
    assert found(FACTS, "certificate") == [], "those that provision makes are not there yet"


# --- needs ------------------------------------------------------------------------------------------------


def test_a_plan_needs_what_it_adds() -> None:
    added = [("aws_eip", Action.ADD), ("aws_eip", Action.REPLACE), ("aws_eip", Action.CHANGE), ("aws_lb", Action.ADD)]
    changes = tuple(Change(f"m.{kind}", "m", kind, action) for kind, action in added)
    needs = needs_of_plan(PlanSummary(changes), PLAIN)
    assert needs == Needs(addresses=2, roles=frozenset({"elasticloadbalancing.amazonaws.com"}))


def test_a_node_group_needs_the_processors_of_its_nodes() -> None:
    needs = needs_of_plan(PlanSummary((Change("m.x", "m", "aws_eks_node_group", Action.ADD),)), PLAIN)
    assert (needs.processors, needs.most_processors) == (12, 48)
    assert needs.roles == {"eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com"}


def test_an_environment_that_is_not_there_yet_needs_everything() -> None:
    needs = needs_of_all(PLAIN)
    assert (needs.vpcs, needs.addresses, needs.processors) == (1, 3, 12)


def test_a_long_finding_keeps_to_eighty_columns() -> None:
    roles = ", ".join(f"service-{number}.amazonaws.com" for number in range(8))
    lines = list(worth_saying([Finding("aws roles", Level.WARN, f"not there yet for {roles}", "allow it")]))
    assert lines[0].startswith("  warn     aws roles: not there yet for service-0.amazonaws.com,")
    assert max(map(len, lines)) <= 80
    assert " ".join(line.strip() for line in lines).endswith("service-7.amazonaws.com; allow it")
