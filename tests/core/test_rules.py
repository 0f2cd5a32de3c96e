"""Each rule: a case that breaks it, the nearest case that does not, and nothing read that is not declared."""

from __future__ import annotations

from typing import Any

import pytest

from opsctl.core.environment import Cache, Environment, SecretKey
from opsctl.core.keys import keys, value_at, with_value
from opsctl.core.rules import RULES, Rule, violations
from opsctl.render.feeds import another

PLAIN = Environment(name="test")
PRODUCTION = Environment(name="live", stage="production")
ONE_CONNECTION = {"database.pool_min": 1, "database.pool_max": 1, "database.instance_class": "db.m7g.4xlarge"}
GROUP = "90676e5b-1c2d-4f3a-8b4c-5d6e7f809112"
ARN = "arn:aws:iam::123456789012:role/"
VPC = "vpc-0a1b2c3d4e5f67890"
SUBNETS = {f"us-east-1{letter}": f"subnet-0a1b2c3d4e5f6789{letter}" for letter in "abc"}
IN_A_VPC: dict[str, Any] = {
    "network.existing.vpc_id": VPC,
    "network.existing.private_subnet_ids": SUBNETS,
    "network.existing.database_subnet_ids": SUBNETS,
}
SHARED = {"cluster.existing_name": "shared", "observability.log_shipper": "none"}
REACHED = {"kubernetes.kubeconfig": "shared.yaml"}
REPOSITORY = "210987654321.dkr.ecr.us-east-1.amazonaws.com/shared/agent"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate"

