"""The declaration read back: every key with its type in words, its default and its meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le, Len, MinLen, Predicate

from opsctl.core import formats
from opsctl.core.environment import Environment, Migration
from opsctl.core.keys import describe, keys, sections, value_at, with_value


def test_every_key_has_a_meaning_and_a_type_in_words() -> None:
    assert all(key.meaning.endswith(".") and key.allowed for key in keys().values())


def test_defaults_are_those_of_an_environment_that_says_nothing() -> None:
    bare = Environment(name="x")
    assert {path: key.default for path, key in keys().items()} == {path: value_at(bare, path) for path in keys()}


def test_a_section_is_no_key() -> None:
    assert "cluster.nodes" in sections()
    assert not sections() & keys().keys()


@pytest.mark.parametrize("path", ["stage", "network.cidr", "cluster.nodes.min"])
def test_one_key_is_replaced_and_nothing_else(path: str) -> None:
    bare = Environment(name="x")
    changed = with_value(bare, path, "new")
    assert value_at(changed, path) == "new"
    assert with_value(changed, path, value_at(bare, path)) == bare


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int, "whole number"),
        (Annotated[int, Ge(1)], "whole number, at least 1"),
        (Annotated[float, Ge(0.1), Le(60)], "number, 0.1 … 60"),
        (Annotated[str, Len(12, 12)], "text, 12 characters"),
        (Annotated[str, Len(1, 40), Predicate(formats.digits)], "text, 1 … 40 characters: digits only"),
        (Annotated[str, Predicate(formats.cpu)], str(formats.cpu.__doc__)),
        (Annotated[list[bool], MinLen(1)], "list; each: true or false, at least one"),
        (dict[str, int], "mapping; each key: text; each value: whole number"),
        (Literal["a", "b"], "one of a, b"),
        (
            Migration,
            "{kind: one of none, expand, contract; command: list; each: text that is not empty; "
            "deadline: number, 1 … 7200}",
        ),
    ],
)
def test_types_in_words(kind: Any, words: str) -> None:
    assert describe(kind) == words


@pytest.mark.parametrize(
    ("judge", "good", "bad"),
    [
        (formats.dns_label, ["a", "ai-agent-sdk", "a1"], ["", "A", "1a", "a-", "-a", "a--b", "a_b", "ä", "a\n"]),
        (formats.digits, ["123456789012"], ["", "12a", "١٢"]),
        (formats.region, ["us-east-1", "us-gov-west-1"], ["useast1", "US-EAST-1", "us-east-1a"]),
        (formats.zone, ["us-east-1a", "us-gov-west-1b"], ["us-east-1", "a", "", "us-east-1A", "us-east-1-bos-1a"]),
        (formats.vpc_id, ["vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f67890"], ["vpc-", "vpc-xyz12345", "0a1b2c3d"]),
        (formats.subnet_id, ["subnet-0a1b2c3d4e5f67890"], ["subnet-1", "vpc-0a1b2c3d4e5f67890"]),
        (formats.bucket, ["abc", "a.b-c"], ["A", "-ab", "ab-", "a..b", "a_b"]),
        (formats.object_key, ["a/b"], ["", "/a"]),
        (formats.vpc_range, ["10.0.0.0/16", "10.0.0.0/20"],
         ["10.0.0.0/15", "10.0.0.0/21", "10.0.0.1/16", "10.0.0.0", "::/16", "x"]),
        (formats.ip_range, ["0.0.0.0/0", "203.0.113.0/24", "2001:db8::/32"],
         ["203.0.113.7/24", "203.0.113.0", "x/8", "10.0.0.0/255.0.0.0"]),
        (formats.ipv4_range, ["10.50.0.0/16", "10.50.0.7/32"], ["2001:db8::/32", "10.50.0.7", "10.50.0.1/16"]),
        (formats.retention, [1, 365, 3653], [0, 2, 100]),
        (formats.instance_type, ["m7g.xlarge", "u-6tb1.metal"], ["m7g", "M7g.large", ".large"]),
        (formats.database_class, ["db.m7g.xlarge"], ["m7g.xlarge", "db.", "db.m7g"]),
        (formats.cache_type, ["cache.m7g.large"], ["m7g.large", "cache.", "cache.m7g"]),
        (formats.database_name, ["ai_agent_sdk", "x"], ["_x", "1x", "a-b", ""]),
        (formats.daily_window, ["03:00-04:00", "23:45-00:15"],
         ["", "03:00-03:20", "03:00-03:00", "3:00-4:00", "24:00-25:00", "03:00-04:00\n"]),
        (formats.weekly_window, ["sun:04:30-sun:05:30", "sun:23:45-mon:00:15", "mon:03:00-tue:03:00"],
         ["", "sun:04:30-sun:04:40", "sun:04:30-tue:04:30", "day:04:30-day:05:30", "04:30-05:30",
          "sun:05:30-sun:04:30"]),
        (formats.database_user, ["app", "_x1", "postgres"],
         ["", "App", "a-b", "1a", "postgres_admin", "pg_x", "rdsadmin"]),
        (formats.kubernetes_minor, ["1.35"], ["1.3", "1.35.1", "2.10", "v1.35"]),
        (formats.cluster_name, ["a", "Prod_1", "1-a"], ["", "-a", "a.b", "a b"]),
        (formats.addon, ["vpc-cni", "metrics-server", "aws-ebs-csi-driver"], ["", "vpc", "cni", "cert-manager"]),
        (formats.addon_version, ["v1.20.4-eksbuild.1", "v1.11.3"], ["1.20.4", "latest", "v1", ""]),
        (formats.policy_arn, ["arn:aws:iam::123456789012:policy/a/b", "arn:aws:iam::aws:policy/PowerUserAccess"],
         ["arn:aws:iam::123456789012:role/a", "boundary"]),
        (formats.role_arn, ["arn:aws:iam::123456789012:role/a/b"],
         ["arn:aws:iam::12:role/a", "arn:aws:iam::123456789012:user/a"]),
        (formats.domain, ["aiagentdevteam.com", "staging.a-b.co.uk"],
         ["com", "A.com", "a..com", "-a.com", "a_b.com", "a.com.", "a." * 100 + "com"]),
        (formats.zone_id, ["Z0123456789ABCDEFGHIJ"], ["", "Z", "X123", "z123", "/hostedzone/Z1"]),
        (formats.certificate_arn, ["arn:aws:acm:eu-west-1:123456789012:certificate/0a-1"],
         ["arn:aws:iam::123456789012:server-certificate/x", "arn:aws:acm:eu-west-1:12:certificate/0", "0a-1"]),
        (formats.cdn_certificate_arn, ["arn:aws:acm:us-east-1:123456789012:certificate/0a-1"],
         ["arn:aws:acm:eu-west-1:123456789012:certificate/0a-1", "us-east-1"]),
        (formats.header, ["x-api-key"], ["", "X-Api-Key", "a b", "-a", "a:"]),
        (formats.slow_start, [0, 30, 900], [1, 29, 901, -1]),
        (formats.repository, ["acme/agent", "a/b.c_d-e"], ["agent", "acme/", "/x", "a/b/c", "acme/agent\n"]),
        (formats.oidc_subject,
         ["repo:acme/agent:pull_request", "repo:acme-1/agent-2:ref:refs/heads/main", "repo:a/b:environment:prod"],
         ["acme/agent", "repo:acme/agent", "repo:acme/*:pull_request", "repo:acme/agent:*", "repo:acme/agent:ref:?"]),
        (formats.url_path, ["/", "/health"], ["health", "/a b", "/a?x=1", ""]),
        (formats.http_url, ["https://api.example.com", "http://a:8000/x"],
         ["ftp://a", "https://", "a.com", "https://a b"]),
        (formats.webhook,
         ["https://hooks.example.com/T0/B1?x=1", "http://127.0.0.1:8080", "http://localhost/", "http://10.1.2.3"],
         ["http://hooks.example.com/", "https://", "https://u:p@a.com/", "https://a b", "ftp://a", "http://8.8.8.8/"]),
        (formats.email, ["oncall@example.com", "a.b+c@x-y.example.co"],
         ["", "a", "a@b", "@example.com", "a b@example.com", "a@example.com\n", "a@-x.com"]),
        (formats.group_id, ["90676e5b-1c2d-4f3a-8b4c-5d6e7f809112", "906760e8f0-90676e5b-1c2d-4f3a-8b4c-5d6e7f809112"],
         ["", "admins", "90676E5B-1c2d-4f3a-8b4c-5d6e7f809112", "90676e5b-1c2d-4f3a-8b4c"]),
        (formats.topic_arn, ["arn:aws:sns:us-east-1:123456789012:releases"],
         ["arn:aws:sqs:us-east-1:123456789012:x", "arn:aws:sns:us-east-1:12:x", "releases"]),
        (formats.ecr_url,
         ["123456789012.dkr.ecr.us-east-1.amazonaws.com/a", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/a/b-c_d",
          "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a"],
         ["", "a/b", "123456789012.dkr.ecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
          "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/a", "12.dkr.ecr.us-east-1.amazonaws.com/a",
          "123456789012.dkr.ecr.us-east-1.amazonaws.com/A", "123456789012.dkr.ecr.us-east-1.example.com/a"]),
        (formats.image, ["a:1", "r.io/a/b:1", "a@sha256:" + "0" * 64], ["", "A:1", "a b", "a@sha256:12"]),
        (formats.cpu, ["500m", "2", "0.5"], ["", "0", "0.0", "-1", "0m", "lots"]),
        (formats.memory, ["512Mi", "1Gi"], ["", "1", "0Mi", "1G", "1.5Gi"]),
        (formats.variable, ["LOG_LEVEL", "_x1"], ["1X", "A-B", ""]),
        (formats.object_name, ["agent-db-v7", "a.b", "7"], ["", "A", "a_b", "-a", "a-", "a..b", "a\n"]),
        (formats.recovery_days, [0, 7, 30], [-1, 1, 6, 31]),
        (formats.secret_key, ["url", "tls.crt", "A_b-1"], ["", "a b", "a/b", ".", "..", "ä"]),
        (formats.tag_value, ["", "Müller und Co", "a@b.example:/=+-_ 1"], ["R&D", "a;b", "a\nb"]),
        (formats.tag, ["owner", "a/b"], ["", "aws:x", "AWS:x", "x" * 129]),
        (formats.series, ["http_requests_total", "a:b"], ["1a", "a-b"]),
        (formats.query, ["prometheus: sum(rate(errors[1m])) < 0.5", "prometheus: a > 1 >= -2e3",
                         "cloudwatch: AWS/ELB Errors Sum LoadBalancer=app/x/1 <= 10", "cloudwatch: A B Average > 1"],
         ["", "up < 1", "prometheus: up", "prometheus: < 1", "prometheus: up < x", "cloudwatch: A B < 1",
          "cloudwatch: A B Median < 1", "cloudwatch: A B Sum dimension < 1"]),
        (formats.some, ["x"], ["", "  "]),
        (formats.day, ["2026-12-31"], ["", "2026-2-3", "2026-02-30", "tomorrow", "2026-12-31T00:00"]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_formats(judge: Any, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not judge(value)] == []
    assert [value for value in bad if judge(value)] == []
