from __future__ import annotations

import pytest

from opsctl.core.checkup import Level, judge_account, judge_clock, judge_version


@pytest.mark.parametrize(
    ("found", "level", "detail"),
    [
        ("Terraform v1.11.4\non linux_amd64", Level.OK, "1.11.4"),
        ("Terraform v1.9.8", Level.FAIL, "1.9.8 is too old, 1.11 is needed"),
        ("v1.11", Level.OK, "1.11"),
        ("what?", Level.WARN, "says no version: 'what?'"),
    ],
)
def test_a_version_is_the_first_dotted_number(found: str, level: Level, detail: str) -> None:
    finding = judge_version("terraform", found, (1, 11), "install it")
    assert (finding.level, finding.detail) == (level, detail)


@pytest.mark.parametrize(("skew", "level"), [(0.4, Level.OK), (-2.5, Level.WARN), (30, Level.FAIL), (-30, Level.FAIL)])
def test_clocks_that_differ_endanger_the_lock(skew: float, level: Level) -> None:
    assert judge_clock(skew).level is level


def test_the_wrong_account_fails_and_says_both() -> None:
    finding = judge_account("111111111111", "222222222222", "arn:aws:iam::222222222222:user/ana")
    assert finding.level is Level.FAIL
    assert "222222222222" in finding.detail
    assert "111111111111" in finding.detail


def test_an_open_account_is_only_told() -> None:
    assert judge_account(None, "222222222222", "arn:aws:iam::222222222222:user/ana").detail == "222222222222 as ana"