# rule → (environment, keys that break it, the same keys that just hold)
CASES: dict[str, tuple[Environment, dict[str, Any], dict[str, Any]]] = {
    "grace covers the drain": (
        PLAIN,
        {"workload.grace_seconds": 289},
        {"workload.grace_seconds": 290},
    ),
    "pods hold all agents": (
        PLAIN,
        {"workload.replicas": 13},
        {"workload.replicas": 14},
    ),
    "parts are of a split": (
        PLAIN,
        {"workloads.api.command": ["serve"]},
        {"workloads.api.command": ["serve"], "workloads.split": True},
    ),
    "drain asks by its path": (
        PLAIN,
        {"release.drain.path": "/leave"},
        {"release.drain.path": "/leave", "release.drain.method": "endpoint"},
    ),
    "pods survive a zone": (
        PRODUCTION,
        {"workload.replicas": 14},
        {"workload.replicas": 15},
    ),
    "pods are within bounds": (
        PLAIN,
        {"application.agents": 66_700, **ONE_CONNECTION},
        {"application.agents": 66_600, **ONE_CONNECTION},
    ),
    "connections fit the database": (
        PLAIN,
        {"database.pool_max": 45},  # 2 x 15 x 45 + 30 = 1380 of 1360
        {"database.pool_max": 44},
    ),
    "pool is ordered": (PLAIN, {"database.pool_min": 21}, {"database.pool_min": 20}),
    "ports differ": (
        PLAIN,
        {"services.websocket.port": 8001},
        {"services.websocket.port": 8002},
    ),
    "secrets are told once": (
        PLAIN,
        {"application.environment": {"URL": "x"}, "application.secrets": {"URL": SecretKey("agent-db-v7", "url")}},
        {"application.environment": {"URL": "x"}, "application.secrets": {"DB_URL": SecretKey("agent-db-v7", "url")}},
    ),
    "variables are free": (
        PLAIN,
        {"application.environment": {"POOL_MAX": "3"}},
        {"application.environment": {"POOL_MAXIMUM": "3"}},
    ),
    "gate can pass": (
        PLAIN,
        {"release.gate_seconds": 120.0},
        {"release.gate_seconds": 119.0},
    ),
    "enough rounds are looked at": (
        PLAIN,
        {"release.consecutive": 6},
        {"release.consecutive": 5},
    ),
    "rates have readings": (
        PLAIN,
        {"release.probe_interval": 4.0},
        {"release.probe_interval": 3.0},
    ),
    "queries have a server": (
        PLAIN,
        {"release.queries": ["prometheus: up > 0"]},
        {"release.queries": ["prometheus: up > 0"], "release.prometheus_url": "http://prometheus:9090"},
    ),
    "load has a rate": (
        PLAIN,
        {"release.gate_load_path": "/work"},
        {"release.gate_load_path": "/work", "release.gate_load": 1.0},
    ),
    "migration has a command": (
        PLAIN,
        {"release.migration.kind": "expand"},
        {"release.migration.kind": "expand", "release.migration.command": ["migrate"]},
    ),
    "hooks have a command": (
        PLAIN,
        {"release.hooks.on_halt.timeout": 5.0},
        {"release.hooks.on_halt.timeout": 5.0, "release.hooks.on_halt.command": ["page"]},
    ),
    "drain can end": (
        PLAIN,
        {"release.drain.reconnects_per_second": 1.6},
        {"release.drain.reconnects_per_second": 1.7},  # 5 + 1000 / 1.7 = 593 of 600
    ),
    "latency is below the timeout": (
        PLAIN,
        {"release.latency_limit": 2.1},
        {"release.latency_limit": 2.0},
    ),
    "url is given": (
        PLAIN,
        {"front_door.kind": "url"},
        {"front_door.kind": "url", "front_door.api_url": "https://api.example.com"},
    ),
    "sockets warn before they page": (
        PLAIN,
        {"observability.thresholds.websocket_ticket": 90.0},
        {"observability.thresholds.websocket_ticket": 89.0},
    ),
    "shares ascend": (
        PLAIN,
        {"cost.alert_percentages": [50, 100, 80]},
        {"cost.alert_percentages": [50, 80, 90, 100]},
    ),
    "emails are few": (
        PLAIN,
        {"cost.monthly_budget_usd": 9.0, "cost.alert_emails": [f"{n}@example.com" for n in range(11)]},
        {"cost.monthly_budget_usd": 9.0, "cost.alert_emails": [f"{n}@example.com" for n in range(10)]},
    ),
    "emails have a budget": (
        PLAIN,
        {"cost.alert_emails": ["finance@example.com"]},
        {"cost.alert_emails": ["finance@example.com"], "cost.monthly_budget_usd": 2000.0},
    ),
    "tags are told once": (
        PLAIN,
        {"aws.tags": {"cost-center": "7"}, "cost.cost_center": "7"},
        {"aws.tags": {"owner": "platform"}, "cost.cost_center": "7"},
    ),
    "groups have a grafana": (
        PLAIN,
        {"observability.grafana_admin_groups": [GROUP]},
        {"observability.grafana_admin_groups": [GROUP], "observability.grafana": "managed"},
    ),
    "existing cluster has its own shipper": (
        PLAIN,
        {**IN_A_VPC, **SHARED, **REACHED, "observability.log_shipper": "fluent_bit"},
        {**IN_A_VPC, **SHARED, **REACHED},
    ),
    "connections warn before they page": (
        PLAIN,
        {"observability.thresholds.database_connections_page": 70.0},
        {"observability.thresholds.database_connections_page": 71.0},
    ),
    "names fit": (
        Environment(name="a" * 17),
        {"application.name": "b" * 18},
        {"application.name": "b" * 17},
    ),
    "bucket name fits": (
        Environment(name="t"),
        {"application.name": "b" * 33, "aws.account_id": "123456789012"},
        {"application.name": "b" * 32, "aws.account_id": "123456789012"},
    ),
    "nodes are ordered": (
        PLAIN,
        {"cluster.nodes.min": 13},
        {"cluster.nodes.min": 12},
    ),
    "architecture fits": (
        PLAIN,
        {"cluster.nodes.instance_types": ["m7g.xlarge", "m7i.xlarge"]},
        {"cluster.nodes.instance_types": ["m7g.xlarge", "c7gn.large", "t4g.small", "im4gn.large"]},
    ),
    "storage can grow": (
        PLAIN,
        {"database.storage_gb": 455},
        {"database.storage_gb": 454},
    ),
    "network avoids services": (
        PLAIN,
        {"network.cidr": "172.20.128.0/17"},
        {"network.cidr": "172.21.0.0/16"},
    ),
    "peers do not overlap": (
        PLAIN,
        {"network.peered_cidrs": ["10.32.0.0/12"]},
        {"network.peered_cidrs": ["10.48.0.0/12", "192.168.0.0/16"]},
    ),
    "subnets are of a vpc": (
        PLAIN,
        {"network.existing.vpc_id": VPC, "network.existing.private_subnet_ids": SUBNETS},
        IN_A_VPC,
    ),
    "subnets cover the zones": (
        PLAIN,
        IN_A_VPC | {"network.zones": 2},
        IN_A_VPC | {"network.zones": 3},
    ),
    "subnets are in the same zones": (
        PLAIN,
        IN_A_VPC | {"network.existing.edge_subnet_ids": {"us-east-1d": "subnet-0a1b2c3d"}},
        IN_A_VPC | {"network.existing.edge_subnet_ids": SUBNETS},
    ),
    "subnets are in the region": (
        PLAIN,
        IN_A_VPC | {"aws.region": "us-east-2"},
        IN_A_VPC,
    ),
    "roles are named once": (
        PLAIN,
        {"cluster.admin_role_arns": [f"{ARN}x"], "cluster.auditor_role_arns": [f"{ARN}path/x"]},
        {"cluster.admin_role_arns": [f"{ARN}x"], "cluster.auditor_role_arns": [f"{ARN}path/y"]},
    ),
    "access is by list": (
        PLAIN,
        {"cluster.access": "public_allowlist"},
        {"cluster.access": "public_allowlist", "cluster.public_access_cidrs": ["198.51.100.0/24"]},
    ),
    "existing cluster is reached": (PLAIN, {**IN_A_VPC, **SHARED}, {**IN_A_VPC, **SHARED, **REACHED}),
    "existing cluster is in its network": (PLAIN, {**SHARED, **REACHED}, {**SHARED, **REACHED, **IN_A_VPC}),
    "existing cluster has its own rights": (
        PLAIN,
        {**IN_A_VPC, **SHARED, **REACHED, "cluster.operator_role_arns": [f"{ARN}x"]},
        {**IN_A_VPC, **SHARED, **REACHED},
    ),
    "existing registry is left alone": (
        PLAIN,
        {"registry.existing_url": REPOSITORY, "registry.keep_images": 30},
        {"registry.existing_url": REPOSITORY, "registry.enhanced_scanning": False, "registry.replicate": False},
    ),
    "images can be pulled": (
        PLAIN,
        {"registry.existing_url": REPOSITORY, "network.nat": "none", "aws.region": "us-east-2"},
        {"registry.existing_url": REPOSITORY, "network.nat": "none"},
    ),
    "regions differ": (PLAIN, {"aws.dr_region": "us-east-1"}, {"aws.dr_region": "us-east-2"}),
    "boundary is of the account": (
        PLAIN,
        {"aws.account_id": "111122223333", "aws.permissions_boundary_arn": "arn:aws:iam::444455556666:policy/edge"},
        {"aws.account_id": "111122223333", "aws.permissions_boundary_arn": "arn:aws:iam::aws:policy/PowerUserAccess"},
    ),
    "standards have what they judge": (
        PLAIN,
        {"security.services": ["security_hub"]},
        {"security.services": ["config", "security_hub"]},
    ),
    "regions are of one partition": (PLAIN, {"aws.dr_region": "us-gov-west-1"}, {"aws.dr_region": "us-west-1"}),
    "copies stay under the law": (
        PLAIN,
        {"security.compliance": ["gdpr"], "aws.region": "eu-central-1"},
        {"security.compliance": ["gdpr"], "aws.region": "eu-central-1", "aws.dr_region": "eu-west-1"},
    ),
    "archive comes after": (PLAIN, {"security.audit_archive_days": 365}, {"security.audit_archive_days": 366}),
    "lock ends before the archive": (
        PLAIN,
        {"security.object_lock_days": 2558},
        {"security.object_lock_days": 2557},
    ),
    "auditors find evidence": (
        PLAIN,
        {"security.compliance": ["soc2"], "security.audit_log_days": 180},
        {"security.compliance": ["gdpr"], "security.audit_log_days": 180},
    ),
    "services are named once": (
        PLAIN,
        {"security.services": ["config", "config"]},
        {"security.services": ["config"]},
    ),
    "subjects have a repository": (
        PLAIN,
        {"ci.subjects.push": ["repo:acme/agent:ref:refs/heads/main"]},
        {"ci.subjects.push": ["repo:acme/agent:ref:refs/heads/main"], "ci.repository": "acme/agent"},
    ),
    "pull requests change nothing": (
        with_value(PLAIN, "ci.repository", "acme/agent"),
        {"ci.subjects.apply": ["repo:a/b:pull_request"], "ci.subjects.plan": ["repo:a/b:pull_request"]},
        {"ci.subjects.apply": ["repo:a/b:environment:test"], "ci.subjects.plan": ["repo:a/b:pull_request"]},
    ),
    "backups fit the lock": (PLAIN, {"backup.keep_days": 6}, {"backup.keep_days": 7}),
    "copies fit the lock": (PLAIN, {"backup.copy_days": 366}, {"backup.copy_days": 365}),
    "continuous backups are short": (
        PLAIN,
        {"backup.continuous": True, "backup.keep_days": 36},
        {"backup.continuous": True, "backup.keep_days": 35},
    ),
    "recovery takes its time": (PRODUCTION, {"backup.rto_minutes": 119}, {"backup.rto_minutes": 120}),
    "recovery loses little": (PRODUCTION, {"backup.rpo_minutes": 29}, {"backup.rpo_minutes": 30}),
    "production tests its restores": (
        PRODUCTION,
        {"backup.restore_test": "none"},
        {"backup.restore_test": "weekly"},
    ),
    "tags are free": (
        PLAIN,
        {"aws.tags": {"managed-by": "me"}},
        {"aws.tags": {"owner": "me"}},
    ),
    "the application outlasts the load balancer": (
        PLAIN,
        {"edge.alb.idle_timeout": 310},
        {"edge.alb.idle_timeout": 309},
    ),
    "pings keep sockets open": (
        PLAIN,
        {"edge.alb.idle_timeout": 59},
        {"edge.alb.idle_timeout": 60},
    ),
    "load balancer outlasts cloudfront": (
        PLAIN,
        {"edge.alb.client_keep_alive": 60},
        {"edge.alb.client_keep_alive": 61},
    ),
    "requests end before the pod": (
        PLAIN,
        {"edge.api.deregistration_delay": 34},
        {"edge.api.deregistration_delay": 35},
    ),
    "sockets end before they are cut": (
        PLAIN,
        {"edge.websocket.deregistration_delay": 274},
        {"edge.websocket.deregistration_delay": 275},
    ),
    "health answers within the interval": (
        PLAIN,
        {"edge.health.timeout": 10},
        {"edge.health.timeout": 9},
    ),
    "public names differ": (
        PLAIN,
        {"edge.websocket_name": "api"},
        {"edge.websocket_name": "agents"},
    ),
    "certificate is at home": (
        PLAIN,
        {"edge.certificate_arn": f"{CERTIFICATE}/0", "aws.region": "eu-west-1"},
        {"edge.certificate_arn": f"{CERTIFICATE}/0", "aws.region": "us-east-1"},
    ),
    "cloudfront is there": (
        PLAIN,
        {"edge.waf.mode": "block", "edge.kind": "alb"},
        {"edge.waf.mode": "block", "edge.kind": "cloudfront"},
    ),
    "a public load balancer has subnets": (
        PLAIN,
        {**IN_A_VPC, "edge.kind": "alb"},
        {**IN_A_VPC, "edge.kind": "cloudfront"},
    ),
    "header is of a public origin": (
        PLAIN,
        {"edge.origin_header_version": 2},
        {"edge.origin_header_version": 2, "edge.origin": "public_alb"},
    ),
    "an address holds several users": (
        PLAIN,
        {"application.rate_limit_per_minute": 1001},
        {"application.rate_limit_per_minute": 1000},
    ),
    "production has a web acl": (PRODUCTION, {"edge.kind": "alb"}, {"edge.kind": "none"}),
    "production keeps its load balancer": (
        PRODUCTION,
        {"edge.alb.deletion_protection": False},
        {"edge.alb.deletion_protection": True},
    ),
    "production has three zones": (PRODUCTION, {"network.zones": 2, "application.agents": 10}, {"network.zones": 3}),
    "production has a nat a zone": (PRODUCTION, {"network.nat": "single"}, {"network.nat": "per_zone"}),
    "production has a standby": (PRODUCTION, {"database.multi_az": False}, {"database.multi_az": True}),
    "production keeps backups": (PRODUCTION, {"database.backup_days": 29}, {"database.backup_days": 30}),
    "cache version exists": (
        PLAIN,
        {"cache.engine": "redis"},
        {"cache.engine": "redis", "cache.engine_version": "7.1"},
    ),
    "production has a cache replica": (PRODUCTION, {"cache.replicas": 0}, {"cache.replicas": 1}),
    "production keeps snapshots": (PRODUCTION, {"cache.snapshot_days": 0}, {"cache.snapshot_days": 1}),
    "secrets are named once": (PLAIN, {"secrets.names": ["a", "b", "a"]}, {"secrets.names": ["a", "b"]}),
    "production can have secrets back": (PRODUCTION, {"secrets.recovery_days": 0}, {"secrets.recovery_days": 7}),
    "maintenance leaves room for the backup": (
        PLAIN,
        {"database.backup_window": "04:00-05:00"},
        {"database.backup_window": "04:00-04:30"},
    ),
    "production keeps backups elsewhere": (
        PRODUCTION,
        {"database.dr_backup_days": 29},
        {"database.dr_backup_days": 30},
    ),
    "production is protected": (
        PRODUCTION,
        {"database.deletion_protection": False},
        {"database.deletion_protection": True},
    ),
    "production keeps evidence": (PRODUCTION, {"cluster.log_days": 180}, {"cluster.log_days": 365}),
    "production is not open": (
        PRODUCTION,
        {"cluster.access": "public_allowlist", "cluster.public_access_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]},
        {"cluster.access": "public_allowlist", "cluster.public_access_cidrs": ["198.0.0.0/8"]},
    ),
    "production is approved": (PRODUCTION, {"ci.approvals": 0}, {"ci.approvals": 1}),
    "production knows its callers": (
        PRODUCTION,
        {"application.authentication": "disabled"},
        {"application.authentication": "required"},
    ),
    "production is real": (PRODUCTION, {"aws.emulated": True}, {"aws.emulated": False}),
}  # fmt: skip


def environment(case: tuple[Environment, dict[str, Any]]) -> Environment:
    made, values = case
    for path, value in values.items():
        made = with_value(made, path, value)
    return made


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in RULES} == CASES.keys()


