"""What `config check` mentions without failing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opsctl.core.advice import advice
from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment
from opsctl.core.keys import with_value

TODAY = date(2026, 11, 22)
PLAIN = Environment(name="test", aws=Aws(account_id="123456789012"))


def test_the_defaults_need_no_advice() -> None:
    assert advice(PLAIN, TODAY) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("application.environment", {"LOG": "x", "DB_PASSWORD": "x"}, "DB_PASSWORD: looks like a secret"),
        ("cluster.version", "1.31", "paid extended support, which ends on 2026-11-26"),
        ("cluster.version", "1.34", "standard support of 1.34 ends on 2026-12-02"),
        ("cluster.version", "1.36", "no verdict on 1.36"),
        ("database.instance_class", "db.x2g.large", "no verdict on connections"),
        ("aws.account_id", None, "still open"),
        ("release.bake_seconds", 0.0, "nobody watches"),
        ("release.standby", 0, "minutes instead of seconds"),
    ],
)
def test_advice(path: str, value: Any, words: str) -> None:
    [found] = advice(with_value(PLAIN, path, value), TODAY)
    assert found.path == path
    assert words in found.message


def test_nodes_without_a_way_to_aws_are_mentioned() -> None:
    closed = with_value(PLAIN, "network.nat", "none")
    [found] = advice(with_value(closed, "network.endpoints", "standard"), TODAY)
    assert (found.path, "nodes cannot pull images" in found.message) == ("network.endpoints", True)
    assert advice(closed, TODAY) == []
    assert advice(derive(closed)[0], TODAY) == []


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 12, 26), None),
        (date(2026, 12, 27), "plan the upgrade"),
        (date(2027, 3, 27), "plan the upgrade"),
        (date(2027, 3, 28), "paid extended support"),
        (date(2028, 3, 27), "paid extended support"),
        (date(2028, 3, 28), "AWS upgrades it by itself"),
    ],
)
def test_a_version_grows_old(today: date, words: str | None) -> None:
    found = [finding.message for finding in advice(with_value(PLAIN, "cluster.version", "1.35"), today)]
    assert (words is None and not found) or (words is not None and words in found[0])


@pytest.mark.parametrize(
    ("key", "value"), [("page_emails", ["pager@example.com"]), ("page_webhook", "https://pager.example.com/aws")]
)
def test_production_pages_somebody(key: str, value: Any) -> None:
    live = with_value(PLAIN, "stage", "production")
    assert [found.path for found in advice(live, TODAY)] == ["observability.alerts.page_emails"]
    assert advice(with_value(live, f"observability.alerts.{key}", value), TODAY) == []
