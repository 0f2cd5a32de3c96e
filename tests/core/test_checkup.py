from __future__ import annotations

import pytest

from opsctl.core.checkup import Level, judge_account, judge_clock, judge_skew, judge_version


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


@pytest.mark.parametrize(
    ("found", "level"), [("1.32.4", Level.WARN), ("1.34", Level.OK), ("1.36.0", Level.OK), ("1.37.1", Level.WARN)]
)
def test_kubectl_goes_with_a_cluster_one_minor_version_apart(found: str, level: Level) -> None:
    finding = judge_skew(judge_version("kubectl", found, (1, 30), "install it"), "1.35")
    assert (finding.level, finding.detail.startswith(found)) == (level, True)
    assert ("install kubectl 1.35" in finding.remedy) is (level is Level.WARN)


def test_a_kubectl_that_is_too_old_anyway_is_told_once() -> None:
    old = judge_version("kubectl", "1.20.1", (1, 30), "install it")
    assert judge_skew(old, "1.35") is old


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