def test_the_defaults_break_nothing() -> None:
    assert violations(PLAIN) == []
    assert violations(PRODUCTION) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_it_is_broken_by_its_case_alone(rule: Rule) -> None:
    start, wrong, _ = CASES[rule.name]
    found = violations(environment((start, wrong)))
    assert [finding.path for finding in found] == [rule.paths[0]]
    assert found[0].others == rule.paths[1:]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_nearest_good_case_holds(rule: Rule) -> None:
    start, _, right = CASES[rule.name]
    assert list(rule.findings(environment((start, right)))) == []


@pytest.mark.parametrize("rule", [r for r in RULES if "stage" in r.paths], ids=lambda rule: rule.name)
@pytest.mark.parametrize("stage", ["development", "staging"])
def test_production_rules_leave_other_stages_alone(rule: Rule, stage: str) -> None:
    start, wrong, _ = CASES[rule.name]
    assert not list(rule.findings(environment((with_value(start, "stage", stage), wrong))))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_it_reads_no_key_that_it_does_not_name(rule: Rule) -> None:
    """Else it would be judged while that key is known to be wrong."""
    start, wrong, _ = CASES[rule.name]
    broken = environment((start, wrong))
    expected = list(rule.findings(broken))
    for path, key in keys().items():
        if path not in rule.paths:
            other = with_value(broken, path, another(value_at(broken, path), key.type))
            assert list(rule.findings(other)) == expected, f"{rule.name} reads {path}"


