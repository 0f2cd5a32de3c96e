"""Looking for drift on a Terraform in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from infra_fakes import Site, shown

from opsctl.console.drift_text import drift_data
from opsctl.core.account import Caller
from opsctl.core.drift.memory import Memory, Seen
from opsctl.core.environment import Ignored
from opsctl.errors import Refused
from opsctl.flows.drift import look_for_drift

VPC = "module.network.aws_vpc.this"
DAY = 86_400.0


@dataclass
class FakeMemory:
    kept: dict[str, Seen] = field(default_factory=dict)

    def load(self) -> Memory:
        return self.kept

    def save(self, memory: Memory) -> None:
        self.kept = dict(memory)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def by_hand(site: Site, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    """Somebody made `found` of what the configuration wants."""
    site.stack.showing = {
        "resource_changes": [shown(VPC, ["update"], before=found, after=wanted)],
        "resource_drift": [shown(VPC, ["update"], before=wanted, after=found)],
    }


def test_nothing_is_compared_with_a_state_that_was_not_stored(site: Site) -> None:
    site.stack.left_behind = True
    with pytest.raises(Refused, match="is not stored yet") as error:
        look_for_drift(site.ports, {}, FakeMemory())
    assert (error.value.hint, site.stack.calls) == ("opsctl plan stores it", ["prepare"])


def test_nothing_is_asked_of_a_foreign_account(site: Site) -> None:
    site.account.found = Caller("999999999999", "arn:aws:sts::999999999999:assumed-role/admin/ana")
    with pytest.raises(Refused, match="another account"):
        look_for_drift(site.ports, {}, FakeMemory())
    assert site.stack.calls == []


def test_it_takes_no_lock_and_leaves_no_plan(site: Site) -> None:
    by_hand(site, {"enable_dns": True}, {"enable_dns": False})
    report = look_for_drift(site.ports, {}, FakeMemory())
    assert [(each.address, each.attribute) for each in report.found.open] == [(VPC, "enable_dns")]
    assert report.matters
    assert report.pending.empty
    assert "plan without lock" in site.stack.calls
    assert not site.plans.scratch().exists()


def test_a_plan_that_fails_leaves_no_file_either(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.stack, "show", lambda file: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        look_for_drift(site.ports, {}, FakeMemory())
    assert not site.plans.scratch().exists()


def test_what_is_cosmetic_is_told_and_does_not_matter(site: Site) -> None:
    by_hand(site, {"tags": {"owner": "a"}}, {"tags": {"owner": "b"}})
    report = look_for_drift(site.ports, {}, FakeMemory())
    assert len(report.found.open) == 1
    assert not report.matters


def test_it_is_remembered_since_when_and_told_once_it_is_gone(site: Site) -> None:
    memory = FakeMemory()
    by_hand(site, {"enable_dns": True}, {"enable_dns": False})
    first = look_for_drift(site.ports, {}, memory)
    site.time += DAY
    second = look_for_drift(site.ports, {}, memory)
    [number] = [each.id for each in second.found.open]
    assert number == first.found.open[0].id
    assert second.seen[number].last - second.seen[number].first == DAY
    [told] = drift_data(second)["findings"]
    assert (told["first_seen"], told["last_seen"]) == (site.time - DAY, site.time), "as numbers, like all times in JSON"
    site.stack.showing = {}
    third = look_for_drift(site.ports, {}, memory)
    assert [(seen.address, seen.attribute) for seen in third.resolved] == [(VPC, "enable_dns")]
    assert look_for_drift(site.ports, {}, memory).resolved == ()


def test_a_rule_lets_it_be_up_to_its_last_day(site: Site) -> None:
    by_hand(site, {"enable_dns": True}, {"enable_dns": False})
    rules = {"known": Ignored(VPC, "enable_dns", "a migration is under way", "1970-01-12")}  # the clock is on that day
    on_the_day = look_for_drift(site.ports, rules, FakeMemory())
    assert (on_the_day.found.open, on_the_day.found.expired, on_the_day.matters) == ((), (), False)
    assert list(on_the_day.found.ignored.values()) == ["known"]
    site.time += DAY
    after = look_for_drift(site.ports, rules, FakeMemory())
    assert (len(after.found.open), after.found.expired, after.matters) == (1, ("known",), True)


def test_without_a_state_bucket_there_is_nothing_to_compare(site: Site) -> None:
    site.bucket.there = False
    with pytest.raises(Refused, match="nothing to compare"):
        look_for_drift(site.ports, {}, FakeMemory())