@pytest.mark.parametrize(
    ("rule", "path"), [(r, path) for r in RULES for path in r.paths], ids=lambda each: getattr(each, "name", each)
)
def test_it_is_left_out_while_one_of_its_keys_is_wrong(rule: Rule, path: str) -> None:
    start, wrong, _ = CASES[rule.name]
    section, entry = path.partition(".")[0], f"{path}.entry"
    for unreliable in (path, section, entry):
        assert rule.paths[0] not in {f.path for f in violations(environment((start, wrong)), {unreliable})}


def test_a_list_that_nobody_is_to_come_from_is_a_mistake() -> None:
    found = violations(with_value(PLAIN, "cluster.public_access_cidrs", ["198.51.100.0/24"]))
    assert [(finding.path, finding.others) for finding in found] == [
        ("cluster.access", ("cluster.public_access_cidrs",))
    ]


def test_an_address_without_use_is_a_mistake() -> None:
    found = violations(with_value(PLAIN, "front_door.api_url", "https://api.example.com"))
    assert [finding.message for finding in found] == ["has no effect: front_door.kind is service_proxy"]


def test_behind_cloudfront_the_load_balancer_has_a_name_of_its_own() -> None:
    found = violations(with_value(PLAIN, "edge.api_name", "origin"))
    assert [finding.message for finding in found] == [
        "origin is the load balancer's own name behind CloudFront; choose another"
    ]


@pytest.mark.parametrize(
    ("dr_backup_days", "copy_days", "rpo", "said"),
    [
        (7, 0, 30, None),
        (7, 0, 29, "29 min cannot be kept: what is in the DR region is up to 30 min old"),
        (0, 7, 30, "30 min cannot be kept: what is in the DR region is up to 1440 min old"),
        (0, 0, 10080, "10080 min cannot be kept: no backup leaves the home region"),
    ],
)
def test_what_may_be_lost_follows_from_what_leaves_the_region(
    dr_backup_days: int, copy_days: int, rpo: int, said: str | None
) -> None:
    given = {"database.dr_backup_days": dr_backup_days, "backup.copy_days": copy_days, "backup.rpo_minutes": rpo}
    found = [each.message for each in violations(environment((PRODUCTION, given))) if each.path == "backup.rpo_minutes"]
    assert found == ([] if said is None else [said])


def test_an_unknown_class_gets_no_verdict() -> None:
    unknown = with_value(with_value(PLAIN, "database.instance_class", "db.x2g.large"), "database.pool_max", 100)
    assert violations(unknown) == []


@pytest.mark.parametrize(("agents", "broken"), [(13, True), (14, False)])
def test_of_a_split_application_the_agents_pods_have_to_hold_all_agents(agents: int, broken: bool) -> None:
    """The API's pods take none, however many there are."""
    split = with_value(with_value(PLAIN, "workloads.split", True), "workload.replicas", 4)
    found = [each.message for each in violations(with_value(split, "workloads.agents.replicas", agents))]
    assert any("1000 agents need 1.4 x as many" in message for message in found) is broken


def test_nothing_is_asked_of_a_cache_that_there_is_not() -> None:
    none = with_value(PRODUCTION, "cache", Cache(enabled=False, replicas=0, snapshot_days=0))
    assert violations(none) == []
